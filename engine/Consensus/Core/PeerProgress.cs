using System.Collections.Generic;

namespace ObjectStore.Engine.Consensus;

/// <summary>What a leader knows of one peer, and how it sends to it.</summary>
/// <remarks>Invariant: <see cref="Match"/> &lt; <see cref="Next"/>; the peer has everything up to <see cref="Match"/> durably.</remarks>
internal sealed class PeerProgress(LogIndex next)
{
    private readonly Queue<(LogIndex Last, int Bytes)> _inflight = new();

    internal LogIndex Match { get; private set; }

    internal LogIndex Next { get; private set; } = next;

    internal ProgressState State { get; private set; }

    /// <summary>A probe is on its way: nothing more is sent until an answer or the next heartbeat's.</summary>
    internal bool IsProbeSent { get; private set; }

    /// <summary>Ask with an empty append whether what was sent has arrived.</summary>
    internal bool IsAskDue { get; set; }

    /// <summary>Heard of since the last check of the quorum.</summary>
    internal bool IsActive { get; set; }

    /// <summary>The newest round that it answered.</summary>
    internal ulong Round { get; set; }

    /// <summary>The newest commit index that was sent to it.</summary>
    internal LogIndex SentCommit { get; set; }

    /// <summary>Entries for it are being read from the store, from this index on; zero when not.</summary>
    internal LogIndex Loading { get; set; }

    internal int InflightCount => _inflight.Count;

    internal long InflightBytes { get; private set; }

    internal void Sent(LogIndex last, int bytes)
    {
        if (State == ProgressState.Probe)
        {
            IsProbeSent = true;
            return;
        }

        if (last >= Next)
        {
            Next = last.Next;
            _inflight.Enqueue((last, bytes));
            InflightBytes += bytes;
        }
    }

    /// <summary>The peer has everything up to <paramref name="match"/>. True when that is news.</summary>
    internal bool Acknowledged(LogIndex match)
    {
        IsProbeSent = false;
        while (_inflight.TryPeek(out (LogIndex Last, int Bytes) oldest) && oldest.Last <= match)
        {
            InflightBytes -= oldest.Bytes;
            _inflight.Dequeue();
        }

        if (match >= Next)
        {
            Next = match.Next;
        }

        if (match <= Match)
        {
            return false;
        }

        Match = match;
        return true;
    }

    /// <summary>The peer does not have <paramref name="rejected"/> but may have <paramref name="hint"/>. False when that is an old answer.</summary>
    internal bool Rejected(LogIndex rejected, LogIndex hint)
    {
        if (State == ProgressState.Replicate)
        {
            if (rejected <= Match)
            {
                return false;
            }

            BecomeProbe();
            return true;
        }

        if (State == ProgressState.Snapshot || Next.Previous != rejected)
        {
            return false;
        }

        Next = LogIndex.Max(LogIndex.Min(rejected, hint.Next), Match.Next);
        IsProbeSent = false;
        return true;
    }

    internal void Unpause() => IsProbeSent = false;

    internal void BecomeProbe() => Become(ProgressState.Probe);

    internal void BecomeReplicate() => Become(ProgressState.Replicate);

    internal void BecomeSnapshot() => Become(ProgressState.Snapshot);

    private void Become(ProgressState state)
    {
        State = state;
        IsProbeSent = false;
        IsAskDue = false;
        _inflight.Clear();
        InflightBytes = 0;
        Next = Match.Next;
    }
}
