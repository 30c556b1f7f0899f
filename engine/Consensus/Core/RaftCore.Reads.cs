using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Consensus;

/// <content>Linearizable reads: rounds of heartbeats, and leases that come of them.</content>
internal sealed partial class RaftCore
{
    // A round lasts until a majority answered; more than this are never under way in a life that is not cut off.
    private const int RoundsMax = 4096;

    private readonly Queue<(ulong Round, TimeSpan SentAt)> _rounds = new();
    private readonly Queue<(ulong Round, PeerId From, ulong Context, LogIndex Index)> _reads = new();
    private readonly List<(PeerId From, ulong Context)> _earlyReads = [];
    private TimeSpan? _leaseStart;
    private bool _isLeaseForfeited;
    private bool _isRoundWanted;
    private ulong _round;

    /// <summary>How long a lease lasts on the leader's clock, from the sending of the round that a majority answered.</summary>
    /// <remarks>
    /// Each of that majority votes for nobody else for an election timeout E on its own clock, which is at least E / (1 + d) of real time when no clock is off by
    /// more than the ratio d; in that time the leader's clock, slow at worst, shows at least E * (1 - d) / (1 + d).
    /// </remarks>
    internal TimeSpan LeaseDuration
    {
        get
        {
            double drift = _options.ClockDriftPerMillionMax / 1e6;
            return _options.ElectionTimeout * ((1 - drift) / (1 + drift));
        }
    }

    /// <summary>How much of the lease is left; zero or less when there is none.</summary>
    internal TimeSpan LeaseLeft(TimeSpan now) =>
        _options.LeaseReads && HasCommittedInTerm && !_isLeaseForfeited && _leaseStart is { } start ? start + LeaseDuration - now : TimeSpan.Zero;

    /// <summary>Asks for a read point: everything committed by any leader before this call is at or below it. Comes as a <see cref="ReadPoint"/> of a Ready.</summary>
    internal void ReadIndex(ulong context, TimeSpan now)
    {
        _now = now;
        if (Role == RaftRole.Leader)
        {
            TakeRead(Self, context);
        }
        else if (Leader.IsSome)
        {
            Send(new RaftMessage { Kind = MessageKind.ReadIndex, From = Self, To = Leader, Term = Term, Context = context });
        }
        else
        {
            _readPoints.Add(new ReadPoint(context, default, Failed: true));
        }
    }

    private void HandleReadIndex(RaftMessage question)
    {
        if (Role == RaftRole.Leader)
        {
            TakeRead(question.From, question.Context);
        }
        else
        {
            Send(new RaftMessage
            {
                Kind = MessageKind.ReadIndexResponse,
                From = Self,
                To = question.From,
                Term = Term,
                Context = question.Context,
                Reject = true,
            });
        }
    }

    private void HandleReadIndexResponse(RaftMessage answer) =>
        _readPoints.Add(new ReadPoint(answer.Context, answer.Index, answer.Reject));

    private void TakeRead(PeerId from, ulong context)
    {
        if (_reads.Count + _earlyReads.Count >= _options.ReadsMax)
        {
            AnswerRead(from, context, default, failed: true);
        }
        else if (!HasCommittedInTerm)
        {
            _earlyReads.Add((from, context));
        }
        else if (LeaseLeft(_now) > TimeSpan.Zero)
        {
            AnswerRead(from, context, Commit, failed: false);
        }
        else
        {
            _isRoundWanted = true;
            _reads.Enqueue((_round + 1, from, context, Commit));
        }
    }

    /// <summary>A heartbeat to everybody; who answers it still followed this leader after now.</summary>
    private void BeginRound()
    {
        _heartbeatElapsed = 0;
        _isRoundWanted = false;
        _round++;
        if (_rounds.Count == RoundsMax)
        {
            _rounds.Dequeue();
        }

        _rounds.Enqueue((_round, _now));
        foreach ((PeerId to, PeerProgress peer) in _peers)
        {
            Send(new RaftMessage
            {
                Kind = MessageKind.Heartbeat,
                From = Self,
                To = to,
                Term = Term,
                Commit = LogIndex.Min(Commit, peer.Match),
                Round = _round,
            });
        }

        ConfirmRounds();
    }

    private void NoteRound(PeerProgress peer, ulong round)
    {
        if (round > peer.Round && round <= _round)
        {
            peer.Round = round;
            ConfirmRounds();
        }
    }

    private void ConfirmRounds()
    {
        ulong confirmed = Quorum.Value(Membership, peer => peer == Self ? _round : _peers[peer].Round);
        while (_rounds.TryPeek(out (ulong Round, TimeSpan SentAt) oldest) && oldest.Round <= confirmed)
        {
            _leaseStart = oldest.SentAt;
            _rounds.Dequeue();
        }

        while (_reads.TryPeek(out (ulong Round, PeerId From, ulong Context, LogIndex Index) read) && read.Round <= confirmed)
        {
            _reads.Dequeue();
            AnswerRead(read.From, read.Context, read.Index, failed: false);
        }
    }

    private void AnswerEarlyReads()
    {
        if (!HasCommittedInTerm || _earlyReads.Count == 0)
        {
            return;
        }

        (PeerId From, ulong Context)[] early = [.. _earlyReads];
        _earlyReads.Clear();
        foreach ((PeerId from, ulong context) in early)
        {
            TakeRead(from, context);
        }
    }

    private void FailReads()
    {
        foreach ((_, PeerId from, ulong context, _) in _reads)
        {
            AnswerRead(from, context, default, failed: true);
        }

        foreach ((PeerId from, ulong context) in _earlyReads)
        {
            AnswerRead(from, context, default, failed: true);
        }

        _reads.Clear();
        _earlyReads.Clear();
        _isRoundWanted = false;
    }

    private void AnswerRead(PeerId to, ulong context, LogIndex index, bool failed)
    {
        if (to == Self)
        {
            _readPoints.Add(new ReadPoint(context, index, failed));
            return;
        }

        Send(new RaftMessage
        {
            Kind = MessageKind.ReadIndexResponse,
            From = Self,
            To = to,
            Term = Term,
            Context = context,
            Index = index,
            Reject = failed,
        });
    }
}
