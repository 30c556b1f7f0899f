using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>A place that cannot be read back as it was written.</summary>
public readonly record struct StorageDamage(string File, long Offset, StorageError Error, string Message);

/// <content>Reading everything back, for the scrubber.</content>
public sealed partial class OrderedStore
{
    /// <summary>Reads from the disk and checks every block of every live run, the durable groups of the log, the manifest and the superblock.</summary>
    /// <param name="bytesPerSecond">How fast to read at most; 0 for no limit.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/> where it keeps its pace.</param>
    /// <returns>What is damaged; empty when all is well.</returns>
    public async ValueTask<IReadOnlyList<StorageDamage>> VerifyAsync(long bytesPerSecond = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesPerSecond);
        var damage = new List<StorageDamage>();
        foreach (Run run in _runs.ToList())
        {
            if (_isClosing)
            {
                break;
            }

            await VerifyRunAsync(run, damage, bytesPerSecond, cancellation);
        }

        await VerifyLogAsync(damage, bytesPerSecond, cancellation);
        if (!_isClosing)
        {
            await _manifest.VerifyAsync(damage);
        }

        return damage;
    }

    /// <summary>A segment that is given up meanwhile is needed no more, and what is read of it means nothing.</summary>
    private async ValueTask VerifyLogAsync(List<StorageDamage> damage, long bytesPerSecond, CancellationToken cancellation)
    {
        foreach ((ulong number, long end) in _segments.DurableParts())
        {
            if (_isClosing || !_segments.IsHeld(number))
            {
                continue;
            }

            TimeSpan started = _context.Environment.Clock.Now;
            IReadOnlyList<StorageDamage> found = await LogVerification.RunAsync(_context, number, end);
            if (_segments.IsHeld(number))
            {
                damage.AddRange(found);
            }

            await KeepPaceAsync(started, end, bytesPerSecond, cancellation);
        }
    }

    /// <summary>Bytes that <see cref="VerifyAsync"/> reads, about.</summary>
    internal long VerifiedBytes()
    {
        long bytes = 0;
        foreach (Run run in _runs.ToList())
        {
            bytes += run.Info.LengthBytes;
        }

        foreach ((_, long end) in _segments.DurableParts())
        {
            bytes += end;
        }

        return bytes;
    }

    /// <summary>Rows in all live runs, of every version and deletions included, and the deletions among them.</summary>
    internal (long Rows, long Deletes) CountRows()
    {
        (long rows, long deletes) = (0, 0);
        foreach (Run run in _runs.ToList())
        {
            rows += run.Info.Rows;
            deletes += run.Info.Deletes;
        }

        return (rows, deletes);
    }

    private async ValueTask VerifyRunAsync(Run run, List<StorageDamage> damage, long bytesPerSecond, CancellationToken cancellation)
    {
        var verification = new RunVerification(run, _context.Disk, damage);
        TimeSpan started = _context.Environment.Clock.Now;
        long bytes = 0;
        while (!_isClosing && await VerifyPieceAsync(run, verification) is > 0 and long piece)
        {
            bytes += piece;
            await KeepPaceAsync(started, bytes, bytesPerSecond, cancellation);
        }
    }

    /// <summary>Waits until so many bytes since then are no more than asked for.</summary>
    private ValueTask KeepPaceAsync(TimeSpan started, long bytes, long bytesPerSecond, CancellationToken cancellation)
    {
        IClock clock = _context.Environment.Clock;
        return bytesPerSecond == 0
            ? ValueTask.CompletedTask
            : clock.DelayAsync(started + TimeSpan.FromSeconds((double)bytes / bytesPerSecond) - clock.Now, cancellation);
    }

    /// <summary>Holds the runs for this one piece only: a paced verification that held them longer would keep the files of merged runs, and a full disk full.</summary>
    /// <returns>Bytes that were read; 0 when there are no more, or when the run is live no more.</returns>
    private async ValueTask<long> VerifyPieceAsync(Run run, RunVerification verification)
    {
        RunSet runs = _runs;
        if (!runs.Contains(run))
        {
            return 0;
        }

        runs.Hold();
        try
        {
            return await verification.NextPieceAsync();
        }
        finally
        {
            runs.Release();
        }
    }
}
