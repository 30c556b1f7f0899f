using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>What a compaction did.</summary>
/// <param name="Written">New runs, of the output level.</param>
/// <param name="Replaced">Runs that they stand for.</param>
/// <param name="Moved">The only upper run, when it goes to the output level as it is; nothing is written then.</param>
internal sealed record CompactionOutcome(IReadOnlyList<RunInfo> Written, IReadOnlyList<Run> Replaced, Run? Moved);

/// <summary>Merges runs into new ones. Works on immutable files through handles of its own, so it runs on another loop than the store.</summary>
/// <remarks>
/// Runs of the output level stay as they are when no upper row lies among their rows: keys that only grow, as those of inline bodies do, are then written once a level, or not at all where a run
/// meets nothing and can be moved. Runs with deletions are never left alone, or these would stay for ever.
/// <para>
/// A deletion is left out when no run deeper than the output level covers its key: nothing older can come to light then. No view needs it either, because views
/// hold the runs that they started with.
/// </para>
/// </remarks>
internal sealed class CompactionJob(
    StoreContext context, CompactionPlan plan, IReadOnlyList<RunInfo> deeper, Func<ulong> nextNumber, Func<bool> isCancelled)
{
    private const int RowsPerYield = 1024;
    private const int WindowBytes = 512 * 1024;
    private readonly List<Run> _inputs = [];
    private readonly List<ReadAhead> _readers = [];
    private readonly List<RunInfo> _apart = [];

    /// <summary>Files that were begun; to be deleted when the job fails.</summary>
    internal List<ulong> Begun { get; } = [];

    /// <summary>Runs the job; null when it was cancelled.</summary>
    internal async ValueTask<CompactionOutcome?> RunAsync()
    {
        try
        {
            return await MergeAsync();
        }
        finally
        {
            foreach (ReadAhead reader in _readers)
            {
                await reader.DisposeAsync();
            }

            foreach (Run run in _inputs)
            {
                await run.CloseAsync();
            }
        }
    }

    private async ValueTask<CompactionOutcome?> MergeAsync()
    {
        if (plan.Upper is [{ Info.Deletes: 0 } only] && !plan.Lower.Any(run => run.Info.Overlaps(only.Info.Smallest, only.Info.Largest)))
        {
            return new CompactionOutcome([], [], only);
        }

        var upper = new List<Run>();
        foreach (Run run in plan.Upper)
        {
            upper.Add(await OpenAsync(run));
        }

        List<Run> met = await FindMetAsync(upper);
        var sources = new List<Cursor>();
        foreach (Run run in upper)
        {
            sources.Add(Walk([run]));
        }

        var lower = new List<Run>();
        foreach (Run run in met)
        {
            lower.Add(await OpenAsync(run));
        }

        if (lower.Count > 0)
        {
            sources.Add(Walk(lower.ToArray()));
        }

        using var merge = new MergeScan(sources, default, default, keepDeletes: true);
        return await WriteAsync(merge) is { } written ? new CompactionOutcome(written, [.. plan.Upper, .. met], Moved: null) : null;
    }

    /// <summary>The lower runs to merge; the others are apart.</summary>
    private async ValueTask<List<Run>> FindMetAsync(List<Run> upper)
    {
        var met = new List<Run>();
        foreach (Run run in plan.Lower)
        {
            if (run.Info.Deletes > 0 || await HasRowAmongAsync(upper, run.Info))
            {
                met.Add(run);
            }
            else
            {
                _apart.Add(run.Info);
                context.Trace.Mark("store-run-left-apart");
            }
        }

        return met;
    }

    private static async ValueTask<bool> HasRowAmongAsync(List<Run> upper, RunInfo range)
    {
        foreach (Run run in upper)
        {
            if (run.Info.Overlaps(range.Smallest, range.Largest))
            {
                var rows = new RunCursor([run]);
                await rows.SeekAsync(range.Smallest);
                if (rows.IsValid && rows.Key.Span.SequenceCompareTo(range.Largest) <= 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private RunCursor Walk(Run[] runs)
    {
        var reader = new ReadAhead(context.Disk, WindowBytes);
        _readers.Add(reader);
        return new RunCursor(runs, reader);
    }

    private async ValueTask<Run> OpenAsync(Run run)
    {
        Run own = await Run.OpenAsync(context.Disk, run.Info, context.ChecksumSeed, cache: null);
        _inputs.Add(own);
        return own;
    }

    private async ValueTask<List<RunInfo>?> WriteAsync(MergeScan merge)
    {
        var written = new List<RunInfo>();
        RunWriter? writer = null;
        int rows = 0;
        var cuts = new RunCuts(_apart, deeper, plan.OutputLevel + 1, context.Options);
        try
        {
            while (await merge.NextAsync())
            {
                if (++rows % RowsPerYield == 0)
                {
                    if (isCancelled())
                    {
                        return null;
                    }

                    await Task.Yield();
                }

                if (merge.IsDelete && !IsCoveredDeeper(merge.Key.Span))
                {
                    continue;
                }

                if (cuts.MustEnd(merge.Key.Span, writer?.SizeBytes ?? 0) && writer is not null)
                {
                    written.Add(await writer.FinishAsync());
                    await writer.DisposeAsync();
                    writer = null;
                }

                writer ??= await BeginAsync();
                await writer.AddAsync(merge.Key, merge.Value, merge.IsDelete);
            }

            if (writer is not null)
            {
                written.Add(await writer.FinishAsync());
            }

            return written;
        }
        finally
        {
            if (writer is not null)
            {
                await writer.DisposeAsync();
            }
        }
    }

    private ValueTask<RunWriter> BeginAsync()
    {
        ulong number = nextNumber();
        Begun.Add(number);
        return RunWriter.CreateAsync(context.Disk, number, plan.OutputLevel, context.Options, context.ChecksumSeed);
    }

    private bool IsCoveredDeeper(ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < deeper.Count; i++)
        {
            if (deeper[i].Covers(key))
            {
                return true;
            }
        }

        return false;
    }
}
