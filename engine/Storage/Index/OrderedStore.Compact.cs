using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <content>Background compaction: one at a time, on a loop of its own.</content>
public sealed partial class OrderedStore
{
    private bool _mustCompactAll;
    private int _isCancelled;

    /// <summary>Merges all runs into one level and drops every deletion. For proofs and for reclaiming space at once.</summary>
    /// <exception cref="StorageException">The store failed or closed before it was done.</exception>
    public async ValueTask CompactAllAsync()
    {
        RotateMemtable(force: true);
        _mustCompactAll = true;
        WakeAll();
        while (_frozen.Count > 0 || _mustCompactAll)
        {
            ThrowIfDown();
            if (_compactionIsBlocked)
            {
                throw new StorageException(StorageError.Corrupt, "run", -1, "compaction stopped at a damaged run");
            }

            await _changed.WaitAsync();
        }
    }

    private async Task CompactLoopAsync()
    {
        var picker = new CompactionPicker(_options, _context.Environment.Rare);
        while (!_stopsNow && _failure is null && !_compactionIsBlocked)
        {
            CompactionPlan? plan = PickPlan(picker);
            if (plan is null)
            {
                _mustCompactAll &= _frozen.Count > 0;
                _changed.Open();
                await _compactWake.WaitAsync();
            }
            else
            {
                await CompactAsync(plan);
                _changed.Open();
            }
        }
    }

    private CompactionPlan? PickPlan(CompactionPicker picker)
    {
        CompactionPlan? due = picker.Pick(_runs, IsLow);
        if (due is not null || !_mustCompactAll || _frozen.Count > 0)
        {
            return due;
        }

        for (int level = 0; level < RunSet.LevelCount - 1; level++)
        {
            if (_runs.Levels[level].Length > 0 && !IsDeepest(level))
            {
                return new CompactionPlan(_runs.Levels[level], _runs.Levels[level + 1], level + 1);
            }
        }

        return null;
    }

    private bool IsDeepest(int level)
    {
        for (int deeper = level + 1; deeper < RunSet.LevelCount; deeper++)
        {
            if (_runs.Levels[deeper].Length > 0)
            {
                return false;
            }
        }

        return level > 0;
    }

    private async ValueTask CompactAsync(CompactionPlan plan)
    {
        RunSet held = _runs.Hold();
        var deeper = new List<RunInfo>();
        for (int level = plan.OutputLevel + 1; level < RunSet.LevelCount; level++)
        {
            foreach (Run run in held.Levels[level])
            {
                deeper.Add(run.Info);
            }
        }

        var job = new CompactionJob(_context, plan, deeper, NextRunNumber, () => Volatile.Read(ref _isCancelled) != 0);
        CompactionOutcome? outcome = null;
        try
        {
            outcome = await _worker.CallAsync(static work => work.RunAsync(), job);
            if (outcome is not null)
            {
                await CommitCompactionAsync(outcome, plan.OutputLevel);
            }
        }
        catch (StorageException failure) when (failure.Error == StorageError.Full)
        {
            outcome = null;
            await HandleFullAsync("compaction");
        }
        catch (StorageException failure) when (failure.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            // The damaged run stays where it is: its other rows can be read, and whoever repairs this disk finds it by verifying.
            outcome = null;
            _compactionIsBlocked = true;
            _context.Trace.Emit(TraceLevel.Error, "store", "compaction-blocked", ("reason", failure.Message));
            _context.Trace.Mark("store-compaction-blocked");
        }
        catch (StorageException failure)
        {
            Poison(failure);
            return;
        }
        finally
        {
            held.Release();
        }

        if (outcome is null)
        {
            foreach (ulong number in job.Begun)
            {
                await _context.Disk.DeleteAsync(StoreFiles.Run(number));
            }
        }
    }

    private async ValueTask CommitCompactionAsync(CompactionOutcome outcome, int outputLevel)
    {
        var edit = new ManifestEdit();
        var opened = new List<Run>();
        if (outcome.Moved is { } moved)
        {
            edit.Removed.Add(moved.Info.Number);
            edit.Added.Add(moved.Info with { Level = outputLevel });
            _context.Trace.Mark("store-run-moved");
        }
        else
        {
            StoreFault.ThrowIfFailed(await _context.Disk.SyncDirectoryAsync(), "run", "sync directory");
            await OpenAllAsync(outcome.Written, opened);
            edit.Added.AddRange(outcome.Written);
        }

        var replaced = new HashSet<Run>(outcome.Replaced);
        foreach (Run run in replaced)
        {
            edit.Removed.Add(run.Info.Number);
        }

        bool isCommitted = await CommitAsync(edit, opened, "compaction", () =>
        {
            outcome.Moved?.MoveTo(outputLevel);
            List<Run> runs = _runs.ToList();
            runs.RemoveAll(replaced.Contains);
            runs.AddRange(opened);
            ReplaceRuns(runs);
        });
        if (isCommitted)
        {
            _compactionIsFull = false;
            _spaceWake.Set();
        }
    }

    /// <summary>Opens all runs, or none.</summary>
    private async ValueTask OpenAllAsync(IReadOnlyList<RunInfo> written, List<Run> opened)
    {
        try
        {
            foreach (RunInfo info in written)
            {
                opened.Add(await Run.OpenAsync(_context.Disk, info, _context.ChecksumSeed, _cache));
            }
        }
        catch (StorageException)
        {
            foreach (Run run in opened)
            {
                await run.CloseAsync();
            }

            throw;
        }
    }

    /// <summary>Called from the worker's loop too.</summary>
    private ulong NextRunNumber() => Interlocked.Increment(ref _runNumber);
}
