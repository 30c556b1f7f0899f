using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <content>Turning frozen memtables into level-0 runs, and deleting runs that nobody needs.</content>
public sealed partial class OrderedStore
{
    private readonly Queue<Run> _unusedRuns = new();
    private readonly Signal _deleteWake = new();
    private bool _stopsNow;

    private async Task FlushLoopAsync()
    {
        while (!_stopsNow && _failure is null)
        {
            if (_frozen.Count > 0 && _frozen[0].LastSequence <= DurableSequence)
            {
                await FlushOldestAsync();
            }
            else
            {
                await _flushWake.WaitAsync();
            }
        }
    }

    private async ValueTask FlushOldestAsync()
    {
        ulong number = NextRunNumber();
        try
        {
            RunInfo info = await _worker.CallAsync(
                static job => BuildRunAsync(job.Context, job.Memtable, job.Number), (Context: _context, Memtable: _frozen[0], Number: number));
            StoreFault.ThrowIfFailed(await _context.Disk.SyncDirectoryAsync(), info.FileName, "sync directory");
            await CommitFlushAsync(await Run.OpenAsync(_context.Disk, info, _context.ChecksumSeed, _cache));
        }
        catch (StorageException full) when (full.Error == StorageError.Full)
        {
            await _context.Disk.DeleteAsync(StoreFiles.Run(number));
            await HandleFullAsync("flush");
        }
        catch (StorageException failure)
        {
            Poison(failure);
        }

        _changed.Open();
    }

    private async ValueTask CommitFlushAsync(Run run)
    {
        Memtable flushed = _frozen[0];
        ulong firstSegment = (_frozen.Count > 1 ? _frozen[1] : _active).FirstSegment;
        var edit = new ManifestEdit { FlushedSequence = flushed.LastSequence, FirstSegment = firstSegment };
        edit.Added.Add(run.Info);
        bool isCommitted = await CommitAsync(edit, [run], "flush", () =>
        {
            List<Run> runs = _runs.ToList();
            runs.Add(run);
            ReplaceRuns(runs);
            _frozen.RemoveAt(0);
            ShowMemtables();
        });
        if (!isCommitted)
        {
            return;
        }

        _flushFullAttempts = 0;
        _segments.ReleaseBelow(firstSegment);
        _compactWake.Set();
        _spaceWake.Set();
    }

    /// <summary>Commits an edit, and on a full disk the same edit again: a record that failed may come back after a crash, so the runs stay.</summary>
    /// <returns>False when the store stops first. Opening it again removes the runs that no manifest names.</returns>
    private async ValueTask<bool> CommitAsync(ManifestEdit edit, List<Run> added, string work, Action committed)
    {
        bool isCommitted = false;
        try
        {
            bool isAsked = true;
            while (isAsked && _failure is null)
            {
                try
                {
                    await _manifest.CommitAsync(edit, committed);
                    isCommitted = true;
                    isAsked = false;
                }
                catch (StorageException full) when (full.Error == StorageError.Full)
                {
                    await HandleFullAsync(work);
                    isAsked = !_stopsNow;
                }
            }
        }
        finally
        {
            for (int i = 0; i < added.Count && !isCommitted; i++)
            {
                await added[i].CloseAsync();
            }
        }

        return isCommitted;
    }

    private async ValueTask HandleFullAsync(string work)
    {
        _context.Trace.Emit(TraceLevel.Warning, "store", "disk-full", ("work", work));
        _context.Trace.Mark("store-full-" + work);
        if (work == "flush")
        {
            _flushFullAttempts++;
        }
        else
        {
            _compactionIsFull = true;
        }

        _changed.Open();
        if (!_isClosing)
        {
            await _context.Environment.Clock.DelayAsync(_options.FullRetryDelay);
        }
    }

    private static async ValueTask<RunInfo> BuildRunAsync(StoreContext context, Memtable memtable, ulong number)
    {
        await using RunWriter writer = await RunWriter.CreateAsync(context.Disk, number, level: 0, context.Options, context.ChecksumSeed);
        Cursor rows = memtable.OpenCursor(ulong.MaxValue);
        await rows.SeekAsync(default);
        while (rows.IsValid)
        {
            await writer.AddAsync(rows.Key, rows.Value, rows.IsDelete);
            await rows.NextAsync();
        }

        return await writer.FinishAsync();
    }

    private void ReplaceRuns(List<Run> runs)
    {
        RunSet old = _runs;
        _runs = new RunSet(runs, DropRun);
        old.Release();
    }

    /// <summary>No set that a view or the store holds has this run any more, so a durable manifest is without it.</summary>
    private void DropRun(Run run)
    {
        _unusedRuns.Enqueue(run);
        _deleteWake.Set();
    }

    private async Task DeleteLoopAsync()
    {
        while (!_stopsNow)
        {
            if (!_unusedRuns.TryDequeue(out Run? run))
            {
                await _deleteWake.WaitAsync();
                continue;
            }

            await DeleteRunAsync(run);
        }

        await DeleteUnusedAsync();
    }

    private async ValueTask DeleteUnusedAsync()
    {
        while (_unusedRuns.TryDequeue(out Run? last))
        {
            await DeleteRunAsync(last);
        }
    }

    private async ValueTask DeleteRunAsync(Run run)
    {
        await run.CloseAsync();
        DiskError error = await _context.Disk.DeleteAsync(run.Info.FileName);
        if (error != DiskError.None)
        {
            _context.Trace.Emit(TraceLevel.Warning, "store", "delete-failed", ("error", error.ToString()));
        }
    }
}
