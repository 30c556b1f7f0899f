using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Consensus;

/// <summary>What a message is.</summary>
internal enum MessageKind
{
    /// <summary>Would you vote for me in <c>Term</c> (not begun yet)? Index and LogTerm: my last entry.</summary>
    PreVote = 1,

    /// <summary>Answer; granted unless Reject.</summary>
    PreVoteResponse = 2,

    /// <summary>Vote for me. Index and LogTerm: my last entry. Forced: the old leader asked me to.</summary>
    Vote = 3,

    /// <summary>Answer; granted unless Reject. Sent when the vote is durable.</summary>
    VoteResponse = 4,

    /// <summary>Entries after (Index, LogTerm); commit index, round.</summary>
    Append = 5,

    /// <summary>Index: what is durable; or on Reject the index refused, with (Hint, LogTerm) where the logs may agree. Echoes the round.</summary>
    AppendResponse = 6,

    /// <summary>The leader lives; commit index up to the peer's match, round.</summary>
    Heartbeat = 7,

    /// <summary>Echoes the round.</summary>
    HeartbeatResponse = 8,

    /// <summary>Stand for election at once: the leader steps aside.</summary>
    TimeoutNow = 9,

    /// <summary>What is the read point? Context names the question.</summary>
    ReadIndex = 10,

    /// <summary>Index: the read point for Context; Reject: no leader here.</summary>
    ReadIndexResponse = 11,

    /// <summary>A piece of a snapshot at (Index, LogTerm): Context names the stream, Offset the place.</summary>
    SnapshotChunk = 12,

    /// <summary>Offset: bytes taken of the stream Context; Reject: the stream must begin again.</summary>
    SnapshotResponse = 13,
}

/// <summary>A message between two peers of a group. Fields that a kind does not use are zero.</summary>
internal sealed record RaftMessage
{
    public required MessageKind Kind { get; init; }

    public required PeerId From { get; init; }

    public required PeerId To { get; init; }

    public Term Term { get; init; }

    public LogIndex Index { get; init; }

    public Term LogTerm { get; init; }

    public LogIndex Commit { get; init; }

    public ulong Round { get; init; }

    public bool Reject { get; init; }

    public LogIndex Hint { get; init; }

    public bool Forced { get; init; }

    public IReadOnlyList<RaftEntry> Entries { get; init; } = [];

    public ulong Context { get; init; }

    public ulong Offset { get; init; }

    public bool IsLast { get; init; }

    public RaftMembership Membership { get; init; } = RaftMembership.Empty;

    public ReadOnlyMemory<byte> Data { get; init; }
}
