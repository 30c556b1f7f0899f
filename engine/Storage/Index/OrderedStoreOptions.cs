using System;

namespace ObjectStore.Engine.Storage;

/// <summary>Numbers that an operator may tune. The defaults suit a node with some gigabytes of memory; simulations use small ones.</summary>
public sealed record OrderedStoreOptions
{
    /// <summary>The active memtable is closed and flushed when its keys, values and bookkeeping take this much; its filter takes a 64th more, and the copied head of each key 16 bytes.</summary>
    public long MemtableBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Closed memtables that wait for their flush before <c>WaitForRoomAsync</c> holds writers back.</summary>
    public int FlushBacklogMax { get; init; } = 2;

    /// <summary>Decoded blocks, filters and indexes of runs that are kept in memory.</summary>
    public long BlockCacheBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Size of a preallocated log segment; a multiple of 4096. Bounds <see cref="BatchBytesMax"/>.</summary>
    public int LogSegmentBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Largest batch, in bytes as the log holds it: keys, values and up to 9 bytes for each operation. <c>Apply</c> refuses a larger one.</summary>
    public long BatchBytesMax => (LogSegmentBytes / 2) - LogGroupHeader.SizeBytes;

    /// <summary>How long nothing must have been written before the log is sealed: a write and a sync that nobody waits for, after which rot in the
    /// last group can be told from a torn write.</summary>
    public TimeSpan LogSealDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time in which rows, log, manifest and superblock are read back and verified once.</summary>
    public TimeSpan ScrubPeriod { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Log segments that the active memtable may span before it is flushed, however small it is.</summary>
    public int LogSegmentsPerMemtable { get; init; } = 4;

    /// <summary>Emptied log segments that are kept for reuse: overwriting allocated space syncs faster than growing a file.</summary>
    public int LogSegmentsSpareMax { get; init; } = 2;

    /// <summary>A group of batches is closed at this size; one larger batch makes one larger group.</summary>
    public int GroupBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Bytes of batches that wait for the log before <c>WaitForRoomAsync</c> holds writers back.</summary>
    public long LogBacklogBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>A block of rows, and a part of the index, is closed at this size: what a lookup reads from the disk, of either, when it is not cached.</summary>
    public int BlockBytes { get; init; } = 4 * 1024;

    /// <summary>A run is closed at this size (flushes are not cut).</summary>
    public long RunBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>A run is closed, too, when the runs of the next level between its first row and its last come to this many times <see cref="RunBytes"/>: what merging it there
    /// will read and need room for. A full disk has little, and a run of deletions reaches far.</summary>
    public int RunReachMax { get; init; } = 4;

    /// <summary>Runs in level 0 that start a compaction.</summary>
    public int LevelZeroRunsMin { get; init; } = 4;

    /// <summary>Runs in level 0 at which <c>WaitForRoomAsync</c> holds writers back.</summary>
    public int LevelZeroRunsMax { get; init; } = 16;

    /// <summary>Bytes that level 1 may hold.</summary>
    public long LevelOneBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>How much more each further level may hold.</summary>
    public int LevelGrowth { get; init; } = 10;

    /// <summary>One row of runs in this many may be a deletion; when more are, runs with deletions are merged down until fewer are, however small they are.</summary>
    public int DeletionShareMax { get; init; } = 4;

    /// <summary>Filter bits per key: 10 gives about 1 % needless block reads.</summary>
    public int FilterBitsPerKey { get; init; } = 10;

    /// <summary>A new manifest is begun when the current one has grown by this much.</summary>
    public int ManifestBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long to wait before trying again after the disk was found full.</summary>
    public TimeSpan FullRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Free space from which down only batches that lead to space being freed are let in; at most a sixteenth of the disk. Room for a compaction,
    /// or the space of deleted rows cannot be got back.</summary>
    public long ReserveBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>At most one part in this many of a disk is kept back.</summary>
    internal const int ReserveShareMax = 16;

    internal void Validate()
    {
        const int align = 4096;
        ArgumentOutOfRangeException.ThrowIfLessThan(MemtableBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FlushBacklogMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogSegmentBytes, 4 * align);
        ArgumentOutOfRangeException.ThrowIfNotEqual(LogSegmentBytes % align, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogSegmentsPerMemtable, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogSegmentsSpareMax, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(GroupBytesMax, align);
        ArgumentOutOfRangeException.ThrowIfLessThan(BlockBytes, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(RunBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RunReachMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LevelZeroRunsMin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LevelZeroRunsMax, LevelZeroRunsMin);
        ArgumentOutOfRangeException.ThrowIfLessThan(LevelGrowth, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeletionShareMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FilterBitsPerKey, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReserveBytes, 0);
    }
}
