using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>One open, preallocated file of the log.</summary>
internal sealed class LogSegment(ulong number, IDiskFile file)
{
    internal ulong Number { get; } = number;

    internal IDiskFile File { get; } = file;

    /// <summary>Where the next group goes. Blocks before it are synced and never written again.</summary>
    internal long UsedBytes { get; set; }

    /// <summary>For groups; the last block is for a seal.</summary>
    internal long FreeBytes => File.LengthBytes - AlignedMemory.AlignmentBytes - UsedBytes;
}

/// <summary>Keeps one segment in use and one ready, and takes back those whose content was flushed.</summary>
/// <remarks>
/// Invariant: a segment's name is durable before its first group is written; numbers only grow; a segment is given up only after the manifest that
/// no longer needs it is durable. A reused file keeps its old bytes: they carry an old segment number and are no groups of the new one.
/// </remarks>
internal sealed class LogSegments
{
    private readonly StoreContext _context;
    private readonly SortedSet<ulong> _held;
    private readonly SortedDictionary<ulong, long> _ends;
    private readonly Queue<ulong> _spare = new();
    private readonly Signal _wake = new();
    private readonly Gate _changed;
    private readonly Action<StorageException> _poison;
    private ulong _numberNext;
    private bool _isClosed;
    private bool _isFailed;

    /// <param name="context">Of the store.</param>
    /// <param name="held">Segments that recovery read, and where their groups end.</param>
    /// <param name="spare">Segments that nothing needs.</param>
    /// <param name="changed">Opened when there is a new segment or none to be had.</param>
    /// <param name="poison">Called when a segment cannot be prepared.</param>
    internal LogSegments(
        StoreContext context, SortedDictionary<ulong, long> held, IEnumerable<ulong> spare, Gate changed, Action<StorageException> poison)
    {
        _context = context;
        _held = [.. held.Keys];
        _ends = held;
        foreach (ulong number in spare)
        {
            _spare.Enqueue(number);
            _numberNext = Math.Max(_numberNext, number);
        }

        _numberNext = Math.Max(_numberNext, _held.Count == 0 ? 0 : _held.Max) + 1;
        _changed = changed;
        _poison = poison;
    }

    /// <summary>In use; null until the first one is ready.</summary>
    internal LogSegment? Current { get; private set; }

    /// <summary>The one after <see cref="Current"/>, or null while it is being prepared.</summary>
    internal LogSegment? Next { get; private set; }

    /// <summary>Attempts, one after another, to prepare a segment that found no space.</summary>
    internal int FullAttempts { get; private set; }

    /// <summary>The last attempt to prepare a segment found no space.</summary>
    internal bool IsFull => FullAttempts > 0;

    /// <summary>Groups that are not on disk yet go to this segment or a later one.</summary>
    internal ulong LowerBound => Current?.Number ?? _held.Max;

    internal void Start(Action<string, Func<Task>> spawn) => spawn("wal-prepare", PrepareAsync);

    /// <summary>Creates the first segment of a new store, durable with its name.</summary>
    internal static async ValueTask CreateFirstAsync(IDisk disk, OrderedStoreOptions options, ulong number)
    {
        DiskError failed = await CreateAsync(disk, options, number);
        StoreFault.ThrowIfFailed(failed, StoreFiles.Log(number), "create");
    }

    /// <summary>Waits until a segment is ready and makes it the current one; false when closed, or failed before that.</summary>
    internal async ValueTask<bool> AdvanceAsync()
    {
        while (Next is null && !_isClosed && !_isFailed)
        {
            await _changed.WaitAsync();
        }

        if (_isClosed || Next is null)
        {
            return false;
        }

        LogSegment? finished = Current;
        Current = Next;
        Next = null;
        _wake.Set();
        if (finished is not null)
        {
            if (_held.Contains(finished.Number))
            {
                _ends[finished.Number] = finished.UsedBytes;
            }

            await finished.File.DisposeAsync();
        }

        return true;
    }

    /// <summary>The segments that may be needed, and where the durable groups of each end.</summary>
    internal List<(ulong Number, long End)> DurableParts()
    {
        var parts = new List<(ulong Number, long End)>();
        foreach ((ulong number, long end) in _ends)
        {
            parts.Add((number, end));
        }

        if (Current is not null)
        {
            parts.Add((Current.Number, Current.UsedBytes));
        }

        return parts;
    }

    /// <summary>Whether a segment may still be needed.</summary>
    internal bool IsHeld(ulong number) => _held.Contains(number);

    /// <summary>Gives up segments below a number: nothing in them is needed any more, durably.</summary>
    internal void ReleaseBelow(ulong number)
    {
        while (_held.Count > 0 && _held.Min < number)
        {
            ulong released = _held.Min;
            Invariant.Check(released != Current?.Number, "the segment in use is released");
            _held.Remove(released);
            _ends.Remove(released);
            _spare.Enqueue(released);
        }

        _wake.Set();
    }

    /// <summary>No further segment will come: whoever waits for one is told so.</summary>
    internal void Fail()
    {
        _isFailed = true;
        _changed.Open();
    }

    /// <summary>Prepares and hands out no more segments.</summary>
    internal void Stop()
    {
        _isClosed = true;
        _wake.Set();
        _changed.Open();
    }

    /// <summary>Closes the files, after <see cref="Stop"/>, when nothing is being written.</summary>
    internal async ValueTask CloseAsync()
    {
        if (Current is not null)
        {
            await Current.File.DisposeAsync();
        }

        if (Next is not null)
        {
            await Next.File.DisposeAsync();
        }
    }

    private static async ValueTask<DiskError> CreateAsync(IDisk disk, OrderedStoreOptions options, ulong number)
    {
        string name = StoreFiles.Log(number);
        Outcome<IDiskFile, DiskError> created = await disk.OpenAsync(name, DiskOpen.Create | DiskOpen.Direct);
        if (!created.Ok)
        {
            return created.Error;
        }

        await using IDiskFile file = created.Value;
        DiskError error = await file.AllocateAsync(options.LogSegmentBytes);
        if (error == DiskError.None)
        {
            error = await ZeroAsync(file, options.LogSegmentBytes);
        }

        if (error == DiskError.None)
        {
            error = await file.SyncAsync();
        }

        if (error == DiskError.None)
        {
            error = await disk.SyncDirectoryAsync();
        }

        return error;
    }

    /// <summary>Writes the zeros for real: the first sync of a group then finds allocated blocks and has no metadata to change.</summary>
    private static async ValueTask<DiskError> ZeroAsync(IDiskFile file, int lengthBytes)
    {
        using AlignedMemory zeros = AlignedMemory.Allocate(Math.Min(lengthBytes, 1024 * 1024));
        zeros.GetSpan().Clear();
        for (long offset = 0; offset < lengthBytes; offset += zeros.LengthBytes)
        {
            int count = (int)Math.Min(zeros.LengthBytes, lengthBytes - offset);
            DiskError error = await file.WriteAsync(offset, zeros.Memory[..count]);
            if (error != DiskError.None)
            {
                return error;
            }
        }

        return DiskError.None;
    }

    private async Task PrepareAsync()
    {
        while (!_isClosed)
        {
            if (Next is null)
            {
                await PrepareNextAsync();
                _changed.Open();
            }
            else if (_spare.Count > _context.Options.LogSegmentsSpareMax)
            {
                await DropSpareAsync();
            }
            else
            {
                await _wake.WaitAsync();
            }
        }
    }

    private async ValueTask PrepareNextAsync()
    {
        ulong number = _numberNext++;
        DiskError error = _spare.TryDequeue(out ulong spare)
            ? await ReuseAsync(spare, number)
            : await CreateAsync(_context.Disk, _context.Options, number);
        string name = StoreFiles.Log(number);
        if (error == DiskError.Full)
        {
            await _context.Disk.DeleteAsync(name);
            MarkFull();
            await _context.Environment.Clock.DelayAsync(_context.Options.FullRetryDelay);
            return;
        }

        if (error != DiskError.None)
        {
            _poison(StoreFault.At(error, name, -1, "prepare a log segment"));
            await _wake.WaitAsync();
            return;
        }

        Outcome<IDiskFile, DiskError> opened = await _context.Disk.OpenAsync(name, DiskOpen.Direct);
        if (!opened.Ok)
        {
            _poison(StoreFault.At(opened.Error, name, -1, "open a log segment"));
            await _wake.WaitAsync();
            return;
        }

        if (_isClosed)
        {
            await opened.Value.DisposeAsync();
            return;
        }

        FullAttempts = 0;
        _held.Add(number);
        Next = new LogSegment(number, opened.Value);
    }

    private void MarkFull()
    {
        if (FullAttempts++ == 0)
        {
            _context.Trace.Emit(TraceLevel.Warning, "wal", "disk-full");
            _context.Trace.Mark("wal-full");
        }
    }

    private async ValueTask<DiskError> ReuseAsync(ulong spare, ulong number)
    {
        if (!await IsLargeEnoughAsync(spare))
        {
            DiskError deleted = await _context.Disk.DeleteAsync(StoreFiles.Log(spare));
            return deleted == DiskError.None ? await CreateAsync(_context.Disk, _context.Options, number) : deleted;
        }

        _context.Trace.Mark("wal-segment-reused");
        DiskError error = await _context.Disk.RenameAsync(StoreFiles.Log(spare), StoreFiles.Log(number));
        return error == DiskError.None ? await _context.Disk.SyncDirectoryAsync() : error;
    }

    /// <summary>Options may have changed since a segment was created, or its creation was cut short.</summary>
    private async ValueTask<bool> IsLargeEnoughAsync(ulong spare)
    {
        Outcome<IDiskFile, DiskError> opened = await _context.Disk.OpenAsync(StoreFiles.Log(spare), DiskOpen.Direct);
        if (!opened.Ok)
        {
            return false;
        }

        await using IDiskFile file = opened.Value;
        return file.LengthBytes >= _context.Options.LogSegmentBytes;
    }

    private async ValueTask DropSpareAsync()
    {
        DiskError error = await _context.Disk.DeleteAsync(StoreFiles.Log(_spare.Dequeue()));
        if (error is not (DiskError.None or DiskError.NotFound))
        {
            _context.Trace.Emit(TraceLevel.Warning, "wal", "delete-failed", ("error", error.ToString()));
        }
    }
}
