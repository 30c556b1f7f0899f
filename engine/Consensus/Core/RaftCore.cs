using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>One Raft replica as a state machine: messages, ticks and proposals go in, batches of things to do come out. No thread, clock, socket or file.</summary>
/// <remarks>
/// Use: any number of <see cref="Step"/>, <see cref="Tick"/>, <see cref="Propose"/>, ...; then <see cref="TakeReady"/> and do what it says in the order that it
/// states; <see cref="Persisted"/> when the batch is durable. The next batch may be taken before the last one is durable: batches become durable in order.
/// Time is what the caller passes as <c>now</c>, this member's monotonic clock; ticks count out elections and heartbeats (a process that was stopped does not
/// take the pause for silence of its leader), <c>now</c> measures leases and the promises that they rest on.
/// Invariants, each checked by proofs: at most one leader a term; a leader only appends; two logs with an equal entry are equal up to it; a leader has all
/// committed entries; what is committed at an index is the same everywhere.
/// Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (extended version); Ongaro, "Consensus: Bridging Theory and Practice"
/// (pre-vote 9.6, check quorum 6.2, transfer 3.10, reads 6.4, membership 4).
/// </remarks>
internal sealed partial class RaftCore
{
    private readonly RaftHostOptions _options;
    private readonly Func<int, int> _random;
    private readonly SortedDictionary<PeerId, PeerProgress> _peers = [];
    private readonly SortedDictionary<PeerId, bool> _votes = [];
    private TimeSpan _now;
    private TimeSpan? _contactAt;
    private int _electionElapsed;
    private int _heartbeatElapsed;
    private int _electionTicks;

    /// <summary>A replica over what its store holds.</summary>
    /// <param name="self">Who it is.</param>
    /// <param name="options">Times and bounds.</param>
    /// <param name="saved">What was found in the store.</param>
    /// <param name="random">A number from 0 up to, not including, its argument; for election timeouts.</param>
    /// <param name="now">The monotonic clock.</param>
    internal RaftCore(PeerId self, RaftHostOptions options, RaftSavedState saved, Func<int, int> random, TimeSpan now)
    {
        (Self, _options, _random, _now) = (self, options, random, now);
        (Term, Vote, Commit) = (saved.State.Term, saved.State.Vote, LogIndex.Max(saved.State.Commit, saved.Log.Start));
        Log = saved.Log;
        _memberships.AddRange(saved.Memberships);
        Invariant.Check(_memberships.Count > 0, "there is a membership");
        Invariant.Check(Commit <= Log.Last, "what is committed is in the log");
        _handed = PersistedLast = Log.Last;
        _savedState = saved.State;

        // A promise to the leader of the last life may still be owed, and the leader counts on it.
        _contactAt = Term.Value > 0 && !IsSureSoleVoter ? now : null;
        DrawElectionTicks();
    }

    internal PeerId Self { get; }

    internal Term Term { get; private set; }

    internal PeerId Vote { get; private set; }

    internal RaftRole Role { get; private set; }

    /// <summary>Who leads in this term, as far as it knows.</summary>
    internal PeerId Leader { get; private set; }

    internal LogIndex Commit { get; private set; }

    internal RaftLog Log { get; }

    /// <summary>Durable up to here.</summary>
    internal LogIndex PersistedLast { get; private set; }

    /// <summary>A voter, or one that is being left out by a membership that may not be committed: until then the group may depend on its longer log.</summary>
    /// <remarks>Source: Ongaro's dissertation, 4.2.2: a server that is not part of its own latest configuration still starts elections.</remarks>
    private bool IsElectable =>
        Membership.IsVoter(Self) || (MembershipIndex > Commit && MembershipAt(Commit).IsVoter(Self));

    /// <summary>The only voter of a committed membership: nobody else can ever have been promised anything.</summary>
    private bool IsSureSoleVoter =>
        !Membership.IsJoint && Membership.Voters.Count == 1 && Membership.Voters[0].Peer == Self && MembershipIndex <= Commit;

    /// <summary>One tick of the clock has passed.</summary>
    internal void Tick(TimeSpan now)
    {
        _now = now;
        if (Role == RaftRole.Leader)
        {
            TickLeader();
            return;
        }

        _electionElapsed++;
        bool isTime = _electionElapsed >= _electionTicks || (Role == RaftRole.Follower && IsSureSoleVoter);
        if (IsElectable && isTime && !OwesPromise())
        {
            Campaign();
        }
    }

    /// <summary>Stands for election without waiting for silence, as far as a promise to a leader allows: for the first election of a new group.</summary>
    internal void CampaignNow(TimeSpan now)
    {
        _now = now;
        if (Role != RaftRole.Leader && IsElectable && !OwesPromise())
        {
            Campaign();
        }
    }

    /// <summary>Takes a message. One that is for another peer, old, or nonsense changes nothing.</summary>
    internal void Step(RaftMessage message, TimeSpan now)
    {
        _now = now;
        if (message.To != Self || message.From == Self || !message.From.IsSome)
        {
            return;
        }

        bool asksForVote = message.Kind is MessageKind.PreVote or MessageKind.Vote;
        if (asksForVote && !message.Forced && message.Term > Term && OwesPromise())
        {
            return;
        }

        if (message.Term > Term)
        {
            bool isFutureTerm = message.Kind == MessageKind.PreVote || (message.Kind == MessageKind.PreVoteResponse && !message.Reject);
            if (!isFutureTerm)
            {
                BecomeFollower(message.Term, IsFromLeader(message.Kind) ? message.From : PeerId.None);
            }
        }
        else if (message.Term < Term)
        {
            StepOld(message);
            return;
        }

        Dispatch(message);
    }

    private static bool IsFromLeader(MessageKind kind) =>
        kind is MessageKind.Append or MessageKind.Heartbeat or MessageKind.SnapshotChunk or MessageKind.TimeoutNow;

    /// <summary>A message of an earlier term: whoever leads or stands there learns that it is over.</summary>
    private void StepOld(RaftMessage message)
    {
        switch (message.Kind)
        {
            case MessageKind.Append or MessageKind.Heartbeat or MessageKind.SnapshotChunk:
                // Any answer of a later term will do; it refuses nothing in that term.
                AnswerLater(message.From, MessageKind.HeartbeatResponse);
                break;
            case MessageKind.PreVote:
                SendLater(new RaftMessage { Kind = MessageKind.PreVoteResponse, From = Self, To = message.From, Term = Term, Reject = true });
                break;
            case MessageKind.Vote:
                SendLater(new RaftMessage { Kind = MessageKind.VoteResponse, From = Self, To = message.From, Term = Term, Reject = true });
                break;
            case MessageKind.ReadIndex:
                Send(new RaftMessage
                {
                    Kind = MessageKind.ReadIndexResponse,
                    From = Self,
                    To = message.From,
                    Term = Term,
                    Context = message.Context,
                    Reject = true,
                });
                break;
            default:
                break;
        }
    }

    private void Dispatch(RaftMessage message)
    {
        switch (message.Kind)
        {
            case MessageKind.PreVote or MessageKind.Vote:
                HandleVoteRequest(message);
                break;
            case MessageKind.PreVoteResponse or MessageKind.VoteResponse:
                HandleVoteResponse(message);
                break;
            case MessageKind.Append:
                HearLeader(message);
                HandleAppend(message);
                break;
            case MessageKind.Heartbeat:
                HearLeader(message);
                CommitTo(LogIndex.Min(message.Commit, Log.Last));
                AnswerLater(message.From, MessageKind.HeartbeatResponse, message.Round);
                break;
            case MessageKind.SnapshotChunk:
                HearLeader(message);
                HandleSnapshotChunk(message);
                break;
            case MessageKind.TimeoutNow:
                HandleTimeoutNow(message);
                break;
            case MessageKind.ReadIndexResponse:
                HandleReadIndexResponse(message);
                break;
            case MessageKind.ReadIndex:
                HandleReadIndex(message);
                break;
            default:
                if (Role == RaftRole.Leader && _peers.TryGetValue(message.From, out PeerProgress? peer))
                {
                    StepLeader(message, peer);
                }

                break;
        }
    }

    private void StepLeader(RaftMessage message, PeerProgress peer)
    {
        peer.IsActive = true;
        switch (message.Kind)
        {
            case MessageKind.AppendResponse:
                NoteRound(peer, message.Round);
                HandleAppendResponse(message, peer);
                break;
            case MessageKind.HeartbeatResponse:
                NoteRound(peer, message.Round);
                peer.Unpause();
                peer.IsAskDue |= peer.State == ProgressState.Replicate && peer.Next > peer.Match.Next;
                break;
            case MessageKind.SnapshotResponse:
                _snapshotTraffic.Add(message);
                break;
            default:
                break;
        }
    }

    private void HearLeader(RaftMessage message)
    {
        Invariant.Check(Role != RaftRole.Leader, "two leaders in one term");
        Invariant.Check(!Leader.IsSome || Leader == message.From, "two leaders in one term");
        if (Role != RaftRole.Follower || Leader != message.From)
        {
            BecomeFollower(message.Term, message.From);
        }

        _electionElapsed = 0;
        _contactAt = _now;
    }

    private void BecomeFollower(Term term, PeerId leader)
    {
        if (Role == RaftRole.Leader)
        {
            LoseLeadership();
        }

        if (term != Term)
        {
            (Term, Vote) = (term, PeerId.None);
        }

        Role = RaftRole.Follower;
        Leader = leader;
        _votes.Clear();
        _electionElapsed = 0;
        DrawElectionTicks();
    }

    private void DrawElectionTicks() => _electionTicks = _options.ElectionTicks + 1 + _random(_options.ElectionTicks);

    private void Send(RaftMessage message) => _messages.Add(message);

    private void SendLater(RaftMessage message) => _messagesAfterPersist.Add(message);

    private void AnswerLater(PeerId to, MessageKind kind, ulong round = 0) =>
        SendLater(new RaftMessage { Kind = kind, From = Self, To = to, Term = Term, Round = round });
}

/// <summary>What a store holds of a replica.</summary>
/// <param name="State">Hard state.</param>
/// <param name="Log">Start, terms and the newest entries.</param>
/// <param name="Memberships">That in force at the log's start, then each in the log, with its index; ascending.</param>
internal sealed record RaftSavedState(RaftHardState State, RaftLog Log, IReadOnlyList<(LogIndex Index, RaftMembership Membership)> Memberships);
