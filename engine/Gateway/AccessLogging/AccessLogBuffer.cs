using System;
using System.Collections.Generic;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Lines of access logs between the requests that make them and their delivery, in bounded memory.</summary>
/// <remarks>
/// Any thread offers; all else is on the loop. Invariant: what is held is at most <see cref="AccessLogOptions.TotalBytesMax"/>, and of one bucket
/// <see cref="AccessLogOptions.BucketBytesMax"/> besides what is on its way to the loop; lines beyond that are dropped and counted.
/// </remarks>
internal sealed class AccessLogBuffer
{
    private readonly ILoop _loop;
    private readonly IClock _clock;
    private readonly AccessLogOptions _options;

    private readonly Dictionary<string, AccessLogBatch> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _heldByBucket = new(StringComparer.Ordinal);
    // Open ones, the oldest first.
    private readonly LinkedList<AccessLogBatch> _byAge = new();
    private readonly PriorityQueue<AccessLogBatch, (TimeSpan At, long Number)> _due = new();
    private long _sealedCount;
    private bool _isClosed;

    private long _held;
    private long _lines;
    private long _delivered;
    private long _overflowed;
    private long _refused;
    private long _lost;
    private long _objects;
    private long _failures;

    internal AccessLogBuffer(ILoop loop, IClock clock, AccessLogOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ObjectBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ObjectBytes, AccessLogOptions.ObjectBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AttemptsMax, 1);
        (_loop, _clock, _options) = (loop, clock, options);
    }

    /// <summary>Something came up for delivery, or the first line of a bucket came. On the loop.</summary>
    internal Action Changed { get; set; } = static () => { };

    /// <summary>Whose it is.</summary>
    internal ILoop Loop => _loop;

    /// <summary>What became of lines. Any thread.</summary>
    internal AccessLogCounts Counts => new(
        Interlocked.Read(ref _lines),
        Interlocked.Read(ref _delivered),
        Interlocked.Read(ref _overflowed),
        Interlocked.Read(ref _refused),
        Interlocked.Read(ref _lost),
        Interlocked.Read(ref _objects),
        Interlocked.Read(ref _failures),
        Interlocked.Read(ref _held));

    /// <summary>Batches that more lines are added to.</summary>
    internal int OpenCount => _byAge.Count;

    /// <summary>Whether there is room for anything: else lines need not be written. Any thread.</summary>
    internal bool HasRoom => Interlocked.Read(ref _held) < _options.TotalBytesMax;

    /// <summary>Counts lines that were not written, as there is no room. Any thread.</summary>
    internal void NoteOverflow(int lines)
    {
        Interlocked.Add(ref _lines, lines);
        Interlocked.Add(ref _overflowed, lines);
    }

    /// <summary>Takes lines, if there is room. Any thread; never waits.</summary>
    internal void Offer(LoggedLines lines)
    {
        Interlocked.Add(ref _lines, lines.Count);
        if (Interlocked.Add(ref _held, lines.HeldBytes) > _options.TotalBytesMax)
        {
            Interlocked.Add(ref _held, -lines.HeldBytes);
            Interlocked.Add(ref _overflowed, lines.Count);
            return;
        }

        _loop.Post(static state => ((Arrival)state!).Take(), new Arrival(this, lines));
    }

    /// <summary>The next batch to deliver; false when none is due yet.</summary>
    internal bool TryTakeDue(out AccessLogBatch batch)
    {
        SealOlderThan(_clock.Now - _options.Interval);
        return TryTakeSealed(_clock.Now, out batch);
    }

    /// <summary>A batch, due or not; false when nothing is left.</summary>
    internal bool TryTakeAny(out AccessLogBatch batch)
    {
        SealOlderThan(TimeSpan.MaxValue);
        return TryTakeSealed(TimeSpan.MaxValue, out batch);
    }

    /// <summary>How long until something is due; infinite when nothing waits.</summary>
    internal TimeSpan UntilDue()
    {
        TimeSpan? at = _due.TryPeek(out _, out (TimeSpan At, long Number) first) ? first.At : null;
        if (_byAge.First?.Value is { } oldest && !(at <= oldest.FirstAt + _options.Interval))
        {
            at = oldest.FirstAt + _options.Interval;
        }

        return at is not { } due ? Timeout.InfiniteTimeSpan : due > _clock.Now ? due - _clock.Now : TimeSpan.Zero;
    }

    /// <summary>Counts a batch as delivered, and lets go of it.</summary>
    internal void NoteDelivered(AccessLogBatch batch)
    {
        Interlocked.Increment(ref _objects);
        Release(batch, ref _delivered);
    }

    /// <summary>Counts a batch as refused, and lets go of it.</summary>
    internal void NoteRefused(AccessLogBatch batch) => Release(batch, ref _refused);

    /// <summary>Keeps a batch for another attempt; after too many, or when there is none to come, it is dropped.</summary>
    /// <returns>False when it was dropped.</returns>
    internal bool NoteFailed(AccessLogBatch batch, bool isLast)
    {
        Interlocked.Increment(ref _failures);
        batch.Attempts++;
        if (isLast || batch.Attempts >= _options.AttemptsMax)
        {
            Release(batch, ref _lost);
            return false;
        }

        Enqueue(batch, _clock.Now + Backoff.Rest(_options.RetryDelayMin, _options.RetryDelayMax, batch.Attempts - 1));
        return true;
    }

    /// <summary>Drops what is left, and all that comes from now on.</summary>
    internal void Close()
    {
        _isClosed = true;
        while (TryTakeAny(out AccessLogBatch batch))
        {
            Release(batch, ref _lost);
        }
    }

    private void Append(LoggedLines lines)
    {
        string bucket = lines.Source.Bucket;
        long held = _heldByBucket.GetValueOrDefault(bucket) + lines.HeldBytes;
        if (_isClosed || held > _options.BucketBytesMax)
        {
            Interlocked.Add(ref _held, -lines.HeldBytes);
            Interlocked.Add(ref _isClosed ? ref _lost : ref _overflowed, lines.Count);
            return;
        }

        _heldByBucket[bucket] = held;
        if (_open.TryGetValue(bucket, out AccessLogBatch? batch) && (!batch.Source.IsSame(lines.Source) || batch.SizeBytes + lines.Text.Length > _options.ObjectBytes))
        {
            Seal(batch);
            batch = null;
        }

        if (batch is null)
        {
            batch = new AccessLogBatch(lines.Source, _clock.Now);
            _open[bucket] = batch;
            batch.Place = _byAge.AddLast(batch);
            Changed();
        }

        batch.Add(lines);
        if (batch.SizeBytes >= _options.ObjectBytes)
        {
            Seal(batch);
        }
    }

    private void Seal(AccessLogBatch batch)
    {
        _byAge.Remove(batch.Place!);
        _open.Remove(batch.Source.Bucket);
        foreach (AccessLogBatch day in batch.ByDay())
        {
            Enqueue(day, _clock.Now);
        }

        Changed();
    }

    private void Enqueue(AccessLogBatch batch, TimeSpan at) => _due.Enqueue(batch, (at, _sealedCount++));

    private void SealOlderThan(TimeSpan firstAt)
    {
        while (_byAge.First?.Value is { } oldest && oldest.FirstAt <= firstAt)
        {
            Seal(oldest);
        }
    }

    private bool TryTakeSealed(TimeSpan until, out AccessLogBatch batch)
    {
        if (_due.TryPeek(out batch!, out (TimeSpan At, long Number) first) && first.At <= until)
        {
            _due.Dequeue();
            return true;
        }

        return false;
    }

    private void Release(AccessLogBatch batch, ref long fate)
    {
        Interlocked.Add(ref fate, batch.LineCount);
        Interlocked.Add(ref _held, -batch.HeldBytes);
        string bucket = batch.Source.Bucket;
        long left = _heldByBucket[bucket] - batch.HeldBytes;
        if (left > 0)
        {
            _heldByBucket[bucket] = left;
        }
        else
        {
            _heldByBucket.Remove(bucket);
        }
    }

    private sealed record Arrival(AccessLogBuffer Buffer, LoggedLines Lines)
    {
        internal void Take() => Buffer.Append(Lines);
    }
}
