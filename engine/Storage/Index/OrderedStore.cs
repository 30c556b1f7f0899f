using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Log-structured merge tree: a write-ahead log, memtables, and sorted runs in levels. Start reading at README.md.</summary>
/// <remarks>
/// Invariants: what is acknowledged is in the synced log or in runs that a durable manifest names; a memtable is flushed only when all of it is durable;
/// a file is deleted only after the manifest without it is durable and no view reads it. Once a write or sync fails nothing is committed any more.
/// Source: O'Neil et al., "The Log-Structured Merge-Tree", Acta Informatica 33, 1996.
/// </remarks>
public sealed partial class OrderedStore : IOrderedStore
{
    private readonly StoreContext _context;
    private readonly OrderedStoreOptions _options;
    private readonly ILoop _worker;
    private readonly BlockCache _cache;
    private readonly Gate _changed = new();
    private readonly Signal _flushWake = new();
    private readonly Signal _compactWake = new();
    private readonly List<Memtable> _frozen = [];
    private readonly Superblock _superblock;
    private readonly Manifest _manifest;
    private readonly LogSegments _segments;
    private readonly WriteAheadLog _log;
    private Memtable _active;
    private Memtable[] _memtables = [];
    private RunSet _runs;
    private StorageException? _failure;
    private ulong _durableSequence;
    private ulong _runNumber;
    private int _flushFullAttempts;
    private bool _compactionIsBlocked;
    private bool _isClosing;
    private int _coroutines;

    /// <inheritdoc/>
    public ulong AppliedSequence { get; private set; }

    /// <inheritdoc/>
    public ulong DurableSequence => Volatile.Read(ref _durableSequence);

    /// <summary>Number of this opening of the store: greater than every earlier one's, durable before the store opened.</summary>
    public ulong Epoch => _context.Epoch;

    /// <summary>Random name of this disk, given when it was formatted.</summary>
    public UInt128 StoreId => _context.StoreId;

    /// <summary>Why the store takes no more writes; null while it does.</summary>
    public StorageException? Failure => _failure;

    /// <inheritdoc/>
    public CommitTicket Apply(WriteBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Invariant.Check(_context.Loop.IsCurrent, "a store belongs to one loop");
        CheckSizes(batch);
        ThrowIfDown();
        if (IsFullFor(batch))
        {
            throw new StorageException(StorageError.Full, "wal", -1, "no room for the batch");
        }

        RotateMemtable(force: false);
        AppliedSequence++;
        _active.Add(AppliedSequence, batch);
        return new CommitTicket(AppliedSequence, _log.Append(AppliedSequence, batch));
    }

    /// <summary>Ends when the log, the flush and the compaction are not behind: call it before <see cref="Apply"/> to bound memory and delay.</summary>
    /// <param name="freesSpace">The batch leads to space being freed: it may use <see cref="OrderedStoreOptions.ReserveBytes"/>.</param>
    /// <exception cref="StorageException"><see cref="StorageError.Full"/>, <see cref="StorageError.Poisoned"/>, <see cref="StorageError.Closed"/>.</exception>
    public ValueTask WaitForRoomAsync(bool freesSpace = false)
    {
        ThrowIfDown();
        return HasRoom && !(IsLow && !freesSpace) ? ValueTask.CompletedTask : WaitAsync();

        async ValueTask WaitAsync()
        {
            while (true)
            {
                if (IsLow && !freesSpace)
                {
                    throw new StorageException(StorageError.Full, "rows", -1, "the rest of the disk is kept for deleting");
                }

                if (HasRoom)
                {
                    return;
                }

                // Flushing and merging may give space back: who frees more of it waits for them a little.
                if (int.Max(_segments.FullAttempts, _flushFullAttempts) > (freesSpace ? FullAttemptsMax : 0))
                {
                    throw new StorageException(StorageError.Full, "wal", -1, "no room on the disk");
                }

                await _changed.WaitAsync();
                ThrowIfDown();
            }
        }
    }

    /// <summary>Runs that the newest state consists of; files of others are about to be deleted.</summary>
    public int RunCount => _runs.ToList().Count;

    /// <summary>Closed memtables that are no run yet. Each is flushed once all of it is durable: 0 when the store has rested on a healthy disk.</summary>
    public int FlushBacklog => _frozen.Count;

    /// <inheritdoc/>
    public IReadView ReadLatest() => new ReadView(AppliedSequence, _memtables, _runs);

    /// <inheritdoc/>
    public IReadView ReadDurable() => new ReadView(DurableSequence, _memtables, _runs);

    private bool HasRoom =>
        _log.BacklogBytes < _options.LogBacklogBytesMax
        && _log.HasRoom()
        && _frozen.Count <= _options.FlushBacklogMax
        && (_runs.Levels[0].Length < _options.LevelZeroRunsMax || _compactionIsBlocked || _compactionIsFull);

    private bool IsFullFor(WriteBatch batch) =>
        !_log.HasRoom(batch) || (IsFlushFull && _frozen.Count > _options.FlushBacklogMax);

    private void CheckSizes(WriteBatch batch)
    {
        if (LogGroup.EncodedBytesMax(batch) > _options.BatchBytesMax)
        {
            throw new ArgumentException($"batch of {batch.SizeBytes} bytes in {batch.Operations.Count} operations", nameof(batch));
        }

        for (int i = 0; i < batch.Operations.Count; i++)
        {
            WriteOperation operation = batch.Operations[i];
            if (operation.Key.Length is 0 or > IOrderedStore.KeySizeBytesMax)
            {
                throw new ArgumentException($"key of {operation.Key.Length} bytes", nameof(batch));
            }

            if (operation.Value.Length > IOrderedStore.ValueSizeBytesMax)
            {
                throw new ArgumentException($"value of {operation.Value.Length} bytes", nameof(batch));
            }
        }
    }

    private void ThrowIfDown()
    {
        if (_failure is not null)
        {
            throw new StorageException(StorageError.Poisoned, _failure.File, _failure.Offset, _failure.Message);
        }

        if (_isClosing)
        {
            throw new StorageException(StorageError.Closed, "wal", -1, "the store is closed");
        }
    }

    /// <summary>Takes the store out of service for writes. Reads go on.</summary>
    private void Poison(StorageException reason)
    {
        if (_failure is not null || _stopsNow)
        {
            return;
        }

        _failure = reason;
        _context.Trace.Emit(TraceLevel.Error, "store", "poisoned", ("reason", reason.Message));
        _context.Trace.Mark("store-poisoned");
        _log.Fail(new StorageException(StorageError.Poisoned, reason.File, reason.Offset, reason.Message));
        WakeAll();
    }

    private void BecameDurable(ulong sequence)
    {
        Invariant.Check(sequence > DurableSequence && sequence <= AppliedSequence, "durability goes forward");
        Volatile.Write(ref _durableSequence, sequence);
        _flushWake.Set();
    }

    private void WakeAll()
    {
        _spaceWake.Set();
        _flushWake.Set();
        _compactWake.Set();
        _changed.Open();
    }

    private void RotateMemtable(bool force)
    {
        if (_active.IsEmpty)
        {
            return;
        }

        bool isDue = force
            || _active.SizeBytes >= _options.MemtableBytes
            || _segments.LowerBound - _active.FirstSegment >= (ulong)_options.LogSegmentsPerMemtable
            || _context.Environment.Rare.Happens("memtable-rotate-early");
        if (isDue)
        {
            FreezeActive(_segments.LowerBound);
            _flushWake.Set();
            _spaceWake.Set();
        }
    }

    private void FreezeActive(ulong firstSegmentOfNext)
    {
        _active.Freeze();
        _frozen.Add(_active);
        _active = new Memtable(firstSegmentOfNext, _options.MemtableBytes);
        ShowMemtables();
    }

    /// <summary>Views take this array as it is: it is replaced, never changed.</summary>
    private void ShowMemtables()
    {
        var newestFirst = new Memtable[_frozen.Count + 1];
        newestFirst[0] = _active;
        for (int i = 0; i < _frozen.Count; i++)
        {
            newestFirst[^(i + 1)] = _frozen[i];
        }

        _memtables = newestFirst;
    }

    private void Spawn(string name, Func<Task> body)
    {
        _coroutines++;
        _context.Environment.Spawner.Spawn(_context.Loop, name, async () =>
        {
            await body();
            _coroutines--;
            _changed.Open();
        });
    }
}
