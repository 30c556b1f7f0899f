using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <content>Who belongs to the group. A membership is in force from the moment when it is in the log, committed or not.</content>
internal sealed partial class RaftCore
{
    private readonly List<(LogIndex Index, RaftMembership Membership)> _memberships = [];

    internal RaftMembership Membership => _memberships[^1].Membership;

    /// <summary>Where the present membership is in the log.</summary>
    internal LogIndex MembershipIndex => _memberships[^1].Index;

    /// <summary>The membership in force at an index of the log that is not compacted.</summary>
    internal RaftMembership MembershipAt(LogIndex index)
    {
        for (int i = _memberships.Count - 1; i > 0; i--)
        {
            if (_memberships[i].Index <= index)
            {
                return _memberships[i].Membership;
            }
        }

        return _memberships[0].Membership;
    }

    /// <summary>Begins the change to another membership: at once when the voters stay, else by way of joint consensus, which this or a later leader leaves by itself.</summary>
    internal MembershipOutcome ProposeMembership(RaftMembership target, TimeSpan now)
    {
        _now = now;
        if (Role != RaftRole.Leader)
        {
            return MembershipOutcome.NotLeader;
        }

        if (target.IsJoint || target.Voters.Count == 0)
        {
            return MembershipOutcome.Invalid;
        }

        if (MembershipIndex > Commit || Membership.IsJoint || !HasCommittedInTerm || _transferTo.IsSome)
        {
            return MembershipOutcome.Busy;
        }

        AppendMembership(SameVoters(target, Membership)
            ? target
            : new RaftMembership(target.Voters, Membership.Voters, target.Learners));
        return MembershipOutcome.Done;
    }

    private static bool SameVoters(RaftMembership left, RaftMembership right)
    {
        if (left.Voters.Count != right.Voters.Count)
        {
            return false;
        }

        for (int i = 0; i < left.Voters.Count; i++)
        {
            if (left.Voters[i].Peer != right.Voters[i].Peer)
            {
                return false;
            }
        }

        return true;
    }

    private void AppendMembership(RaftMembership membership)
    {
        var encoded = new ByteWriter();
        membership.Write(encoded);
        LogIndex index = Append(EntryKind.Configuration, encoded.Written);
        AdoptMembership(index, membership);
    }

    private void AdoptMembership(LogIndex index, RaftMembership membership)
    {
        _memberships.Add((index, membership));
        if (Role == RaftRole.Leader)
        {
            FollowMembership();
            AdvanceCommit();
        }
    }

    /// <summary>A leader sends to exactly the members.</summary>
    private void FollowMembership()
    {
        foreach (RaftMember member in Membership.All())
        {
            if (member.Peer != Self && !_peers.ContainsKey(member.Peer))
            {
                _peers.Add(member.Peer, new PeerProgress(Log.Last) { IsActive = true });
            }
        }

        foreach (PeerId peer in new List<PeerId>(_peers.Keys))
        {
            if (!Membership.Contains(peer))
            {
                _peers.Remove(peer);
            }
        }

        if (_transferTo.IsSome && !Membership.IsVoter(_transferTo))
        {
            _transferTo = PeerId.None;
        }
    }

    /// <summary>After something was committed: leaves joint consensus, or steps down when the leader is no voter any more.</summary>
    private void ContinueMembershipChange()
    {
        if (MembershipIndex > Commit || !HasCommittedInTerm)
        {
            return;
        }

        if (Membership.IsJoint)
        {
            AppendMembership(new RaftMembership(Membership.Voters, Membership.Learners));
        }
        else if (!Membership.IsVoter(Self))
        {
            StepAside();
        }
    }

    /// <summary>The leader that is left out of the voters asks the one that is furthest to stand for election, and follows.</summary>
    private void StepAside()
    {
        // Tell them first what is committed, and that they are on their own.
        SendAppends();
        PeerId best = PeerId.None;
        foreach ((PeerId id, PeerProgress peer) in _peers)
        {
            if (Membership.IsVoter(id) && (!best.IsSome || peer.Match > _peers[best].Match))
            {
                best = id;
            }
        }

        if (best.IsSome)
        {
            _isLeaseForfeited = true;
            Send(new RaftMessage { Kind = MessageKind.TimeoutNow, From = Self, To = best, Term = Term });
        }

        BecomeFollower(Term, PeerId.None);
    }

    private void DropMembershipsAfter(LogIndex last)
    {
        while (_memberships.Count > 1 && _memberships[^1].Index > last)
        {
            _memberships.RemoveAt(_memberships.Count - 1);
        }

        Invariant.Check(_memberships[^1].Index <= last, "the membership at the start of the log stays");
    }

    private void DropMembershipsBefore(LogIndex start)
    {
        while (_memberships.Count > 1 && _memberships[1].Index <= start)
        {
            _memberships.RemoveAt(0);
        }
    }

    private void ReplaceMemberships(LogIndex index, RaftMembership membership)
    {
        _memberships.Clear();
        _memberships.Add((index, membership));
    }
}
