using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Write-ahead log with group commit: one write and one sync in flight, and what arrives meanwhile is the next group.</summary>
/// <remarks>
/// Invariants: a group is written only after the group before it was synced, so at most the last group of the log can be torn; a block is written
/// once per life of a segment, so a torn write never touches synced bytes; every opening of the store begins a new segment.
/// Source: Mohan et al., "ARIES", TODS 1992, section 3 (log before data); group commit: DeWitt et al., SIGMOD'84.
/// </remarks>
internal sealed class WriteAheadLog
{
    private readonly StoreContext _context;
    private readonly LogSegments _segments;
    private readonly AlignedPool _buffers;
    private readonly Queue<LogGroup> _closedGroups = new();
    private readonly Signal _work = new();
    private readonly Gate _changed;
    private readonly Action<ulong> _becameDurable;
    private readonly Action<StorageException> _poison;
    private LogGroup? _openGroup;
    private LogGroup? _writing;
    private long _waitingBytes;
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
        int groupBytes = AlignedMemory.RoundUp(context.Options.GroupBytesMax);
        _buffers = new AlignedPool(4L * groupBytes, groupBytes);
    }

    /// <summary>Blocks of groups that are not durable yet.</summary>
    internal long BacklogBytes => _waitingBytes + (_writing?.BlockBytes ?? 0);

    /// <summary>Nothing waits for the disk.</summary>
    internal bool IsIdle => _writing is null && _openGroup is null && _closedGroups.Count == 0;

    internal void Start(Action<string, Func<Task>> spawn) => spawn("wal-write", WriteAsync);

    /// <summary>Whether a batch has a place in segments that exist already.</summary>
    internal bool HasRoom(WriteBatch batch) => HasRoom(LogGroup.EncodedBytesMax(batch));

    /// <summary>Whether one more small group has a place.</summary>
    internal bool HasRoom() => HasRoom(0);

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
            long wanted = Math.Max(encodedBytes + LogGroupHeader.SizeBytes, _context.Options.GroupBytesMax);
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
        _work.Set();
        await _segments.CloseAsync();
    }

    private bool HasRoom(long encodedBytes)
    {
        long wanted = BacklogBytes + LogGroupHeader.RoundUp(encodedBytes + LogGroupHeader.SizeBytes) + AlignedMemory.AlignmentBytes;
        return _segments.Next is not null || (_segments.Current is not null && wanted <= _segments.Current.FreeBytes);
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
                await _work.WaitAsync();
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
        bool rotateEarly = _segments.Current is { UsedBytes: > 0 } && _context.Environment.Rare.Happens("wal-rotate-early");
        if (_segments.Current is null || rotateEarly || _segments.Current.FreeBytes < group.BlockBytes)
        {
            if (!await _segments.AdvanceAsync())
            {
                return _failure ?? new StorageException(StorageError.Closed, "wal", -1, "the store was closed");
            }
        }

        LogSegment segment = _segments.Current!;
        long offset = segment.UsedBytes;
        if (segment.FreeBytes < group.BlockBytes && await GrowAsync(segment, group.BlockBytes) is { } refused)
        {
            return refused;
        }

        if (_failure is not null)
        {
            return _failure;
        }

        DiskError error = await segment.File.WriteAsync(offset, group.Seal(segment.Number, offset, _context));
        if (error == DiskError.None)
        {
            error = await segment.File.SyncAsync();
        }

        segment.UsedBytes += group.BlockBytes;
        return error == DiskError.None
            ? null
            : new StorageException(StorageError.Poisoned, segment.File.Name, offset, $"commit: {error}");
    }

    /// <summary>A group larger than a segment gets a segment of its own size; waits for space if there is none.</summary>
    private async ValueTask<StorageException?> GrowAsync(LogSegment segment, int groupBytes)
    {
        _context.Trace.Mark("wal-segment-grown");
        while (_failure is null && !_isClosed)
        {
            DiskError error = await segment.File.AllocateAsync(segment.UsedBytes + groupBytes);
            if (error == DiskError.None)
            {
                return null;
            }

            if (error != DiskError.Full)
            {
                return StoreFault.At(error, segment.File.Name, segment.UsedBytes, "grow a log segment");
            }

            await _context.Environment.Clock.DelayAsync(_context.Options.FullRetryDelay);
        }

        return _failure;
    }
}
