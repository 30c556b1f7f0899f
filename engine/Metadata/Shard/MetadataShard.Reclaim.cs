using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <content>The reclaim worker: frees what commands released, once no reader is left that started before. Goes on where it was after a crash.</content>
public sealed partial class MetadataShard
{
    private TaskCompletionSource? _idleReclaim;
    private bool _garbageNoticed = true;

    private async Task RunReclaimAsync()
    {
        // Works until the garbage table is empty, then waits for a command; ends with the node or with its store.
        while (true)
        {
            if (!_garbageNoticed)
            {
                await WaitAsync();
            }

            _garbageNoticed = false;
            try
            {
                await _lastDurable;
                while (await ReclaimOnceAsync())
                {
                }
            }
            catch (StorageException failure)
            {
                _environment.Trace.Emit(Kernel.TraceLevel.Warning, "metadata", "reclaim-stopped", ("error", failure.Error.ToString()));
                if (failure.Error is StorageError.Poisoned or StorageError.Closed)
                {
                    return;
                }

                await WaitAsync();
            }
        }
    }

    /// <returns>False when no garbage is durable.</returns>
    private async Task<bool> ReclaimOnceAsync()
    {
        ulong upTo;
        ulong seen;
        using (IReadView state = _store.ReadDurable())
        {
            seen = state.Sequence;
            upTo = await LastGarbageAsync(state);
        }

        if (upTo == 0)
        {
            return false;
        }

        // Readers of this state or a later one do not see what that garbage was part of.
        while (HasReaderBefore(seen))
        {
            await WaitAsync();
        }

        await ExecuteAsync(new ReclaimCommand(upTo, _options.ReclaimRowsMax) { NowUtc = _environment.Clock.UtcNow });
        return true;
    }

    /// <summary>Sequence of the last of the first garbage rows; 0 when there are none.</summary>
    private async ValueTask<ulong> LastGarbageAsync(IReadView state)
    {
        ulong last = 0;
        using IScan scan = state.Scan(RowKeys.Numbered(Tables.Garbage, 0), new[] { (byte)(Tables.Garbage + 1) });
        for (int rows = 0; rows < _options.ReclaimRowsMax && await scan.NextAsync(); rows++)
        {
            last = RowKeys.SequenceOfGarbage(scan.Key.Span);
        }

        return last;
    }

    private Task WaitAsync()
    {
        _idleReclaim ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _idleReclaim.Task;
    }

    private void NoticeGarbage()
    {
        _garbageNoticed = true;
        WakeReclaim();
    }

    private void NoticeReaderLeft() => WakeReclaim();

    private void WakeReclaim()
    {
        TaskCompletionSource? idle = _idleReclaim;
        _idleReclaim = null;
        idle?.SetResult();
    }
}
