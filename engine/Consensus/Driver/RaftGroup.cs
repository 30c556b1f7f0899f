using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>One replica: a core, its log, its machine. Made by <see cref="RaftHost"/>.</summary>
public sealed partial class RaftGroup : IRaftGroup
{
    // Strangers whose node is remembered, to answer them.
    private const int HeardFromMax = 256;

    private readonly RaftHost _host;
    private readonly RaftCore _core;
    private readonly LogSizes _sizes;
    private readonly SortedDictionary<PeerId, NodeId> _heardFrom = [];
    private readonly Queue<LogWrite> _writes = new();
    private readonly Gate _changed = new();
    private (RaftRole Role, PeerId Leader, Term Term, LogIndex Membership, bool Committed) _seen;
    private (Term Term, PeerId Candidate) _seenVote;
    private LogWrite? _lastWrite;
    private LogIndex _storedLast;
    private string? _failure;

    internal RaftGroup(RaftHost host, GroupId id, IReplicatedStateMachine machine, LoadedLog loaded)
    {
        (_host, Id, Machine, _sizes, _oldestRow, _rowsEnd) = (host, id, machine, loaded.Sizes, loaded.OldestRow, loaded.RowsEnd);
        RaftSavedState saved = loaded.Saved;
        Applied = LogIndex.Max(machine.AppliedIndex, saved.Log.Start);
        if (machine.AppliedIndex < saved.Log.Start || machine.AppliedIndex > saved.Log.Last)
        {
            throw new Storage.StorageException(
                Storage.StorageError.Corrupt,
                $"raft log of group {id}",
                -1,
                $"the machine has applied {machine.AppliedIndex}, the log holds {saved.Log.Start.Next} to {saved.Log.Last}");
        }

        saved = saved with { State = saved.State with { Commit = LogIndex.Max(saved.State.Commit, Applied) } };
        _core = new RaftCore(host.Self, host.Options, saved, bound => (int)(host.Environment.Entropy.NextUInt64() % (ulong)bound), Now);
        _storedLast = _core.Log.Last;
        _readContext = host.Environment.Entropy.NextUInt64();
        _seen = See();
        _seenVote = (_core.Term, _core.Vote);
    }

    /// <inheritdoc/>
    public GroupId Id { get; }

    /// <inheritdoc/>
    public PeerId Self => _host.Self;

    /// <inheritdoc/>
    public IReplicatedStateMachine Machine { get; }

    /// <inheritdoc/>
    public bool IsLeader => _core.Role == RaftRole.Leader && _failure is null;

    /// <summary>Applied up to here.</summary>
    public LogIndex Applied { get; private set; }

    /// <summary>The newest membership in the log, committed or not.</summary>
    public RaftMembership Membership => _core.Membership;

    /// <inheritdoc/>
    public Term Term => _core.Term;

    /// <inheritdoc/>
    public NodeId? LeaderNode => _core.Leader.IsSome ? NodeOf(_core.Leader) : null;

    /// <summary>Why this replica stopped; null while it works.</summary>
    public string? Failure => _failure;

    internal bool IsDirty { get; set; }

    internal bool IsStopped { get; private set; }

    internal RaftCore Core => _core;

    private TimeSpan Now => _host.Environment.Clock.Now;

    private ITrace Trace => _host.Environment.Trace;

    /// <inheritdoc/>
    public RaftStatus Status()
    {
        var peers = new List<PeerStatus>();
        foreach (RaftMember member in _core.Membership.All())
        {
            if (_core.ProgressOf(member.Peer) is { } progress)
            {
                long sent = _senders.TryGetValue(member.Peer, out SnapshotSender? sender) ? sender.BytesSent : 0;
                peers.Add(new PeerStatus(
                    member.Peer, member.Node, _core.Membership.IsVoter(member.Peer), progress.State, progress.Match, sent, progress.IsActive));
            }
        }

        TimeSpan lease = _core.LeaseLeft(Now);
        return new RaftStatus
        {
            Group = Id,
            Self = Self,
            Role = _core.Role,
            Term = Term,
            Leader = _core.Leader,
            LeaderNode = LeaderNode,
            Membership = _core.Membership,
            IsMembershipCommitted = _core.MembershipIndex <= _core.Commit,
            LogStart = _core.Log.Start,
            LogEnd = _core.Log.Last,
            Durable = _core.PersistedLast,
            Commit = _core.Commit,
            Applied = Applied,
            Lease = lease > TimeSpan.Zero ? lease : TimeSpan.Zero,
            Peers = peers,
            Failure = _failure,
        };
    }

    /// <inheritdoc/>
    public Task WaitForChangeAsync() => _changed.WaitAsync();

    internal void Start()
    {
        _host.Environment.Spawner.Spawn(_host.Loop, $"raft-apply-{Id}", ApplyLoopAsync);
        _applyWake.Set();
        _host.Wake(this);
    }

    internal void CampaignNow()
    {
        _core.CampaignNow(Now);
        _host.Wake(this);
    }

    internal void Receive(NodeId from, RaftMessage message)
    {
        if (IsStopped || _failure is not null)
        {
            return;
        }

        if (_core.Membership.NodeOf(message.From) is null)
        {
            if (_heardFrom.Count >= HeardFromMax)
            {
                _heardFrom.Clear();
            }

            _heardFrom[message.From] = from;
        }

        _core.Step(message, Now);
        _host.Wake(this);
    }

    internal void Tick()
    {
        if (IsStopped || _failure is not null)
        {
            return;
        }

        _core.Tick(Now);
        TickProposals();
        TickReads();
        TickSenders();

        // Most ticks of an idle group bring nothing: with many groups on a node these would be most of its work.
        if (_core.HasReady() || _readsNew.Count > 0 || HasApplyWork || See() != _seen)
        {
            _host.Wake(this);
        }
    }

    /// <summary>Takes what came of everything since the last turn and sets it going.</summary>
    internal void Pump()
    {
        if (IsStopped || _failure is not null)
        {
            return;
        }

        AskReads();

        // Bounded by the entries in memory: each batch takes some of them.
        while (_core.TakeReady() is { } ready)
        {
            Send(ready.Messages);
            if (ready.MustPersist)
            {
                Persist(ready);
            }
            else if (_writes.Count > 0)
            {
                _lastWrite!.After.AddRange(ready.MessagesAfterPersist);
            }
            else
            {
                Send(ready.MessagesAfterPersist);
            }

            Handle(ready);
        }

        NoteChanges();
        if (HasApplyWork)
        {
            _applyWake.Set();
        }
    }

    /// <summary>A batch, and all before it, are durable.</summary>
    internal void Written(LogWrite write)
    {
        if (IsStopped || _failure is not null)
        {
            return;
        }

        Invariant.Check(_writes.Dequeue() == write, "batches become durable in order");
        if (write.Number > 0)
        {
            _core.Persisted(write.Number);
        }

        Send(write.After);
        _host.Wake(this);
    }

    /// <summary>This replica does nothing more in this life.</summary>
    internal void Fail(string reason)
    {
        if (_failure is null && !IsStopped)
        {
            _failure = reason;
            Trace.Emit(TraceLevel.Error, "raft", "group-failed", ("group", unchecked((long)Id.Value)), ("reason", reason));
            EndAll();
        }
    }

    /// <summary>Stops and waits until nothing of it runs any more.</summary>
    internal async Task StopAsync()
    {
        IsStopped = true;
        EndAll();
        await _applyEnded.Task;
    }

    private void EndAll()
    {
        EndProposals();
        EndReads();
        EndAdministration();
        EndSenders();
        _switching?.TrySetResult();
        _applyWake.Set();
        _changed.Open();
    }

    private void Persist(RaftReady ready)
    {
        if (ready.Entries.Count > 0)
        {
            ForgetStoredAfter(ready.Entries[0].Index.Previous);
        }

        long size = 64;
        for (int i = 0; i < ready.Entries.Count; i++)
        {
            size += ready.Entries[i].SizeBytes + 32;
            _sizes.Add(ready.Entries[i].Index, ready.Entries[i].SizeBytes);
        }

        var write = new LogWrite(
            this,
            ready.Number,
            size,
            batch => _host.Log.Add(batch, Id, ready),
            Whole: null,
            Stored,
            [.. ready.MessagesAfterPersist])
        {
            End = ready.LogEnd,
        };
        Enqueue(write);
    }

    private void Enqueue(LogWrite write)
    {
        _lastWrite = write;
        _writes.Enqueue(write);
        _host.Writer.Add(write);
    }

    /// <summary>Entries after <paramref name="last"/> are replaced: what the store has there, or will have of earlier writes, is not the log's.</summary>
    private void ForgetStoredAfter(LogIndex last)
    {
        _storedLast = LogIndex.Min(_storedLast, last);
        if (_lastWrite is null || _lastWrite.End <= last)
        {
            return;
        }

        foreach (LogWrite write in _writes)
        {
            write.End = LogIndex.Min(write.End, last);
        }
    }

    private void Stored(LogWrite write)
    {
        _storedLast = write.End;
        _rowsEnd = LogIndex.Max(_rowsEnd, write.End);
        if (HasApplyWork)
        {
            _applyWake.Set();
        }
    }

    private void Handle(RaftReady ready)
    {
        for (int i = 0; i < ready.Reads.Count; i++)
        {
            TakeReadPoint(ready.Reads[i]);
        }

        for (int i = 0; i < ready.Loads.Count; i++)
        {
            LoadAsync(ready.Loads[i]);
        }

        for (int i = 0; i < ready.SnapshotsWanted.Count; i++)
        {
            WantSnapshot(ready.SnapshotsWanted[i]);
        }

        for (int i = 0; i < ready.SnapshotTraffic.Count; i++)
        {
            TakeSnapshotTraffic(ready.SnapshotTraffic[i]);
        }
    }

    private async void LoadAsync(LoadRequest request)
    {
        try
        {
            IReadOnlyList<RaftEntry> entries = await _host.Log.ReadAsync(Id, request.First, _storedLast, request.BytesMax);
            if (!IsStopped && _failure is null)
            {
                _core.EntriesLoaded(request.Peer, request.First, entries);
                _host.Wake(this);
            }
        }
        catch (Storage.StorageException failure)
        {
            Fail(failure.Message);
        }
    }

    private void Send(IReadOnlyList<RaftMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (NodeOf(messages[i].To) is { } node)
            {
                if (messages[i] is { Kind: MessageKind.VoteResponse, Reject: false })
                {
                    NoteVote(messages[i].Term, messages[i].To);
                }

                _host.Post(node, Id, messages[i]);
            }
        }
    }

    /// <summary>Where a peer lives: by the membership, or else where it last spoke from.</summary>
    private NodeId? NodeOf(PeerId peer) =>
        _core.Membership.NodeOf(peer) ?? (_heardFrom.TryGetValue(peer, out NodeId node) ? node : null);

    private (RaftRole Role, PeerId Leader, Term Term, LogIndex Membership, bool Committed) See() =>
        (_core.Role, _core.Leader, _core.Term, _core.MembershipIndex, _core.MembershipIndex <= _core.Commit);

    private void NoteChanges()
    {
        (RaftRole Role, PeerId Leader, Term Term, LogIndex Membership, bool Committed) now = See();
        if (now == _seen)
        {
            return;
        }

        if (now.Role == RaftRole.Leader && (_seen.Role != RaftRole.Leader || _seen.Term != now.Term))
        {
            NoteVote(now.Term, Self);
            Emit(TraceLevel.Info, "leader", ("term", (long)now.Term.Value));
        }
        else if (_seen.Role == RaftRole.Leader && now.Role != RaftRole.Leader)
        {
            Emit(TraceLevel.Info, "stepped-down", ("term", (long)now.Term.Value));
        }

        if (now.Membership != _seen.Membership)
        {
            Emit(TraceLevel.Info, "membership", ("index", (long)now.Membership.Value), ("members", _core.Membership.ToString()));
        }

        _seen = now;
        LookAtAdministration();
        _changed.Open();
    }

    /// <summary>A vote is told of when it counts, by being answered or by winning: one whose write was only begun may be lost in a crash, and another be given in its place.</summary>
    private void NoteVote(Term term, PeerId candidate)
    {
        if (_seenVote != (term, candidate))
        {
            Emit(TraceLevel.Debug, "vote", ("term", (long)term.Value), ("for", unchecked((long)candidate.Value)));
            _seenVote = (term, candidate);
        }
    }

    /// <summary>Trace events of area <c>raft</c> all have the group and the peer; they are what a safety checker watches.</summary>
    private void Emit(TraceLevel level, string name, params ReadOnlySpan<TraceField> fields)
    {
        if (Trace.IsEnabled(level))
        {
            Trace.Emit(level, "raft", name, [("group", unchecked((long)Id.Value)), ("peer", unchecked((long)Self.Value)), .. fields]);
        }
    }
}
