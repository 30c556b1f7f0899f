using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Consensus;

/// <content>The one coroutine that touches the machine: applies what is committed, opens snapshots, takes snapshots in; and the cutting of the log.</content>
public sealed partial class RaftGroup
{
    // Applying without a wait must not keep the loop from everybody else.
    private const int AppliesPerTurn = 64;
    private const int ReadAheadBytes = 1024 * 1024;

    private readonly Signal _applyWake = new();
    private readonly TaskCompletionSource _applyEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<RaftEntry> _readAhead = new();
    private LogIndex _oldestRow;
    private LogIndex _rowsEnd;
    private bool _isCutting;
    private int _appliesInTurn;

    /// <summary>An entry may be applied when it is committed and in the store: so the machine's rows never come before the log's.</summary>
    private LogIndex ApplyLimit => LogIndex.Min(_core.Commit, _storedLast);

    private bool HasApplyWork => Applied < ApplyLimit || _snapshotRequests.Count > 0 || _arrivedChunks.Count > 0;

    private bool IsDone => IsStopped || _failure is not null;

    private async Task ApplyLoopAsync()
    {
        try
        {
            // The event loop of the machine; ends with the replica.
            while (!IsDone)
            {
                if (!HasApplyWork)
                {
                    await _applyWake.WaitAsync();
                    continue;
                }

                await DoApplyWorkAsync();
            }
        }
        catch (StorageException failure)
        {
            Fail(failure.Message);
        }
        finally
        {
            _applyEnded.TrySetResult();
        }
    }

    private async ValueTask DoApplyWorkAsync()
    {
        while (_snapshotRequests.TryDequeue(out PeerId peer))
        {
            OpenSnapshot(peer);
        }

        if (_arrivedChunks.TryDequeue(out RaftMessage? chunk))
        {
            await TakeChunkAsync(chunk);
        }

        while (Applied < ApplyLimit && !IsDone && _snapshotRequests.Count == 0 && _arrivedChunks.Count == 0)
        {
            await ApplyNextAsync();
        }

        CutLog();
    }

    private async ValueTask ApplyNextAsync()
    {
        LogIndex index = Applied.Next;
        RaftEntry entry = _core.Log.TryGet(index, out RaftEntry cached) ? cached : await ReadEntryAsync(index);
        object? result = null;
        if (entry.Kind == EntryKind.Normal)
        {
            result = await Machine.ApplyAsync(index, entry.Term, entry.Payload);
            if (IsDone)
            {
                return;
            }
        }

        Invariant.Check(Applied.Next == index, "entries are applied one after another");
        Applied = index;
        if (Trace.IsEnabled(TraceLevel.Debug))
        {
            Emit(
                TraceLevel.Debug,
                "commit",
                ("index", (long)index.Value),
                ("term", (long)entry.Term.Value),
                ("hash", unchecked((long)StableHash.Compute(entry.Encoded.Span, index.Value))));
        }

        CompleteProposal(index, entry.Term, result);
        CompleteReads();
        if (++_appliesInTurn >= AppliesPerTurn)
        {
            _appliesInTurn = 0;
            await Task.Yield();
        }
    }

    private async ValueTask<RaftEntry> ReadEntryAsync(LogIndex index)
    {
        while (_readAhead.TryDequeue(out RaftEntry ahead))
        {
            if (ahead.Index == index)
            {
                return ahead;
            }
        }

        IReadOnlyList<RaftEntry> entries = await _host.Log.ReadAsync(Id, index, ApplyLimit, ReadAheadBytes);
        if (entries.Count == 0)
        {
            throw new StorageException(StorageError.Corrupt, $"raft log of group {Id}", -1, $"entry {index} is missing");
        }

        for (int i = 1; i < entries.Count; i++)
        {
            _readAhead.Enqueue(entries[i]);
        }

        return entries[0];
    }

    /// <summary>Cuts the log when it holds twice what is kept, up to what is applied, durable, and not needed after a snapshot that is being sent.</summary>
    private void CutLog()
    {
        // The machine's own index may lag behind the log's own entries; the log has to reach back to it when it is opened again.
        LogIndex limit = LogIndex.Min(LogIndex.Min(Applied, Machine.AppliedIndex), _core.PersistedLast);
        foreach (SnapshotSender sender in _senders.Values)
        {
            limit = LogIndex.Min(limit, sender.Index);
        }

        RaftHostOptions options = _host.Options;
        bool isLong = _sizes.Bytes > 2 * options.LogKeptBytes
            || Applied.Value - Math.Min(Applied.Value, _core.Log.Start.Value) > 2 * (ulong)options.LogKeptEntries;
        if (!isLong || _isCutting)
        {
            return;
        }

        LogIndex cut = LogIndex.Min(limit, _sizes.CutKeeping(options.LogKeptBytes, options.LogKeptEntries, _core.Log.Last));
        if (cut > _core.Log.Start)
        {
            CutToAsync(cut);
        }
    }

    private async void CutToAsync(LogIndex start)
    {
        _isCutting = true;
        try
        {
            if (!await _host.WaitForRoomAsync() || IsDone || start <= _core.Log.Start)
            {
                return;
            }

            var batch = new WriteBatch();
            _host.Log.AddStart(batch, Id, start, _core.Log.TermAt(start)!.Value, _core.MembershipAt(start));
            _host.Store.Apply(batch);
            _core.Compact(start);
            _sizes.Cut(start);
            Trace.Mark("raft-log-cut");
            await DeleteRowsAsync(start);
        }
        catch (StorageException failure)
        {
            _host.Fail(failure);
        }
        finally
        {
            _isCutting = false;
        }
    }

    private async ValueTask DeleteRowsAsync(LogIndex last)
    {
        while (_oldestRow <= LogIndex.Min(last, _rowsEnd) && !IsDone && await _host.WaitForRoomAsync())
        {
            LogIndex end = LogIndex.Min(LogIndex.Min(last, _rowsEnd), new LogIndex(_oldestRow.Value + RaftLogStore.DeletesMax - 1));
            var batch = new WriteBatch();
            _host.Log.AddDeletes(batch, Id, _oldestRow, end);
            _host.Store.Apply(batch);
            _oldestRow = end.Next;
        }

        _oldestRow = LogIndex.Max(_oldestRow, last.Next);
    }
}
