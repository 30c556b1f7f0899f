using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <content>What a leader does: proposals, replication, commitment, check of the quorum, transfer.</content>
internal sealed partial class RaftCore
{
    private PeerId _transferTo;
    private int _transferElapsed;
    private long _uncommittedBytes;

    /// <summary>The first entry of this leader's term; reads and membership changes wait until it is committed.</summary>
    internal LogIndex TermStart { get; private set; }

    /// <summary>To whom leadership is being handed; nobody when it is not.</summary>
    internal PeerId TransferTo => _transferTo;

    /// <summary>True when this leader's first entry is committed: only then does it know what is.</summary>
    internal bool HasCommittedInTerm => Role == RaftRole.Leader && Commit >= TermStart;

    /// <summary>Whether a proposal is taken now.</summary>
    internal ProposalStatus MayPropose(int sizeBytes)
    {
        if (Role != RaftRole.Leader)
        {
            return ProposalStatus.NotLeader;
        }

        bool isTooMuch = _uncommittedBytes > 0 && _uncommittedBytes + sizeBytes > _options.UncommittedBytesMax;
        return _transferTo.IsSome || isTooMuch ? ProposalStatus.Overloaded : ProposalStatus.Applied;
    }

    /// <summary>Appends a command to the leader's log. Ask <see cref="MayPropose"/> before.</summary>
    /// <returns>Its place; it is applied there, in this term, or never.</returns>
    internal LogIndex Propose(ReadOnlySpan<byte> command)
    {
        Invariant.Check(MayPropose(command.Length) == ProposalStatus.Applied, "proposal to a leader that takes it");
        return Append(EntryKind.Normal, command);
    }

    /// <summary>How far a peer is; null when there is none, or this is no leader.</summary>
    internal PeerProgress? ProgressOf(PeerId peer) => _peers.GetValueOrDefault(peer);

    /// <summary>Hands leadership to another voter once that has the whole log. Proposals are refused meanwhile, for an election timeout at most.</summary>
    internal bool TransferLeadership(PeerId to, TimeSpan now)
    {
        _now = now;
        if (Role != RaftRole.Leader || !_peers.TryGetValue(to, out PeerProgress? peer) || !Membership.IsVoter(to))
        {
            return false;
        }

        if (_transferTo != to)
        {
            (_transferTo, _transferElapsed) = (to, 0);
            OfferLeadership(to, peer);
        }

        return true;
    }

    /// <summary>Entries that a <see cref="LoadRequest"/> asked for; none when they are gone.</summary>
    internal void EntriesLoaded(PeerId to, LogIndex first, IReadOnlyList<RaftEntry> entries)
    {
        if (Role != RaftRole.Leader || !_peers.TryGetValue(to, out PeerProgress? peer) || peer.Loading != first)
        {
            return;
        }

        peer.Loading = default;
        bool isWanted = entries.Count > 0
            && peer.Next == first
            && peer.State != ProgressState.Snapshot
            && !(peer.State == ProgressState.Probe && peer.IsProbeSent)
            && Log.TermAt(first.Previous) is not null
            && Log.Matches(entries[^1].Index, entries[^1].Term);
        if (isWanted)
        {
            SendEntries(to, peer, entries);
        }
    }

    /// <summary>The snapshot for a peer could not be sent to its end: find out anew where it is.</summary>
    internal void SnapshotEnded(PeerId to)
    {
        if (_peers.TryGetValue(to, out PeerProgress? peer) && peer.State == ProgressState.Snapshot)
        {
            peer.BecomeProbe();
        }
    }

    private LogIndex Append(EntryKind kind, ReadOnlySpan<byte> payload)
    {
        RaftEntry entry = RaftEntry.Create(Log.Last.Next, Term, kind, payload);
        Log.Append(entry);
        _uncommittedBytes += entry.SizeBytes;
        return entry.Index;
    }

    private void TickLeader()
    {
        if (++_electionElapsed >= _options.ElectionTicks)
        {
            _electionElapsed = 0;
            if (!CheckQuorum())
            {
                return;
            }
        }

        if (_transferTo.IsSome && ++_transferElapsed >= _options.ElectionTicks)
        {
            _transferTo = PeerId.None;
        }

        if (++_heartbeatElapsed >= _options.HeartbeatTicks)
        {
            BeginRound();
        }
    }

    /// <summary>A leader that a majority has not spoken to for an election timeout leads nobody.</summary>
    private bool CheckQuorum()
    {
        if (!Quorum.Holds(Membership, peer => peer == Self || _peers[peer].IsActive))
        {
            BecomeFollower(Term, PeerId.None);
            return false;
        }

        foreach ((PeerId id, PeerProgress peer) in _peers)
        {
            if (!peer.IsActive && peer.State == ProgressState.Replicate)
            {
                peer.BecomeProbe();
            }

            if (!peer.IsActive && id == _transferTo)
            {
                _transferTo = PeerId.None;
            }

            peer.IsActive = false;
        }

        return true;
    }

    private void HandleAppendResponse(RaftMessage response, PeerProgress peer)
    {
        if (response.Reject)
        {
            peer.Rejected(response.Index, Log.FindAtMost(response.Hint, response.LogTerm).Index);
            return;
        }

        if (response.Index > Log.Last)
        {
            return;
        }

        bool isNews = peer.Acknowledged(response.Index);
        if (peer.State == ProgressState.Probe && response.Index >= peer.Match)
        {
            peer.BecomeReplicate();
        }
        else if (peer.State == ProgressState.Snapshot && isNews && peer.Match >= Log.Start)
        {
            peer.BecomeReplicate();
        }

        if (isNews)
        {
            AdvanceCommit();
            if (Role == RaftRole.Leader && _transferTo == response.From)
            {
                OfferLeadership(response.From, peer);
            }
        }
    }

    /// <summary>Commits what a majority has durably, if it is of this term: an entry of an earlier term is committed only by one of this term after it.</summary>
    private void AdvanceCommit()
    {
        var reached = new LogIndex(Quorum.Value(Membership, peer => peer == Self ? PersistedLast.Value : _peers[peer].Match.Value));
        if (reached > Commit && Log.TermAt(reached) == Term)
        {
            CommitTo(reached);
        }
    }

    private void CommitTo(LogIndex index)
    {
        if (index <= Commit)
        {
            return;
        }

        if (Role == RaftRole.Leader)
        {
            for (LogIndex at = Commit.Next; at <= index && _uncommittedBytes > 0; at = at.Next)
            {
                _uncommittedBytes -= Log.TryGet(at, out RaftEntry entry) ? Math.Min(entry.SizeBytes, _uncommittedBytes) : 0;
            }
        }

        Commit = index;
        if (Role == RaftRole.Leader)
        {
            if (Commit == Log.Last)
            {
                _uncommittedBytes = 0;
            }

            AnswerEarlyReads();
            ContinueMembershipChange();
        }
    }

    private void OfferLeadership(PeerId to, PeerProgress peer)
    {
        if (peer.Match == Log.Last)
        {
            // From here on the other may be elected within the promise of the voters, and this message may be late: no lease for the rest of the term.
            _isLeaseForfeited = true;
            Send(new RaftMessage { Kind = MessageKind.TimeoutNow, From = Self, To = to, Term = Term });
        }
    }

    private void SendAppends()
    {
        foreach ((PeerId to, PeerProgress peer) in _peers)
        {
            // Bounded by the window of messages in flight.
            while (SendAppend(to, peer))
            {
            }
        }
    }

    /// <summary>Sends the next message of entries to a peer, if it may have one; true when another one may follow.</summary>
    private bool SendAppend(PeerId to, PeerProgress peer)
    {
        bool isProbe = peer.State == ProgressState.Probe;
        if (peer.State == ProgressState.Snapshot || peer.Loading.Value > 0 || (isProbe && peer.IsProbeSent))
        {
            return false;
        }

        if (Log.TermAt(peer.Next.Previous) is null)
        {
            peer.BecomeSnapshot();
            _snapshotsWanted.Add(to);
            return false;
        }

        bool isFull = peer.InflightCount >= _options.InflightMessagesMax
            || (peer.InflightCount > 0 && peer.InflightBytes >= _options.InflightBytesMax);
        if (peer.Next > Log.Last || (isFull && peer.IsAskDue))
        {
            if (isProbe || peer.IsAskDue || peer.SentCommit < Commit)
            {
                SendEntries(to, peer, []);
            }

            return false;
        }

        if (isFull)
        {
            return false;
        }

        if (peer.Next < Log.CacheStart)
        {
            peer.Loading = peer.Next;
            _loads.Add(new LoadRequest(to, peer.Next, _options.AppendBytesMax));
            return false;
        }

        SendEntries(to, peer, Log.Take(peer.Next, Log.Last, _options.AppendBytesMax));
        return peer.State == ProgressState.Replicate && peer.Next <= Log.Last;
    }

    private void SendEntries(PeerId to, PeerProgress peer, IReadOnlyList<RaftEntry> entries)
    {
        LogIndex previous = peer.Next.Previous;
        Send(new RaftMessage
        {
            Kind = MessageKind.Append,
            From = Self,
            To = to,
            Term = Term,
            Index = previous,
            LogTerm = Log.TermAt(previous)!.Value,
            Commit = Commit,
            Round = _round,
            Entries = entries,
        });
        int bytes = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].SizeBytes;
        }

        peer.Sent(entries.Count == 0 ? previous : entries[^1].Index, bytes);
        peer.IsAskDue = false;
        peer.SentCommit = Commit;
    }
}
