using System;

namespace ObjectStore.Engine.Consensus;

/// <summary>Times and bounds of a <c>RaftHost</c>. All nodes of a group should use the same times; safety of lease reads demands the same <see cref="ElectionTimeout"/>.</summary>
public sealed record RaftHostOptions
{
    /// <summary>Largest command.</summary>
    public const int CommandSizeBytesMax = 3 * 1024 * 1024;

    /// <summary>One tick: what the other times are counted in.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Ticks between heartbeats of a leader.</summary>
    public int HeartbeatTicks { get; init; } = 2;

    /// <summary>Ticks without a leader before a voter stands for election; each time drawn between this and twice this.</summary>
    public int ElectionTicks { get; init; } = 10;

    /// <summary>How long a voter that heard of a leader votes for nobody else. What leases rest on.</summary>
    public TimeSpan ElectionTimeout => TickInterval * ElectionTicks;

    /// <summary>Read from leases. Without, each read takes a round to a majority.</summary>
    public bool LeaseReads { get; init; } = true;

    /// <summary>The clock assumption of lease reads: within an election timeout no member's monotonic clock runs faster or slower than real time by more than this
    /// part in a million. When it is broken, a read may be stale; nothing else suffers.</summary>
    public int ClockDriftPerMillionMax { get; init; } = 50_000;

    /// <summary>Bytes of entries in one append message; a single larger entry still goes, alone.</summary>
    public int AppendBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Append messages in flight to one peer.</summary>
    public int InflightMessagesMax { get; init; } = 64;

    /// <summary>Bytes of entries in flight to one peer.</summary>
    public long InflightBytesMax { get; init; } = 16L * 1024 * 1024;

    /// <summary>Proposals that were taken and not yet answered, in a group; more are refused as overloaded.</summary>
    public int ProposalsMax { get; init; } = 4096;

    /// <summary>Bytes of a leader's entries that are not committed yet; further proposals are refused as overloaded.</summary>
    public long UncommittedBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Reads that wait in a group; more are refused as overloaded.</summary>
    public int ReadsMax { get; init; } = 64 * 1024;

    /// <summary>Bytes of entries in one batch of the store, all groups together; a single larger entry still goes, alone. Below the store's own bound.</summary>
    public int LogBatchBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Entries of a group's log that are kept in memory, in bytes, once they are durable. Older ones are read from the store.</summary>
    public long LogCacheBytes { get; init; } = 8L * 1024 * 1024;

    /// <summary>Applied entries that the log keeps for peers that fell behind, in bytes. It is cut when it holds twice this; who needs older ones gets a snapshot.</summary>
    public long LogKeptBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>As <see cref="LogKeptBytes"/>, in entries; whichever bound is reached first counts.</summary>
    public int LogKeptEntries { get; init; } = 64 * 1024;

    /// <summary>One piece of a snapshot.</summary>
    public int SnapshotChunkBytes { get; init; } = 256 * 1024;

    /// <summary>Pieces of a snapshot in flight.</summary>
    public int SnapshotChunksInFlight { get; init; } = 4;

    /// <summary>Snapshots that a host sends at the same time, all groups together.</summary>
    public int SnapshotsSendingMax { get; init; } = 4;

    /// <summary>Throws when the numbers cannot work together.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TickInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeartbeatTicks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ElectionTicks, HeartbeatTicks * 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClockDriftPerMillionMax, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ClockDriftPerMillionMax, 500_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AppendBytesMax, CommandSizeBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(InflightMessagesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(InflightBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ProposalsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(UncommittedBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogBatchBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogCacheBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogKeptBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogKeptEntries, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(SnapshotChunkBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SnapshotChunkBytes, CommandSizeBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(SnapshotChunksInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SnapshotsSendingMax, 1);
    }
}
