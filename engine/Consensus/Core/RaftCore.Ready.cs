using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <content>What comes out, and what is durable.</content>
internal sealed partial class RaftCore
{
    private readonly Queue<(ulong Number, LogIndex Last)> _unpersisted = new();
    private List<RaftMessage> _messages = [];
    private List<RaftMessage> _messagesAfterPersist = [];
    private List<ReadPoint> _readPoints = [];
    private List<LoadRequest> _loads = [];
    private List<PeerId> _snapshotsWanted = [];
    private List<RaftMessage> _snapshotTraffic = [];
    private RaftHardState _savedState;
    private LogIndex _handed;
    private ulong _readyNumber;
    private ulong _selfVoteReady;
    private bool _isTruncated;

    /// <summary>True when <see cref="TakeReady"/> would give something to do.</summary>
    /// <remarks>Entries for peers are put into messages first: so everything proposed meanwhile goes out in one message to each.</remarks>
    internal bool HasReady()
    {
        if (Role == RaftRole.Leader)
        {
            if (_isRoundWanted)
            {
                // Once for all reads that came together.
                BeginRound();
            }

            SendAppends();
        }

        return MustPersist
            || _messages.Count > 0
            || _messagesAfterPersist.Count > 0
            || _readPoints.Count > 0
            || _loads.Count > 0
            || _snapshotsWanted.Count > 0
            || _snapshotTraffic.Count > 0;
    }

    private bool MustPersist => _handed < Log.Last || _isTruncated || Term != _savedState.Term || Vote != _savedState.Vote;

    /// <summary>Takes everything that there is to do; null when there is nothing.</summary>
    internal RaftReady? TakeReady()
    {
        if (!HasReady())
        {
            return null;
        }

        bool mustPersist = MustPersist;
        RaftEntry[] entries = _handed < Log.Last ? Log.Take(_handed.Next, Log.Last, _options.LogBatchBytesMax) : [];
        LogIndex end = entries.Length > 0 ? entries[^1].Index : Log.Last;
        bool isWhole = end == Log.Last;
        var state = new RaftHardState(Term, Vote, LogIndex.Min(Commit, end));
        _readyNumber++;
        if (mustPersist)
        {
            if (Role == RaftRole.Candidate && _selfVoteReady == 0)
            {
                _selfVoteReady = _readyNumber;
            }

            _savedState = state;
            _unpersisted.Enqueue((_readyNumber, end));
        }

        var ready = new RaftReady
        {
            Number = _readyNumber,
            MustPersist = mustPersist,
            State = state,
            Entries = entries,
            LogEnd = end,
            Messages = _messages,
            MessagesAfterPersist = isWhole ? _messagesAfterPersist : [],
            Reads = _readPoints,
            Loads = _loads,
            SnapshotsWanted = _snapshotsWanted,
            SnapshotTraffic = _snapshotTraffic,
        };
        _handed = end;
        _isTruncated = false;
        _messagesAfterPersist = isWhole ? [] : _messagesAfterPersist;
        (_messages, _readPoints, _loads, _snapshotsWanted, _snapshotTraffic) = ([], [], [], [], []);
        return ready;
    }

    /// <summary>The batch of that number, and all before it, are durable.</summary>
    internal void Persisted(ulong number)
    {
        while (_unpersisted.TryPeek(out (ulong Number, LogIndex Last) oldest) && oldest.Number <= number)
        {
            PersistedLast = LogIndex.Max(PersistedLast, oldest.Last);
            _unpersisted.Dequeue();
        }

        if (Role == RaftRole.Leader)
        {
            AdvanceCommit();
        }
        else if (Role == RaftRole.Candidate && _selfVoteReady != 0 && number >= _selfVoteReady)
        {
            RecordVote(Self, granted: true);
        }

        Log.Evict(_options.LogCacheBytes, LogIndex.Min(PersistedLast, Commit));
    }

    /// <summary>Everything after <paramref name="last"/> was removed from the log: what was or is being written there does not count any more.</summary>
    private void ForgetPersistedAfter(LogIndex last)
    {
        PersistedLast = LogIndex.Min(PersistedLast, last);
        _handed = LogIndex.Min(_handed, last);
        _isTruncated = true;
        for (int i = _unpersisted.Count; i > 0; i--)
        {
            (ulong number, LogIndex written) = _unpersisted.Dequeue();
            _unpersisted.Enqueue((number, LogIndex.Min(written, last)));
        }
    }

    /// <summary>Cuts the log up to <paramref name="start"/>, which must be applied. Called together with the batch that removes the rows.</summary>
    internal void Compact(LogIndex start)
    {
        Invariant.Check(start <= Commit && start <= _handed, "only committed entries are compacted");
        Log.Compact(start);
        DropMembershipsBefore(start);
    }
}
