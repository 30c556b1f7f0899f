using System;

namespace ObjectStore.Sim.World;

/// <summary>What a simulated disk is like when it is healthy.</summary>
public sealed record SimDiskOptions
{
    /// <summary>The unit that is written atomically: 512, 1024, 2048 or 4096. Small ones tear more.</summary>
    public int SectorSizeBytes { get; init; } = 4096;

    /// <summary>Size of the file system.</summary>
    public long CapacityBytes { get; init; } = 1L << 40;

    /// <summary>Shortest time of a read or write.</summary>
    public TimeSpan LatencyMin { get; init; } = TimeSpan.FromMicroseconds(20);

    /// <summary>Longest time of a read or write.</summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>A sync takes this many times as long.</summary>
    public int SyncLatencyFactor { get; init; } = 5;

    /// <summary>Of a million requests, how many are done before the call returns, as when the thread that asked was held up meanwhile: who awaits them goes on in the same turn.</summary>
    public int AtOncePerMillion { get; init; }

    /// <summary>The same disk; in half of the runs some or most of its requests are done at once.</summary>
    public SimDiskOptions WithDrawnPace(IChoices choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        return this with { AtOncePerMillion = choices.OneOf("shape.at-once", 0, 0, 300_000, 700_000) };
    }
}
