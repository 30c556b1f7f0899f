using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Storage;

/// <summary>Merges runs into new ones. Works on immutable files through handles of its own, so it runs on another loop than the store.</summary>
/// <remarks>
/// A deletion is left out when no run deeper than the output level covers its key: nothing older can come to light then. No view needs it either, because views
/// hold the runs that they started with.
/// </remarks>
internal sealed class CompactionJob(
    StoreContext context, CompactionPlan plan, IReadOnlyList<RunInfo> deeper, Func<ulong> nextNumber, Func<bool> isCancelled)
{
    private const int RowsPerYield = 1024;
    private readonly List<Run> _inputs = [];
    private readonly List<ReadAhead> _readers = [];

    /// <summary>Files that were begun; to be deleted when the job fails.</summary>
    internal List<ulong> Begun { get; } = [];

    /// <summary>Runs the job; null when it was cancelled.</summary>
    internal async ValueTask<List<RunInfo>?> RunAsync()
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

    private async ValueTask<List<RunInfo>?> MergeAsync()
    {
        var sources = new List<Cursor>();
        foreach (Run run in plan.Upper)
        {
            sources.Add(Walk([await OpenAsync(run)]));
        }

        var lower = new List<Run>();
        foreach (Run run in plan.Lower)
        {
            lower.Add(await OpenAsync(run));
        }

        if (lower.Count > 0)
        {
            sources.Add(Walk(lower.ToArray()));
        }

        using var merge = new MergeScan(sources, default, default, keepDeletes: true);
        return await WriteAsync(merge);
    }

    private RunCursor Walk(Run[] runs)
    {
        var reader = new ReadAhead(context.Disk);
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

                writer ??= await BeginAsync();
                await writer.AddAsync(merge.Key, merge.Value, merge.IsDelete);
                if (writer.SizeBytes >= context.Options.RunBytes)
                {
                    written.Add(await writer.FinishAsync());
                    await writer.DisposeAsync();
                    writer = null;
                }
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
