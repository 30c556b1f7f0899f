using System.Collections.Generic;

namespace ObjectStore.Engine.Consensus;

/// <summary>What a replica must not forget.</summary>
/// <param name="Term">Its term.</param>
/// <param name="Vote">For whom it voted in that term.</param>
/// <param name="Commit">Committed up to here; may lag behind, it is found out again.</param>
internal readonly record struct RaftHardState(Term Term, PeerId Vote, LogIndex Commit);

/// <summary>A read point: once the machine has applied <paramref name="Index"/>, the read named <paramref name="Context"/> may go on. Failed: ask elsewhere.</summary>
internal readonly record struct ReadPoint(ulong Context, LogIndex Index, bool Failed);

/// <summary>Entries that a peer needs and that are not in memory any more.</summary>
internal readonly record struct LoadRequest(PeerId Peer, LogIndex First, int BytesMax);

/// <summary>Everything that came of the messages and ticks since the last one.</summary>
/// <remarks>
/// Order: <see cref="Messages"/> may go at once, before or while the rest is written. <see cref="State"/> and <see cref="Entries"/> are written in one batch when
/// <see cref="MustPersist"/>; <see cref="MessagesAfterPersist"/> go when that batch and all earlier ones are durable, even if this one writes nothing. Then the core is told.
/// </remarks>
internal sealed class RaftReady
{
    /// <summary>Grows by one each time.</summary>
    public required ulong Number { get; init; }

    /// <summary>True when there is something to write.</summary>
    public required bool MustPersist { get; init; }

    /// <summary>What to write as hard state.</summary>
    public required RaftHardState State { get; init; }

    /// <summary>Entries to write. They replace whatever is in the log from the first one on.</summary>
    public required IReadOnlyList<RaftEntry> Entries { get; init; }

    /// <summary>The last index of the log with those entries.</summary>
    public required LogIndex LogEnd { get; init; }

    /// <summary>Send at once.</summary>
    public required IReadOnlyList<RaftMessage> Messages { get; init; }

    /// <summary>Send when durable.</summary>
    public required IReadOnlyList<RaftMessage> MessagesAfterPersist { get; init; }

    /// <summary>Reads whose point is known.</summary>
    public required IReadOnlyList<ReadPoint> Reads { get; init; }

    /// <summary>Entries to read and hand back with <c>EntriesLoaded</c>.</summary>
    public required IReadOnlyList<LoadRequest> Loads { get; init; }

    /// <summary>Peers that need a snapshot; answer with <c>SnapshotEnded</c> when it failed.</summary>
    public required IReadOnlyList<PeerId> SnapshotsWanted { get; init; }

    /// <summary>Snapshot chunks of the present leader, and answers to chunks, for whoever moves the bytes.</summary>
    public required IReadOnlyList<RaftMessage> SnapshotTraffic { get; init; }
}
