using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Consensus;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Consensus;

/// <summary>What Raft promises, held against the cores of a cluster after every step. Looks at logs, disks and messages, never at how the core came to them.</summary>
/// <remarks>Source of the properties: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", figure 3; Ongaro's dissertation, 4 and 6.2.</remarks>
internal sealed class CorePromises(CoreCluster cluster)
{
    private readonly SortedDictionary<Term, PeerId> _leaders = [];
    private readonly SortedDictionary<PeerId, Leading> _leading = [];
    private readonly SortedDictionary<PeerId, (Term Term, LogIndex Commit)> _lives = [];
    private readonly SortedDictionary<(PeerId Voter, Term Term), PeerId> _votes = [];
    private readonly List<string> _machine = [];
    private LogIndex _looked;

    /// <summary>Committed and applied by somebody, by index: term at which it was first seen committed, and the entry.</summary>
    internal SortedDictionary<LogIndex, (Term SeenIn, RaftEntry Entry)> Committed { get; } = [];

    /// <summary>The newest index that anybody has applied.</summary>
    internal LogIndex CommittedLast { get; private set; }

    /// <summary>Terms that had a leader.</summary>
    internal int LeaderCount => _leaders.Count;

    /// <summary>A life of a peer begins: what was only in its memory may be forgotten.</summary>
    internal void NoteBoot(CoreNode node)
    {
        _lives.Remove(node.Peer);
        _leading.Remove(node.Peer);
    }

    /// <summary>One vote a term: what was promised by a message is never promised to another.</summary>
    internal void NoteSent(RaftMessage message)
    {
        PeerId candidate = message switch
        {
            { Kind: MessageKind.Vote } => message.From,
            { Kind: MessageKind.VoteResponse, Reject: false } => message.To,
            _ => PeerId.None,
        };
        if (candidate.IsSome && !_votes.TryAdd((message.From, message.Term), candidate) && _votes[(message.From, message.Term)] is var other && other != candidate)
        {
            throw new PromiseBrokenException("one-vote-a-term", $"{message.From} votes for {other} and for {candidate} in term {message.Term}");
        }
    }

    /// <summary>A leader hears of a peer.</summary>
    internal void NoteHeard(CoreNode node, RaftMessage message)
    {
        if (_leading.TryGetValue(node.Peer, out Leading? leading) && message.Term == leading.Term)
        {
            leading.Heard[message.From] = node.TickCount;
        }
    }

    /// <summary>All that can be seen at one peer after a step of it.</summary>
    internal void Look(CoreNode node)
    {
        if (!node.IsUp)
        {
            _leading.Remove(node.Peer);
            return;
        }

        RaftCore core = node.Core;
        if (_lives.TryGetValue(node.Peer, out (Term Term, LogIndex Commit) before) && (core.Term < before.Term || core.Commit < before.Commit))
        {
            throw new PromiseBrokenException("never-moves-back", $"{node.Peer} was in term {before.Term} with {before.Commit} committed, and is in term {core.Term} with {core.Commit}");
        }

        _lives[node.Peer] = (core.Term, core.Commit);
        if (core.Role == RaftRole.Leader)
        {
            LookAtLeader(node, core);
        }
        else
        {
            _leading.Remove(node.Peer);
        }

        if (CommittedLast > _looked)
        {
            _looked = CommittedLast;
            CheckSurvival();
        }
    }

    /// <summary>State machine safety.</summary>
    internal void NoteApplied(CoreNode node, RaftEntry entry)
    {
        if (!Committed.TryGetValue(entry.Index, out (Term SeenIn, RaftEntry Entry) known))
        {
            Committed.Add(entry.Index, (node.Core.Term, entry));
            CommittedLast = LogIndex.Max(CommittedLast, entry.Index);
            if (entry.Kind == EntryKind.Normal)
            {
                _machine.Add(CoreCluster.TextOf(entry));
            }
        }
        else if (!known.Entry.Encoded.Span.SequenceEqual(entry.Encoded.Span))
        {
            throw new PromiseBrokenException("state-machine-safety", $"{node.Peer} applies another entry at {entry.Index}");
        }

        CheckState(node);
    }

    internal void NoteRestored(CoreNode node) => CheckState(node);

    /// <summary>Linearizable reads: a read point is not below what was committed, by anybody, when the read began.</summary>
    internal static void CheckRead(CoreNode node, ReadPoint point, LogIndex committed)
    {
        if (point.Index < committed)
        {
            throw new PromiseBrokenException("read-is-fresh", $"{node.Peer} reads at {point.Index}, {committed} was committed before");
        }
    }

    /// <summary>Log matching: where two logs have an entry of equal index and term, they are equal up to it.</summary>
    internal void CheckLogMatching()
    {
        CoreNode[] nodes = [.. cluster.Nodes];
        for (int i = 0; i < nodes.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                CheckPair(nodes[i], nodes[j]);
            }
        }
    }

    private static bool IsVoter(RaftMembership membership, PeerId peer) =>
        membership.Voters.Any(member => member.Peer == peer) || membership.OutgoingVoters.Any(member => member.Peer == peer);

    private void LookAtLeader(CoreNode node, RaftCore core)
    {
        if (_leaders.TryGetValue(core.Term, out PeerId other) && other != node.Peer)
        {
            throw new PromiseBrokenException("election-safety", $"{other} and {node.Peer} lead in term {core.Term}");
        }

        if (!_leading.TryGetValue(node.Peer, out Leading? leading) || leading.Term != core.Term)
        {
            _leading[node.Peer] = leading = new Leading(core.Term) { Since = node.TickCount };
            _leaders[core.Term] = node.Peer;
            CheckCompleteness(node, core);
        }
        else if (core.Log.Last < leading.Last || (core.Log.TermAt(leading.Last) is { } term && term != leading.LastTerm))
        {
            throw new PromiseBrokenException("leader-append-only", $"{node.Peer} in term {core.Term} had {leading.Last}.{leading.LastTerm}");
        }
        else if (core.MembershipIndex != leading.MembershipIndex)
        {
            if (leading.MembershipIndex > core.Commit)
            {
                throw new PromiseBrokenException(
                    "one-change-at-a-time", $"{node.Peer} begins the change at {core.MembershipIndex} while that at {leading.MembershipIndex} is not committed");
            }

            leading.Since = node.TickCount;
        }

        (leading.Last, leading.LastTerm, leading.MembershipIndex) = (core.Log.Last, core.Log.LastTerm, core.MembershipIndex);
        if (core.MembershipIndex <= core.Commit && core.HasCommittedInTerm && !IsVoter(core.Membership, node.Peer))
        {
            throw new PromiseBrokenException("leader-is-a-voter", $"{node.Peer} leads term {core.Term}, and the committed members are {core.Membership}");
        }

        CheckHeard(node, core, leading);
    }

    /// <summary>Leader completeness: who is elected has everything that was committed before.</summary>
    private void CheckCompleteness(CoreNode node, RaftCore core)
    {
        foreach ((LogIndex index, (Term seenIn, RaftEntry entry)) in Committed)
        {
            if (seenIn < core.Term && index > core.Log.Start && core.Log.TermAt(index) != entry.Term)
            {
                throw new PromiseBrokenException("leader-completeness", $"{node.Peer} leads term {core.Term} without entry {index}.{entry.Term}");
            }
        }
    }

    /// <summary>Check of the quorum: who has heard of no majority for two election timeouts of its own ticks leads nobody.</summary>
    private void CheckHeard(CoreNode node, RaftCore core, Leading leading)
    {
        int silenceMax = (2 * cluster.Options.ElectionTicks) + 1;
        if (node.TickCount - leading.Since > silenceMax
            && !Quorum.Holds(core.Membership, peer => peer == node.Peer || (leading.Heard.TryGetValue(peer, out int at) && node.TickCount - at <= silenceMax)))
        {
            throw new PromiseBrokenException("steps-down", $"{node.Peer} leads term {core.Term} and has heard of no majority for {silenceMax} ticks");
        }
    }

    /// <summary>
    /// What is committed survives a loss of power of everybody: by what is on the disks, nobody who lacks it has a majority of its own membership for itself. So it was durable on a quorum of the
    /// membership that counts, and no newer log that may still be elected is without it (figure 8 of the paper).
    /// </summary>
    private void CheckSurvival()
    {
        Term committedTerm = Committed[CommittedLast].Entry.Term;
        foreach (CoreNode candidate in cluster.Nodes)
        {
            SavedDisk own = candidate.Disk;
            if (own.Start >= CommittedLast || own.TermAt(CommittedLast) == committedTerm)
            {
                continue;
            }

            if (Quorum.Holds(own.Membership(), peer => peer == candidate.Peer || cluster[peer].Disk.IsNotBeyond(own)))
            {
                throw new PromiseBrokenException(
                    "committed-is-durable",
                    $"{CommittedLast}.{committedTerm} is committed; should all lose power now, {candidate.Peer} with {own.Last}.{own.LastTerm} may be elected without it by {own.Membership()}");
            }
        }
    }

    private static void CheckPair(CoreNode left, CoreNode right)
    {
        ulong first = Math.Max(left.MirrorStart.Value, right.MirrorStart.Value) + 1;
        ulong last = Math.Min(left.MirrorStart.Value + (ulong)left.Mirror.Count, right.MirrorStart.Value + (ulong)right.Mirror.Count);
        bool agreed = false;
        for (ulong index = last; index >= first; index--)
        {
            RaftEntry ours = left.Mirror[(int)(index - left.MirrorStart.Value - 1)];
            RaftEntry theirs = right.Mirror[(int)(index - right.MirrorStart.Value - 1)];
            agreed |= ours.Term == theirs.Term;
            if (agreed && !ours.Encoded.Span.SequenceEqual(theirs.Encoded.Span))
            {
                throw new PromiseBrokenException("log-matching", $"{left.Peer} and {right.Peer} differ at {index} and agree there or after it");
            }
        }
    }

    private void CheckState(CoreNode node)
    {
        int count = node.State.Count;
        bool isPrefix = count <= _machine.Count
            && count == Committed.Values.Count(known => known.Entry.Kind == EntryKind.Normal && known.Entry.Index <= node.Applied)
            && (count == 0 || node.State[^1] == _machine[count - 1]);
        if (!isPrefix)
        {
            throw new PromiseBrokenException("state-machine-safety", $"the state of {node.Peer} at {node.Applied} is not what was committed");
        }
    }

    /// <summary>What was last seen of a leader.</summary>
    private sealed class Leading(Term term)
    {
        internal Term Term => term;

        internal LogIndex Last { get; set; }

        internal Term LastTerm { get; set; }

        internal LogIndex MembershipIndex { get; set; }

        /// <summary>Its tick when it was elected, or its membership changed.</summary>
        internal int Since { get; set; }

        /// <summary>Its tick when it last heard of each peer in its term.</summary>
        internal SortedDictionary<PeerId, int> Heard { get; } = [];
    }
}
