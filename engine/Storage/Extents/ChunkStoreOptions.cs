using System;

namespace ObjectStore.Engine.Storage;

/// <summary>How a <see cref="ChunkStore"/> lays out and looks after its extents. The defaults suit a disk of 100 GB and more.</summary>
public sealed record ChunkStoreOptions
{
    /// <summary>Size of an extent file; room for at least two full chunks; a multiple of 4096. May change between runs.</summary>
    public long ExtentSizeBytes { get; init; } = 256L << 20;

    /// <summary>Data bytes of a full chunk, 4096 to 1 MiB, a multiple of 4096. May change between runs.</summary>
    public int ChunkSizeBytes { get; init; } = 1 << 20;

    /// <summary>Disk space that only rows and reclamation may take, so that a full disk can still be cleaned; above <see cref="OrderedStoreOptions.ReserveBytes"/>,
    /// so that a disk full of bodies still takes small objects.</summary>
    public long ReserveBytes { get; init; } = 640L << 20;

    /// <summary>Garbage in a sealed extent, in percent of its size, from which on its live frames are moved away.</summary>
    public int ReclaimGarbagePercent { get; init; } = 40;

    /// <summary>Frames that reclamation copies between two syncs.</summary>
    public int ReclaimBatchFrames { get; init; } = 16;

    /// <summary>Rest of the reclaimer when it has nothing to do or failed.</summary>
    public TimeSpan ReclaimPollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time in which every published frame is read and verified once.</summary>
    public TimeSpan ScrubPeriod { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Frames that the scrubber verifies between two writes of its position.</summary>
    public int ScrubCheckpointFrames { get; init; } = 256;

    /// <summary>Verified frame headers that are remembered, so that a small read needs one disk access; a power of two.</summary>
    public int HeaderCacheEntries { get; init; } = 4096;

    /// <summary>Most bytes of idle buffers to keep.</summary>
    public long IdleBufferBytesMax { get; init; } = 64L << 20;

    internal void Check()
    {
        if (ChunkSizeBytes is < 4096 or > FrameHeader.DataSizeBytesMax || ChunkSizeBytes % 4096 != 0)
        {
            throw new ArgumentException($"chunk size {ChunkSizeBytes}");
        }

        if (ExtentSizeBytes < 2L * FrameHeader.FrameSizeBytes(ChunkSizeBytes) || ExtentSizeBytes % 4096 != 0)
        {
            throw new ArgumentException($"extent size {ExtentSizeBytes}");
        }

        if (ReclaimGarbagePercent is < 1 or > 100 || ReclaimBatchFrames < 1 || ScrubCheckpointFrames < 1 || ReserveBytes < 0
            || HeaderCacheEntries < 1 || (HeaderCacheEntries & (HeaderCacheEntries - 1)) != 0)
        {
            throw new ArgumentException("option out of range");
        }
    }
}
