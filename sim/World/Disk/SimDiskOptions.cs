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
}
