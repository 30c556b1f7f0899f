using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <content>The garbage worker: frees what commands released, once no reader is left that started before. Goes on where it was after a crash.</content>
public sealed partial class MetadataShard
{
    /// <remarks>
    /// Each step takes garbage off in proportion to how much there is, and waits in the one queue of commands like any other: so the backlog is bounded by
    /// what clients can have in flight, and by what readers hold.
    /// </remarks>
    private sealed class GarbageWorker(MetadataShard shard) : Worker("metadata-garbage", shard._environment.Clock)
    {
        // What one row of garbage comes to at least: itself and the two rows of a chunk.
        private const int RowsOfOne = 3;

        private readonly Signal _wake = new();
        private long _done;
        private long _seen;
        private long _failures;
        private long _rounds;

        // The oldest garbage that was seen. Garbage is dated by commands, whose numbers only grow, so what was not there before it never will be.
        private ulong _first;

        // Garbage was left for a reader; else nobody need be woken when one goes, which is at the end of every read.
        private bool _isHeldBack;

        public override WorkerProgress Progress => new(_done, _done + _seen, _failures, _rounds);

        internal void Wake() => _wake.Set();

        /// <summary>The last reader of a state has gone.</summary>
        internal void WakeIfHeldBack()
        {
            if (_isHeldBack)
            {
                Wake();
            }
        }

        public override async ValueTask<TimeSpan> StepAsync()
        {
            try
            {
                await shard._lastDurable;
                (ulong upTo, int rows) = await FindAsync();
                _seen = rows;
                if (rows == 0)
                {
                    _rounds++;
                    return Timeout.InfiniteTimeSpan;
                }

                int rowsMax = int.Clamp(rows * RowsOfOne, shard._options.ReclaimRowsMin, shard._options.ReclaimRowsMax);
                await shard.ExecuteAsync(new ReclaimCommand(_first, upTo, rowsMax) { NowUtc = Clock.UtcNow });
                _done += rows;
                return TimeSpan.Zero;
            }
            catch (StorageException failure)
            {
                _failures++;
                shard._environment.Trace.Emit(TraceLevel.Warning, "metadata", "reclaim-failed", ("error", failure.Error.ToString()));
                bool isFinal = failure.Error is StorageError.Poisoned or StorageError.Closed;
                return isFinal ? Timeout.InfiniteTimeSpan : shard._options.ReclaimRetryDelay;
            }
        }

        /// <summary>Waits for garbage or for a reader that leaves; a failure waits for its time.</summary>
        protected override async ValueTask RestAsync(TimeSpan rest, CancellationToken cancellation)
        {
            if (rest == Timeout.InfiniteTimeSpan)
            {
                await _wake.WaitAsync();
            }
            else if (rest > TimeSpan.Zero)
            {
                await Clock.DelayAsync(rest, cancellation);
            }
        }

        /// <summary>The first durable garbage that no reader needs: a reader of a state does not see what a command applied up to that state released.</summary>
        private async ValueTask<(ulong UpTo, int Rows)> FindAsync()
        {
            using IReadView state = shard._store.ReadDurable();
            ulong last = 0;
            int rows = 0;
            _isHeldBack = false;
            using IScan scan = state.Scan(RowKeys.Numbered(Tables.Garbage, _first), new[] { (byte)(Tables.Garbage + 1) });
            while (rows < shard._options.ReclaimRowsMax && await scan.NextAsync())
            {
                ulong sequence = RowKeys.SequenceOfGarbage(scan.Key.Span);
                _first = rows == 0 ? sequence : _first;
                if (sequence + shard._lagMax > shard.OldestLease())
                {
                    _isHeldBack = true;
                    break;
                }

                (last, rows) = (sequence, rows + 1);
            }

            return (last, rows);
        }
    }
}
