using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <content>Elections: pre-vote, vote, and the promise that leases rest on.</content>
internal sealed partial class RaftCore
{
    /// <summary>
    /// True while votes for others, and standing for election, would break the promise to the leader that was last heard of: it was less than an election timeout
    /// ago by this member's clock. A leader owes it to itself as long as it leads.
    /// </summary>
    private bool OwesPromise() => Role == RaftRole.Leader || (_contactAt is { } contact && _now - contact < _options.ElectionTimeout);

    private void Campaign()
    {
        Role = RaftRole.PreCandidate;
        Leader = PeerId.None;
        _electionElapsed = 0;
        DrawElectionTicks();
        _votes.Clear();
        AskForVotes(MessageKind.PreVote, Term.Next, forced: false);
        RecordVote(Self, granted: true);
    }

    private void CampaignForReal(bool forced)
    {
        Role = RaftRole.Candidate;
        Leader = PeerId.None;
        (Term, Vote) = (Term.Next, Self);
        _electionElapsed = 0;
        DrawElectionTicks();
        _votes.Clear();

        // The own vote counts once it is durable: see Persisted.
        _selfVoteReady = 0;
        AskForVotes(MessageKind.Vote, Term, forced);
    }

    private void AskForVotes(MessageKind kind, Term term, bool forced)
    {
        foreach (RaftMember member in Membership.All())
        {
            if (member.Peer == Self || !Membership.IsVoter(member.Peer))
            {
                continue;
            }

            var question = new RaftMessage
            {
                Kind = kind,
                From = Self,
                To = member.Peer,
                Term = term,
                Index = Log.Last,
                LogTerm = Log.LastTerm,
                Forced = forced,
            };
            if (kind == MessageKind.PreVote)
            {
                Send(question);
            }
            else
            {
                SendLater(question);
            }
        }
    }

    private void HandleVoteRequest(RaftMessage request)
    {
        bool isPreVote = request.Kind == MessageKind.PreVote;
        bool isFree = Vote == request.From
            || (!Vote.IsSome && !Leader.IsSome)
            || (isPreVote && request.Term > Term);
        bool isUpToDate = request.LogTerm > Log.LastTerm || (request.LogTerm == Log.LastTerm && request.Index >= Log.Last);
        bool grants = isFree && isUpToDate;
        if (grants && !isPreVote)
        {
            Vote = request.From;
            _electionElapsed = 0;
        }

        SendLater(new RaftMessage
        {
            Kind = isPreVote ? MessageKind.PreVoteResponse : MessageKind.VoteResponse,
            From = Self,
            To = request.From,
            Term = grants ? request.Term : Term,
            Reject = !grants,
        });
    }

    private void HandleVoteResponse(RaftMessage response)
    {
        bool isWanted = response.Kind == MessageKind.PreVoteResponse
            ? Role == RaftRole.PreCandidate && (response.Reject || response.Term == Term.Next)
            : Role == RaftRole.Candidate;
        if (isWanted)
        {
            RecordVote(response.From, !response.Reject);
        }
    }

    private void RecordVote(PeerId voter, bool granted)
    {
        if (!_votes.ContainsKey(voter))
        {
            _votes.Add(voter, granted);
        }

        if (Quorum.Holds(Membership, peer => _votes.TryGetValue(peer, out bool vote) && vote))
        {
            if (Role == RaftRole.PreCandidate)
            {
                CampaignForReal(forced: false);
            }
            else
            {
                BecomeLeader();
            }
        }
        else if (!Quorum.Holds(Membership, peer => !_votes.TryGetValue(peer, out bool vote) || vote))
        {
            BecomeFollower(Term, PeerId.None);

            // No leader's silence need be waited for, only that two do not stand at once again; a leader that others hear is safe from it by their pre-votes.
            _electionTicks = 1 + _random(_options.ElectionTicks);
        }
    }

    private void HandleTimeoutNow(RaftMessage message)
    {
        if (Role == RaftRole.Follower && IsElectable && (!Leader.IsSome || Leader == message.From))
        {
            CampaignForReal(forced: true);
        }
    }

    private void BecomeLeader()
    {
        Invariant.Check(Vote == Self, "a leader voted for itself");
        Role = RaftRole.Leader;
        Leader = Self;
        _electionElapsed = 0;
        _heartbeatElapsed = _options.HeartbeatTicks;
        _votes.Clear();
        _peers.Clear();
        _rounds.Clear();
        _leaseStart = null;
        _isLeaseForfeited = false;
        _transferTo = PeerId.None;
        _uncommittedBytes = 0;
        foreach (RaftMember member in Membership.All())
        {
            if (member.Peer != Self)
            {
                _peers.Add(member.Peer, new PeerProgress(Log.Last.Next) { IsActive = true });
            }
        }

        TermStart = Log.Last.Next;
        Append(EntryKind.NoOp, []);
        BeginRound();
    }

    /// <summary>Before this replica stops leading: whoever waits on its leadership is told.</summary>
    private void LoseLeadership()
    {
        FailReads();
        _peers.Clear();
        _rounds.Clear();
        _leaseStart = null;
        _transferTo = PeerId.None;
    }
}
