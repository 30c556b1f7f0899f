using System;

namespace ObjectStore.Engine.Cluster;

/// <summary>Patience and bounds of chunk I/O.</summary>
public sealed record ChunkIoOptions
{
    /// <summary>Bytes of a full chunk; with k = 1 a shard with its header must still fit into a frame of the disks.</summary>
    public int ChunkSizeBytes { get; init; } = 1 << 20;

    /// <summary>One attempt to put a shard.</summary>
    public TimeSpan PutTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From the start of a write to giving it up.</summary>
    public TimeSpan WriteDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a write that has enough shards waits for the rest.</summary>
    public TimeSpan LatePatience { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes of late shards that may still be on their way behind writes that have ended; beyond it writes wait for all their shards.</summary>
    public long LateBytesMax { get; init; } = 64L << 20;

    /// <summary>One attempt to read a shard.</summary>
    public TimeSpan GetTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From the start of a read to giving it up.</summary>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A read waits this part of all reads out before it asks further disks.</summary>
    public double HedgeQuantile { get; init; } = 0.95;

    /// <summary>Shortest wait before further disks are asked.</summary>
    public TimeSpan HedgeMin { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Longest wait before further disks are asked.</summary>
    public TimeSpan HedgeMax { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Rest between attempts.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>One attempt to delete shards.</summary>
    public TimeSpan DeleteTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most bytes of idle buffers to keep.</summary>
    public long IdleBufferBytesMax { get; init; } = 64L << 20;
}
