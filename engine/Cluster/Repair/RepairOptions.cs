using System;

namespace ObjectStore.Engine.Cluster;

/// <summary>Paces of repair.</summary>
public sealed record RepairOptions
{
    /// <summary>Bytes that repair, rebalancing and healing read and write together, on each node.</summary>
    public long BytesPerSecond { get; init; } = 200L << 20;

    /// <summary>Groups that one node works on at a time.</summary>
    public int PassesPerNode { get; init; } = 2;

    /// <summary>Between two looks of the coordinator.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Rest before a group that could not be finished is tried again.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node may be silent about a pass before another one goes on with it.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>One call of a pass.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Shards that one disk lists at a time.</summary>
    public int ListMax { get; init; } = 2048;

    /// <summary>Blobs that the metadata lists at a time.</summary>
    public int BlobsMax { get; init; } = 512;

    /// <summary>Time in which every group is looked at once, dirty or not.</summary>
    public TimeSpan SweepPeriod { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Between two rounds over shards that are on disks which are not theirs any more.</summary>
    public TimeSpan StrayInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between two looks for damage that was found on this node's disks.</summary>
    public TimeSpan HealInterval { get; init; } = TimeSpan.FromSeconds(5);
}
