using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Consensus;

/// <content>Snapshots on their way to a peer, and one on its way in.</content>
public sealed partial class RaftGroup
{
    private readonly SortedDictionary<PeerId, SnapshotSender> _senders = [];
    private readonly Queue<PeerId> _snapshotRequests = new();
    private readonly SortedSet<PeerId> _snapshotsHeldBack = [];
    private readonly Queue<RaftMessage> _arrivedChunks = new();
    private ISnapshotInstaller? _installer;
    private ulong _installStream;
    private ulong _installOffset;
    private TaskCompletionSource? _switching;

    private void WantSnapshot(PeerId peer)
    {
        if (_host.SnapshotsSending >= _host.Options.SnapshotsSendingMax || _senders.ContainsKey(peer))
        {
            // Asked again after a while: see TickSenders.
            _snapshotsHeldBack.Add(peer);
            return;
        }

        _host.SnapshotsSending++;
        _snapshotRequests.Enqueue(peer);
    }

    private void OpenSnapshot(PeerId peer)
    {
        Term term = _core.Log.TermAt(Applied) ?? throw new InvariantViolationException("what is applied is in the log or at its start");
        if (_senders.ContainsKey(peer))
        {
            _host.SnapshotsSending--;
            return;
        }

        ISnapshotSource source = Machine.OpenSnapshot();
        Term leaderTerm = _core.Term;
        var sender = new SnapshotSender(
            _host.Options,
            source,
            _host.Environment.Entropy.NextUInt64(),
            Applied,
            term,
            _core.MembershipAt(Applied),
            chunk => SendChunk(chunk with { From = Self, To = peer, Term = leaderTerm }));
        _senders.Add(peer, sender);
        Emit(TraceLevel.Info, "snapshot-send", ("index", (long)Applied.Value), ("to", unchecked((long)peer.Value)));
        SendSnapshotAsync(peer, sender);
    }

    private void SendChunk(RaftMessage chunk)
    {
        Send([chunk]);
        _host.Wake(this);
    }

    private async void SendSnapshotAsync(PeerId peer, SnapshotSender sender)
    {
        try
        {
            await sender.RunAsync();
        }
        catch (StorageException failure)
        {
            Trace.Emit(TraceLevel.Warning, "raft", "snapshot-unreadable", ("reason", failure.Message));
        }

        _host.SnapshotsSending--;
        _senders.Remove(peer);
        if (!IsDone)
        {
            _core.SnapshotEnded(peer);
            _host.Wake(this);
        }
    }

    private void TickSenders()
    {
        foreach ((PeerId peer, SnapshotSender sender) in _senders)
        {
            if (_core.ProgressOf(peer) is { State: ProgressState.Snapshot })
            {
                sender.Tick();
            }
            else
            {
                sender.End();
            }
        }

        if (_snapshotsHeldBack.Count > 0 && _host.SnapshotsSending < _host.Options.SnapshotsSendingMax)
        {
            PeerId next = _snapshotsHeldBack.Min;
            _snapshotsHeldBack.Remove(next);
            if (!_senders.ContainsKey(next))
            {
                _core.SnapshotEnded(next);
            }
        }
    }

    private void EndSenders()
    {
        foreach (SnapshotSender sender in _senders.Values)
        {
            sender.End();
        }

        _host.SnapshotsSending -= _snapshotRequests.Count;
        _snapshotRequests.Clear();
        _arrivedChunks.Clear();
    }

    private void TakeSnapshotTraffic(RaftMessage message)
    {
        if (message.Kind == MessageKind.SnapshotResponse)
        {
            if (_senders.TryGetValue(message.From, out SnapshotSender? sender) && sender.Stream == message.Context)
            {
                sender.Acknowledged(message);
            }
        }
        else if (_arrivedChunks.Count < 2 * _host.Options.SnapshotChunksInFlight)
        {
            _arrivedChunks.Enqueue(message);
        }
    }

    /// <summary>Takes a chunk: the next one is added, another one answered with where this replica is, the first of an unknown stream begins anew.</summary>
    private async ValueTask TakeChunkAsync(RaftMessage chunk)
    {
        if (chunk.Index <= _core.Commit)
        {
            await AbandonInstallAsync();
            return;
        }

        if (chunk.Context != _installStream || _installer is null)
        {
            if (chunk.Offset != 0)
            {
                Answer(chunk, 0, reject: true);
                return;
            }

            await AbandonInstallAsync();
            _installer = await Machine.BeginInstallAsync(chunk.Index, chunk.LogTerm);
            (_installStream, _installOffset) = (chunk.Context, 0);
            Emit(TraceLevel.Info, "snapshot-take", ("index", (long)chunk.Index.Value));
        }

        if (chunk.Offset == _installOffset && !IsDone)
        {
            try
            {
                if (!chunk.IsLast)
                {
                    await _installer.AddChunkAsync(chunk.Data);
                    _installOffset += (ulong)chunk.Data.Length;
                }
                else if (await FinishInstallAsync(_installer, chunk))
                {
                    return;
                }
            }
            catch (MalformedDataException wrong)
            {
                Trace.Emit(TraceLevel.Warning, "raft", "snapshot-malformed", ("reason", wrong.Message));
                await AbandonInstallAsync();
                Answer(chunk, 0, reject: true);
                return;
            }
        }

        Answer(chunk, _installOffset, reject: false);
    }

    /// <summary>Switches machine, log and membership to the snapshot, in one batch. False when the log has overtaken it meanwhile.</summary>
    private async ValueTask<bool> FinishInstallAsync(ISnapshotInstaller installer, RaftMessage last)
    {
        var batch = new WriteBatch();
        await installer.FinishAsync(batch);
        if (IsDone || !_core.Restore(last.Index, last.LogTerm, last.Membership))
        {
            await AbandonInstallAsync();
            return false;
        }

        RaftHardState state = _core.HardState;
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ForgetStoredAfter(default);
        var write = new LogWrite(
            this,
            Number: 0,
            batch.SizeBytes,
            rows =>
            {
                _host.Log.AddState(rows, Id, state, last.Index);
                _host.Log.AddStart(rows, Id, last.Index, last.LogTerm, last.Membership);
            },
            batch,
            _ => Switch(installer, last.Index, stored),
            [])
        {
            End = last.Index,
        };
        Enqueue(write);
        _core.SendAfterPersist(ResponseTo(last, (ulong)_installOffset + 1, reject: false));
        _host.Wake(this);
        _switching = stored;
        await stored.Task;
        _switching = null;
        return true;
    }

    private void Switch(ISnapshotInstaller installer, LogIndex index, TaskCompletionSource stored)
    {
        installer.Switched();
        Applied = index;
        _storedLast = index;
        _installer = null;
        _readAhead.Clear();
        _sizes.Clear();
        Emit(TraceLevel.Info, "snapshot-installed", ("index", (long)index.Value));
        Trace.Mark("raft-snapshot-installed");
        foreach (LogIndex at in new List<LogIndex>(_proposals.Keys))
        {
            if (at <= index)
            {
                // Applied or not, the snapshot does not say.
                EndProposal(at, ProposalStatus.Unknown);
            }
        }

        CompleteReads();
        stored.TrySetResult();
        ClearRowsAsync(index);
    }

    /// <summary>Rows of the log that the snapshot replaced.</summary>
    private async void ClearRowsAsync(LogIndex start)
    {
        try
        {
            await DeleteRowsAsync(start);
        }
        catch (StorageException failure)
        {
            _host.Fail(failure);
        }
    }

    private async ValueTask AbandonInstallAsync()
    {
        if (_installer is { } abandoned)
        {
            _installer = null;
            await abandoned.AbandonAsync();
        }
    }

    private void Answer(RaftMessage chunk, ulong offset, bool reject)
    {
        if (!IsDone)
        {
            _core.SendAfterPersist(ResponseTo(chunk, offset, reject));
            _host.Wake(this);
        }
    }

    private RaftMessage ResponseTo(RaftMessage chunk, ulong offset, bool reject) => new()
    {
        Kind = MessageKind.SnapshotResponse,
        From = Self,
        To = chunk.From,
        Term = _core.Term,
        Context = chunk.Context,
        Offset = offset,
        Reject = reject,
    };
}
