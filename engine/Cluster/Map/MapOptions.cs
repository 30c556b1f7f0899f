using System;

namespace ObjectStore.Engine.Cluster;

/// <summary>Times of the cluster map: the same on every node.</summary>
public sealed record MapOptions
{
    /// <summary>Between two beats of a node.</summary>
    public TimeSpan BeatInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a beat may take before another node is asked for the leader.</summary>
    public TimeSpan BeatTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a map command may take.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a node is down: it is neither read nor written.</summary>
    public TimeSpan DownAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a disk may be down before its shards are built again elsewhere. A zone that is down as a whole is waited for.</summary>
    public TimeSpan OutAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a gateway may serve after it asked for its lease.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How much faster or slower than true time any clock may run: leases are shortened and waited out by it.</summary>
    public int ClockDriftPerMillion { get; init; } = 10_000;

    /// <summary>Between two looks of the leader.</summary>
    public TimeSpan KeepInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Slots that one command moves.</summary>
    public int MovesMax { get; init; } = 256;

    /// <summary>Groups that are not clean, beyond which nothing is moved just to even out.</summary>
    public int UnsettledGroupsMax { get; init; } = 64;
}
