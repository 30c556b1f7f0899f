using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>One replica of a replicated state machine. Belongs to the host's loop: call it from there only.</summary>
public interface IRaftGroup
{
    /// <summary>Which group.</summary>
    GroupId Id { get; }

    /// <summary>This replica.</summary>
    PeerId Self { get; }

    /// <summary>The machine behind.</summary>
    IReplicatedStateMachine Machine { get; }

    /// <summary>True while this replica leads, as far as it knows. What it says may be old: a read must go through <see cref="ReadIndexAsync"/>.</summary>
    bool IsLeader { get; }

    /// <summary>Its term.</summary>
    Term Term { get; }

    /// <summary>The node that leads, as far as this replica knows.</summary>
    NodeId? LeaderNode { get; }

    /// <summary>What administrators look at; it is made anew with every call.</summary>
    RaftStatus Status();

    /// <summary>Proposes a command and ends when its fate is known.</summary>
    /// <param name="command">1 to <see cref="RaftHostOptions.CommandSizeBytesMax"/> bytes; the caller may reuse it on return of the call (before the task ends).</param>
    /// <param name="freesSpace">The command leads to space being freed: it is taken on a full disk too.</param>
    /// <remarks>Commands proposed on this replica one after another are applied in that order, unless one of them is dropped.</remarks>
    Task<ProposalOutcome> ProposeAsync(ReadOnlyMemory<byte> command, bool freesSpace = false);

    /// <summary>Ends when this replica's machine has applied everything that was acknowledged, by any replica, before the call: then its state may be read.</summary>
    /// <remarks>
    /// On the leader without a message while its lease holds (see <see cref="RaftHostOptions.ClockDriftPerMillionMax"/>), else after a round to a majority;
    /// on a follower by asking the leader.
    /// </remarks>
    Task<ReadOutcome> ReadIndexAsync();

    /// <summary>Changes the members to <paramref name="target"/> and ends when that is in force (committed and out of joint consensus). Leader only.</summary>
    /// <param name="target">Not joint; at least one voter. The log is sent to new members from now on; add a voter as a learner first and wait until it has caught up.</param>
    Task<MembershipOutcome> ChangeMembershipAsync(RaftMembership target);

    /// <summary>Hands leadership to another voter and ends when this replica no longer leads, or the attempt timed out. Leader only.</summary>
    /// <returns>True when this replica stopped leading.</returns>
    Task<bool> TransferLeadershipAsync(PeerId to);

    /// <summary>Ends at the next change of role, leader, membership or failure.</summary>
    Task WaitForChangeAsync();
}

/// <summary>What became of a proposal.</summary>
public enum ProposalStatus
{
    /// <summary>Committed and applied here; the result is the machine's.</summary>
    Applied = 0,

    /// <summary>This replica does not lead; nothing was appended. Safe to retry, at the leader.</summary>
    NotLeader,

    /// <summary>Too much is waiting; nothing was appended. Safe to retry after a while.</summary>
    Overloaded,

    /// <summary>The disk is full; nothing was appended.</summary>
    Full,

    /// <summary>Appended and then overwritten by another leader: it will never be applied. Safe to retry.</summary>
    Dropped,

    /// <summary>Leadership was lost, or the store failed, after it was appended: it may be applied some time, or never.</summary>
    Unknown,
}

/// <summary>What became of a proposal.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Index">Where it is in the log; zero when it was not appended.</param>
/// <param name="Result">What the machine returned; only when applied.</param>
/// <param name="Leader">The node that leads as far as this replica knows; only when this one does not.</param>
public readonly record struct ProposalOutcome(ProposalStatus Status, LogIndex Index, object? Result, NodeId? Leader);

/// <summary>What became of a read.</summary>
public enum ReadStatus
{
    /// <summary>The machine's state may be read now.</summary>
    Ok = 0,

    /// <summary>There is no leader known, or leadership was lost meanwhile. Retry, at the leader.</summary>
    NotLeader,

    /// <summary>Too many reads wait.</summary>
    Overloaded,

    /// <summary>No majority, or no leader, answered in time.</summary>
    TimedOut,
}

/// <summary>What became of a read.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Index">The machine has applied at least this; zero on failure.</param>
/// <param name="Leader">The node that leads as far as this replica knows; only when this one does not.</param>
public readonly record struct ReadOutcome(ReadStatus Status, LogIndex Index, NodeId? Leader);

/// <summary>What became of a change of members.</summary>
public enum MembershipOutcome
{
    /// <summary>In force.</summary>
    Done = 0,

    /// <summary>This replica does not lead, or it lost leadership meanwhile: the change may still come into force. Look at the membership.</summary>
    NotLeader,

    /// <summary>Another change is under way, or the leader is too new to begin one. Retry after a while.</summary>
    Busy,

    /// <summary>The target is joint or has no voter.</summary>
    Invalid,
}
