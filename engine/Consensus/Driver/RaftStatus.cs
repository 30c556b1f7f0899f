using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>What a replica does at present.</summary>
public enum RaftRole
{
    /// <summary>Follows a leader, or waits for one.</summary>
    Follower = 0,

    /// <summary>Asks whether it would be elected, without starting a term.</summary>
    PreCandidate,

    /// <summary>Stands for election.</summary>
    Candidate,

    /// <summary>Leads.</summary>
    Leader,
}

/// <summary>How the leader sends to a peer.</summary>
public enum ProgressState
{
    /// <summary>One append at a time, to find out where the logs agree.</summary>
    Probe = 0,

    /// <summary>Many appends in flight.</summary>
    Replicate,

    /// <summary>The peer needs entries that the log no longer has: it gets a snapshot.</summary>
    Snapshot,
}

/// <summary>How far a peer is, as its leader knows.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Node">Where it lives.</param>
/// <param name="IsVoter">False for a learner.</param>
/// <param name="State">How it is being sent to.</param>
/// <param name="Match">It has everything up to here, durably.</param>
/// <param name="SnapshotBytesSent">Of the snapshot under way; 0 without one.</param>
/// <param name="IsActive">It was heard of within an election timeout.</param>
public sealed record PeerStatus(
    PeerId Peer, NodeId Node, bool IsVoter, ProgressState State, LogIndex Match, long SnapshotBytesSent, bool IsActive);

/// <summary>The state of a replica, for administrators.</summary>
public sealed record RaftStatus
{
    /// <summary>Which group.</summary>
    public required GroupId Group { get; init; }

    /// <summary>This replica.</summary>
    public required PeerId Self { get; init; }

    /// <summary>What it does.</summary>
    public required RaftRole Role { get; init; }

    /// <summary>Its term.</summary>
    public required Term Term { get; init; }

    /// <summary>Who leads, as far as it knows.</summary>
    public required PeerId Leader { get; init; }

    /// <summary>Where that leader lives, when known.</summary>
    public required NodeId? LeaderNode { get; init; }

    /// <summary>The newest membership in its log.</summary>
    public required RaftMembership Membership { get; init; }

    /// <summary>False while <see cref="Membership"/> is not committed.</summary>
    public required bool IsMembershipCommitted { get; init; }

    /// <summary>The log reaches back to the entry after this one.</summary>
    public required LogIndex LogStart { get; init; }

    /// <summary>The newest entry.</summary>
    public required LogIndex LogEnd { get; init; }

    /// <summary>Durable on this replica up to here.</summary>
    public required LogIndex Durable { get; init; }

    /// <summary>Committed up to here, as far as it knows.</summary>
    public required LogIndex Commit { get; init; }

    /// <summary>Applied up to here.</summary>
    public required LogIndex Applied { get; init; }

    /// <summary>How long its lease still holds; zero on followers.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>The peers, on the leader; sorted by peer.</summary>
    public required IReadOnlyList<PeerStatus> Peers { get; init; }

    /// <summary>Why this replica stopped; null while it works.</summary>
    public string? Failure { get; init; }
}
