using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Storage;

/// <summary>Writes a frozen memtable as runs of level 0, cut at <see cref="OrderedStoreOptions.RunCuts"/>. Works on what no longer changes, so it runs on another loop than the store.</summary>
internal sealed class FlushJob(StoreContext context, Memtable memtable, Func<ulong> nextNumber)
{
    /// <summary>Files that were begun; to be deleted when the job fails.</summary>
    internal List<ulong> Begun { get; } = [];

    /// <summary>Writes all rows; the bytes are durable then, the names not yet.</summary>
    internal async ValueTask<List<RunInfo>> RunAsync()
    {
        var written = new List<RunInfo>();
        RunWriter? writer = null;
        try
        {
            var cuts = new RunCuts(context.Options.RunCuts);
            Cursor rows = memtable.OpenCursor(ulong.MaxValue);
            await rows.SeekAsync(default);
            while (rows.IsValid)
            {
                if (cuts.IsCrossedBy(rows.Key.Span) && writer is not null)
                {
                    written.Add(await writer.FinishAsync());
                    await writer.DisposeAsync();
                    writer = null;
                }

                writer ??= await BeginAsync();
                await writer.AddAsync(rows.Key, rows.Value, rows.IsDelete);
                await rows.NextAsync();
            }

            written.Add(await writer!.FinishAsync());
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
        return RunWriter.CreateAsync(context.Disk, number, level: 0, context.Options, context.ChecksumSeed);
    }
}
