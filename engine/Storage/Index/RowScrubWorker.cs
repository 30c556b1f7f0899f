using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Reads back and verifies the rows, the log, the manifest and the superblock of a disk once in a period, so that rot is found while there still are other copies. Units of progress: rounds.</summary>
/// <remarks>
/// It reads evenly over the period, but never slower than <see cref="BytesPerSecondMin"/>. A round is not remembered over a restart: rows are a small part of a disk.
/// Source: Schwarz et al., "Disk Scrubbing in Large Archival Storage Systems", MASCOTS 2004.
/// </remarks>
internal sealed class RowScrubWorker(OrderedStore store, NodeEnvironment environment, TimeSpan period, CancellationToken closing)
    : Worker("scrub-rows", environment.Clock)
{
    private const long BytesPerSecondMin = 1024 * 1024;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(10);
    private long _failures;
    private long _rounds;

    /// <summary>What the last round found.</summary>
    internal IReadOnlyList<StorageDamage> Damaged { get; private set; } = [];

    public override WorkerProgress Progress => new(0, 0, _failures, _rounds);

    public override async ValueTask<TimeSpan> StepAsync()
    {
        TimeSpan began = Clock.Now;
        long bytesPerSecond = long.Max(BytesPerSecondMin, (long)(store.VerifiedBytes() / period.TotalSeconds));
        try
        {
            Damaged = await store.VerifyAsync(bytesPerSecond, closing);
            _rounds++;
            _failures += Damaged.Count;
            foreach (StorageDamage damage in Damaged)
            {
                environment.Trace.Emit(
                    TraceLevel.Error, "store", "scrub-damage", ("file", damage.File), ("offset", damage.Offset), ("reason", damage.Message));
            }

            if (Damaged.Count > 0)
            {
                environment.Trace.Mark("scrub-rows-damage");
            }
        }
        catch (StorageException fault)
        {
            _failures++;
            environment.Trace.Emit(TraceLevel.Warning, "store", "scrub-failed", ("reason", fault.Message));
            return period < RetryAfter ? period : RetryAfter;
        }

        TimeSpan rest = period - (Clock.Now - began);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }
}
