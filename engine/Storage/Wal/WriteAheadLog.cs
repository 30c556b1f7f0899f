using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Write-ahead log with group commit: one write and one sync in flight, and what arrives meanwhile is the next group.</summary>
/// <remarks>
/// Invariants: a group is written only after the group before it was synced, so at most the last group of the log can be torn; a block is written
/// once per life of a segment, so a torn write never touches synced bytes; every opening of the store begins a new segment. The exception is the
/// seal of an idle log, which lies where the next group goes: that group says all that it said.
/// Source: Mohan et al., "ARIES", TODS 1992, section 3 (log before data); group commit: DeWitt et al., SIGMOD'84.
/// </remarks>
internal sealed class WriteAheadLog
{
    private readonly StoreContext _context;
    private readonly LogSegments _segments;
    private readonly AlignedPool _buffers;
    private readonly int _groupBytesMax;
    private readonly Queue<LogGroup> _closedGroups = new();
    private readonly Signal _work = new();
    private readonly Gate _changed;
    private readonly Action<ulong> _becameDurable;
    private readonly Action<StorageException> _poison;
    private LogGroup? _openGroup;
    private LogGroup? _writing;
    private readonly Signal _sealWake = new();
    private long _waitingBytes;
    private ulong _writtenSequence;
    private ulong _sealedSequence;
    private bool _sealIsDue;
    private bool _isSealing;
    private Action? _endIdleWait;
    private StorageException? _failure;
    private bool _isClosed;

    internal WriteAheadLog(
        StoreContext context, LogSegments segments, Gate changed, Action<ulong> becameDurable, Action<StorageException> poison)
    {
        _context = context;
        _segments = segments;
        _changed = changed;
        _becameDurable = becameDurable;
        _poison = poison;
        _groupBytesMax = AlignedMemory.RoundUp(Math.Min(context.Options.GroupBytesMax, context.Options.LogSegmentBytes / 2));
        _buffers = new AlignedPool(4L * _groupBytesMax, _groupBytesMax);
    }

    /// <summary>Blocks of groups that are not durable yet.</summary>
    internal long BacklogBytes => _waitingBytes + (_writing?.BlockBytes ?? 0);

    /// <summary>Nothing waits for the disk.</summary>
    internal bool IsIdle => _writing is null && _openGroup is null && _closedGroups.Count == 0;

    internal void Start(Action<string, Func<Task>> spawn)
    {
        spawn("wal-write", WriteAsync);
        spawn("wal-seal", WaitForIdleAsync);
    }

    /// <summary>Whether a batch has a place in segments that exist already, behind all that waits.</summary>
    internal bool HasRoom(WriteBatch batch) => HasRoom(LogGroup.EncodedBytesMax(batch));

    /// <summary>Whether every legal batch has a place; on a full disk, whether a small one has.</summary>
    internal bool HasRoom() => HasRoom(_segments.IsFull ? 0 : _context.Options.BatchBytesMax);

    /// <summary>Adds a batch to the group that is written next.</summary>
    /// <returns>Ends when it is durable; fails with <see cref="StorageException"/>.</returns>
    internal Task Append(ulong sequence, WriteBatch batch)
    {
        Invariant.Check(_failure is null && !_isClosed, "append to a log that takes no more");
        long encodedBytes = LogGroup.EncodedBytesMax(batch);
        if (_openGroup is not null && (!_openGroup.HasRoom(encodedBytes) || _context.Environment.Rare.Happens("wal-group-of-one")))
        {
            CloseOpenGroup();
        }

        if (_openGroup is null)
        {
            long wanted = Math.Max(encodedBytes + LogGroupHeader.SizeBytes, _groupBytesMax);
            _openGroup = new LogGroup(_buffers.Rent(checked((int)wanted)), sequence);
            _waitingBytes += _openGroup.BlockBytes;
        }

        _waitingBytes -= _openGroup.BlockBytes;
        _openGroup.Append(batch);
        _waitingBytes += _openGroup.BlockBytes;
        Invariant.Check(_openGroup.LastSequence == sequence, "batches reach the log out of order");
        _work.Set();
        return _openGroup.Durable;
    }

    /// <summary>Takes the log out of service: what waits fails now.</summary>
    internal void Fail(StorageException reason)
    {
        if (_failure is not null)
        {
            return;
        }

        _failure = reason;
        _sealWake.Set();
        _segments.Fail();
        if (_openGroup is not null)
        {
            CloseOpenGroup();
        }

        while (_closedGroups.TryDequeue(out LogGroup? group))
        {
            Finish(group, reason);
        }

        _waitingBytes = 0;
        _work.Set();
    }

    /// <summary>Stops after the group that is being written. What still waits fails as closed.</summary>
    internal async ValueTask CloseAsync()
    {
        _isClosed = true;
        Fail(new StorageException(StorageError.Closed, "wal", -1, "the store was closed"));
        _endIdleWait?.Invoke();
        _sealWake.Set();
        _work.Set();
        _segments.Stop();
        while (_writing is not null || _isSealing)
        {
            await _changed.WaitAsync();
        }

        await _segments.CloseAsync();
    }

    /// <summary>Places all that waits, and one more group, the way the writer will: what is applied never waits for space.</summary>
    private bool HasRoom(long encodedBytes)
    {
        long free = _segments.Current?.FreeBytes ?? 0;
        long freeNext = _segments.Next?.FreeBytes ?? 0;
        bool fits = Place(_writing?.BlockBytes ?? 0);
        foreach (LogGroup group in _closedGroups)
        {
            fits = fits && Place(group.BlockBytes);
        }

        return fits && Place(_openGroup?.BlockBytes ?? 0) && Place(LogGroupHeader.RoundUp(encodedBytes + LogGroupHeader.SizeBytes));

        bool Place(long blockBytes)
        {
            if (blockBytes > free)
            {
                (free, freeNext) = (freeNext, 0);
            }

            free -= blockBytes;
            return free >= 0;
        }
    }

    private void CloseOpenGroup()
    {
        _closedGroups.Enqueue(_openGroup!);
        _openGroup = null;
    }

    private async Task WriteAsync()
    {
        while (!_isClosed && _failure is null)
        {
            if (_closedGroups.Count == 0 && _openGroup is null)
            {
                if (_sealIsDue)
                {
                    await SealAsync();
                }
                else
                {
                    await _work.WaitAsync();
                }

                continue;
            }

            if (_closedGroups.Count == 0)
            {
                CloseOpenGroup();
            }

            _writing = _closedGroups.Dequeue();
            _waitingBytes -= _writing.BlockBytes;
            StorageException? failure = await WriteGroupAsync(_writing);
            LogGroup written = _writing;
            _writing = null;
            Complete(written, failure);
        }
    }

    private void Complete(LogGroup group, StorageException? failure)
    {
        if (failure is null)
        {
            _writtenSequence = group.LastSequence;
            _sealWake.Set();
            _becameDurable(group.LastSequence);
        }
        else
        {
            _poison(failure);
        }

        Finish(group, failure);
        _changed.Open();
    }

    /// <summary>Completes the group's task in a work item of its own, so that those who waited run outside the log.</summary>
    private void Finish(LogGroup group, StorageException? failure)
    {
        group.Release();
        if (failure is null)
        {
            _context.Loop.Post(static item => ((LogGroup)item!).Succeed(), group);
        }
        else
        {
            _context.Loop.Post(
                static item =>
                {
                    var (failed, reason) = ((LogGroup, StorageException))item!;
                    failed.Fail(reason);
                },
                (group, failure));
        }
    }

    private async ValueTask<StorageException?> WriteGroupAsync(LogGroup group)
    {
        bool rotateEarly = _segments.Current is { UsedBytes: > 0 }
            && BacklogBytes <= _segments.Next?.FreeBytes
            && _context.Environment.Rare.Happens("wal-rotate-early");
        if (_segments.Current is null || rotateEarly || _segments.Current.FreeBytes < group.BlockBytes)
        {
            if (!await _segments.AdvanceAsync())
            {
                return _failure ?? new StorageException(StorageError.Closed, "wal", -1, "the store was closed");
            }
        }

        LogSegment segment = _segments.Current!;
        long offset = segment.UsedBytes;
        Invariant.Check(group.BlockBytes <= segment.FreeBytes, "a group is larger than a segment");
        if (_failure is not null)
        {
            return _failure;
        }

        DiskError error = await segment.File.WriteDurablyAsync(offset, group.Seal(segment.Number, offset, _context));
        if (error != DiskError.None)
        {
            return new StorageException(StorageError.Poisoned, segment.File.Name, offset, $"commit: {error}");
        }

        segment.UsedBytes += group.BlockBytes;
        return null;
    }

    /// <summary>The clock of the seal: it falls due when nothing was written for a while.</summary>
    private async Task WaitForIdleAsync()
    {
        using var closing = new CancellationTokenSource();
        _endIdleWait = closing.Cancel;
        while (!_isClosed && _failure is null)
        {
            ulong written = _writtenSequence;
            if (written == _sealedSequence)
            {
                await _sealWake.WaitAsync();
                continue;
            }

            try
            {
                await _context.Environment.Clock.DelayAsync(_context.Options.LogSealDelay, closing.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (written == _writtenSequence && written != _sealedSequence && IsIdle)
            {
                _sealIsDue = true;
                _work.Set();
                await _sealWake.WaitAsync();
            }
        }

        _endIdleWait = null;
    }

    /// <summary>Writes behind the last group that it was synced, and syncs that: rot in the last group is no torn tail then.</summary>
    private async ValueTask SealAsync()
    {
        _sealIsDue = false;
        _isSealing = true;
        LogSegment segment = _segments.Current!;
        long offset = segment.UsedBytes;
        using AlignedMemory block = AlignedMemory.Allocate(AlignedMemory.AlignmentBytes);
        block.GetSpan().Clear();
        new LogGroupHeader(PayloadBytes: 0, Batches: 0, segment.Number, _context.Epoch, (ulong)offset, _writtenSequence + 1)
            .Seal(block.GetSpan(), _context.ChecksumSeed);
        DiskError error = await segment.File.WriteAsync(offset, block.Memory);
        if (error == DiskError.None)
        {
            error = await segment.File.SyncAsync();
        }

        if (error != DiskError.None)
        {
            _poison(new StorageException(StorageError.Poisoned, segment.File.Name, offset, $"seal: {error}"));
        }

        _context.Trace.Mark("wal-sealed");
        _sealedSequence = _writtenSequence;
        _isSealing = false;
        _sealWake.Set();
        _changed.Open();
    }
}
