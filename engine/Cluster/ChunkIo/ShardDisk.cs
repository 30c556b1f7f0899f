using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>How a disk fares.</summary>
/// <param name="IsServing">It takes writes.</param>
/// <param name="TotalBytes">Of its file system.</param>
/// <param name="UsedBytes">Of shards, garbage included.</param>
/// <param name="DamagedCount">Shards found damaged and not healed yet.</param>
public readonly record struct DiskCondition(bool IsServing, long TotalBytes, long UsedBytes, int DamagedCount);

/// <summary>The shards on one data disk. Any thread; works on the loop that owns the disk.</summary>
/// <remarks>
/// A shard is durable when <see cref="PutAsync"/> says so: frame synced, row durable. Putting the same shard again changes nothing; one that is damaged is replaced in one batch.
/// </remarks>
public sealed class ShardDisk
{
    private const int RowsOfBatch = 256;

    private readonly NodeEnvironment _environment;
    private readonly ILoop _loop;
    private readonly DiskStore _store;
    private readonly Dictionary<ChunkId, Task> _writing = [];
    private readonly HashSet<ChunkId> _wrong = [];
    private readonly Gate _ended = new();
    private int _running;
    private bool _hasFailed;
    private volatile bool _hasDamagedIndex;
    private bool _isClosing;

    /// <summary>Names an open disk.</summary>
    /// <param name="environment">The seams that it was opened with.</param>
    /// <param name="loop">Owns <paramref name="store"/>.</param>
    /// <param name="store">The disk; its chunks may be as large as a shard with its header.</param>
    /// <param name="id">Its number in the cluster map.</param>
    public ShardDisk(NodeEnvironment environment, ILoop loop, DiskStore store, DiskId id)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(store);
        (_environment, _loop, _store, Id) = (environment, loop, store, id);
    }

    /// <summary>Its number.</summary>
    public DiskId Id { get; }

    /// <summary>Stores a shard with its header, durably.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="frame">Verified by the caller; unchanged until the task ends.</param>
    public Task<ShardError> PutAsync(ChunkId id, ReadOnlyMemory<byte> frame) =>
        RunAsync((Id: id, Frame: frame), ShardError.Down, static (self, call) => self.PutOnLoopAsync(call.Id, call.Frame));

    /// <summary>Reads bytes of a shard's frame; the blocks touched are verified.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="length">Bytes of the whole frame.</param>
    /// <param name="offset">From where.</param>
    /// <param name="destination">How much, and where it goes.</param>
    public Task<ShardError> GetAsync(ChunkId id, int length, int offset, Memory<byte> destination) =>
        RunAsync(
            (Id: id, Length: length, Offset: offset, To: destination),
            ShardError.Down,
            static (self, call) => self.GetOnLoopAsync(call.Id, call.Length, call.Offset, call.To));

    /// <summary>Deletes shards, durably. What is not there is deleted already.</summary>
    /// <param name="ranges">Which.</param>
    /// <param name="mayGo">Asked before each batch with nothing awaited between; false ends with <see cref="ShardError.Moved"/>.</param>
    public Task<ShardError> DeleteAsync(IReadOnlyList<ShardRange> ranges, Func<bool>? mayGo = null) =>
        RunAsync((Ranges: ranges, MayGo: mayGo), ShardError.Down, static (self, call) => self.DeleteOnLoopAsync(call.Ranges, call.MayGo));

    /// <summary>Shards in the order of their names; those being written now may be missing.</summary>
    public Task<(ShardError Error, IReadOnlyList<StoredChunk> Shards, bool More)> ListAsync(ShardRange range, int max) =>
        RunAsync(
            (Range: range, Max: max),
            (ShardError.Down, (IReadOnlyList<StoredChunk>)[], false),
            static (self, call) => self.ListOnLoopAsync(call.Range, call.Max));

    /// <summary>Reads all of a shard from the disk and verifies it, header and checksums. A damaged one is listed as such from now on.</summary>
    public Task<ShardError> VerifyAsync(ChunkId id) =>
        RunAsync(id, ShardError.Down, static (self, id) => self.VerifyOnLoopAsync(id));

    /// <summary>Shards found damaged and not healed yet.</summary>
    public Task<IReadOnlyList<ChunkId>> ListDamagedAsync() =>
        _loop.CallAsync(
            static self =>
            {
                var damaged = new List<ChunkId>();
                foreach (DamagedChunk chunk in self._store.Chunks.Damaged)
                {
                    damaged.Add(chunk.Id);
                }

                foreach (ChunkId wrong in self._wrong)
                {
                    if (!damaged.Contains(wrong))
                    {
                        damaged.Add(wrong);
                    }
                }

                damaged.Sort(Compare);

                return ValueTask.FromResult<IReadOnlyList<ChunkId>>(damaged);
            },
            this);

    /// <summary>
    /// What is on the disk cannot be told any more, because a part of its index is damaged. There is one copy of the index, so nothing on this disk heals it: it does not serve,
    /// and what lay on it is built again elsewhere from the other shards.
    /// </summary>
    public bool HasDamagedIndex => _hasDamagedIndex;

    /// <summary>How it fares.</summary>
    public Task<DiskCondition> MeasureAsync() =>
        _loop.CallAsync(
            static async self =>
            {
                Outcome<DiskSpace, DiskError> space = await self._environment.Disk.MeasureAsync();
                bool serves = space.Ok && !self._isClosing && !self._hasFailed && !self._hasDamagedIndex && self._store.Rows.Failure is null;
                return new DiskCondition(
                    serves, space.Ok ? space.Value.TotalBytes : 0, self._store.Chunks.MeasureUsage().TotalBytes, self._store.Chunks.Damaged.Count);
            },
            this);

    /// <summary>Ends what runs, answers everything else with <see cref="ShardError.Down"/>, and closes the store. Once.</summary>
    /// <exception cref="StorageException">The store did not close in good order; its files are closed.</exception>
    public Task CloseAsync() =>
        _loop.CallAsync(
            static async self =>
            {
                Invariant.Check(!self._isClosing, "a disk is closed once");
                self._isClosing = true;
                while (self._running > 0)
                {
                    await self._ended.WaitAsync();
                }

                await self._store.CloseAsync();
                return true;
            },
            this);

    private Task<T> RunAsync<TState, T>(TState state, T whenClosed, Func<ShardDisk, TState, ValueTask<T>> body) =>
        _loop.CallAsync(
            static async call =>
            {
                if (call.Self._isClosing)
                {
                    return call.WhenClosed;
                }

                call.Self._running++;
                try
                {
                    return await call.Body(call.Self, call.State);
                }
                finally
                {
                    call.Self._running--;
                    call.Self._ended.Open();
                }
            },
            (Self: this, State: state, WhenClosed: whenClosed, Body: body));

    private async ValueTask<ShardError> PutOnLoopAsync(ChunkId id, ReadOnlyMemory<byte> frame)
    {
        while (_writing.TryGetValue(id, out Task? before))
        {
            await before;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _writing.Add(id, done.Task);
        try
        {
            return await CompareAsync(id, frame) ?? await WriteAsync(id, frame);
        }
        catch (StorageException fault)
        {
            return ErrorOf(fault);
        }
        finally
        {
            _writing.Remove(id);
            done.SetResult();
        }
    }

    /// <summary>None when this very shard is there and whole, Refused when another one is; null when it must be written.</summary>
    private async ValueTask<ShardError?> CompareAsync(ChunkId id, ReadOnlyMemory<byte> frame)
    {
        if (await _store.Chunks.FindAsync(id) is null)
        {
            return null;
        }

        byte[] head = new byte[ShardHeader.SizeBytes];
        try
        {
            if (await _store.Chunks.VerifyAsync(id, head, shard => IsRight(id, shard.Span)) is null)
            {
                return null;
            }
        }
        catch (StorageException fault) when (fault.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            _environment.Trace.Mark("shard-replaced");
            return null;
        }

        if (head.AsSpan().SequenceEqual(frame.Span[..ShardHeader.SizeBytes]))
        {
            _environment.Trace.Mark("shard-put-again");
            return ShardError.None;
        }

        _environment.Trace.Emit(TraceLevel.Error, "shards", "conflict", ("disk", Id.Value), ("number", unchecked((long)id.Blob.Number)), ("index", id.Index));
        return ShardError.Refused;
    }

    private async ValueTask<ShardError> WriteAsync(ChunkId id, ReadOnlyMemory<byte> frame)
    {
        var staged = new StagedChunk[1];
        using (ChunkBuffer buffer = _store.Chunks.RentBuffer())
        {
            if (frame.Length > buffer.Data.Length)
            {
                return ShardError.Refused;
            }

            frame.CopyTo(buffer.Data);
            staged[0] = await _store.Chunks.StageAsync(id, buffer, frame.Length);
        }

        bool published = false;
        try
        {
            await _store.Chunks.SyncStagedAsync(staged);
            await _store.Rows.WaitForRoomAsync();
            CommitTicket ticket = await PublishAsync(id, staged);
            published = true;
            await ticket.Durable;
            return ShardError.None;
        }
        finally
        {
            if (!published)
            {
                _store.Chunks.Abandon(staged);
            }
        }
    }

    /// <summary>Publishes a frame, and releases what had its name before, in one batch.</summary>
    private async ValueTask<CommitTicket> PublishAsync(ChunkId id, StagedChunk[] staged)
    {
        // Ends unless reclamation moves chunks every time in between.
        while (true)
        {
            var batch = new WriteBatch();
            using IReadView latest = _store.Rows.ReadLatest();
            ChunkRelease release = _store.Chunks.BeginRelease(latest);
            await _store.Chunks.ReleaseAsync(release, batch, id, id, rowsMax: 1);
            if (_store.Chunks.IsCurrent(release))
            {
                _store.Chunks.Publish(batch, staged);
                CommitTicket ticket = _store.Rows.Apply(batch);
                _store.Chunks.Complete(release);
                _store.Chunks.Published(staged);
                _wrong.Remove(id);
                return ticket;
            }
        }
    }

    private async ValueTask<ShardError> GetOnLoopAsync(ChunkId id, int length, int offset, Memory<byte> destination)
    {
        try
        {
            int? found = await _store.Chunks.FindAsync(id);
            if (found != length || _wrong.Contains(id))
            {
                return found is null ? ShardError.Missing : ShardError.Damaged;
            }

            await _store.Chunks.ReadAsync(id, length, offset, destination);
            return ShardError.None;
        }
        catch (StorageException fault)
        {
            return ErrorOf(fault);
        }
    }

    private async ValueTask<ShardError> DeleteOnLoopAsync(IReadOnlyList<ShardRange> ranges, Func<bool>? mayGo)
    {
        try
        {
            Task durable = Task.CompletedTask;
            foreach (ShardRange range in ranges)
            {
                await WrittenAsync(range);
                bool done = false;
                while (!done)
                {
                    await _store.Rows.WaitForRoomAsync(freesSpace: true);
                    var batch = new WriteBatch();
                    using IReadView latest = _store.Rows.ReadLatest();
                    ChunkRelease release = _store.Chunks.BeginRelease(latest);
                    bool last = await _store.Chunks.ReleaseAsync(release, batch, range.From, range.Last, RowsOfBatch);
                    if (!_store.Chunks.IsCurrent(release))
                    {
                        continue;
                    }

                    if (mayGo is not null && !mayGo())
                    {
                        return ShardError.Moved;
                    }

                    if (batch.Operations.Count > 0)
                    {
                        durable = _store.Rows.Apply(batch).Durable;
                        _store.Chunks.Complete(release);
                    }

                    done = last;
                }

                _wrong.RemoveWhere(id => Compare(id, range.From) >= 0 && Compare(id, range.Last) <= 0);
            }

            await durable;
            return ShardError.None;
        }
        catch (StorageException fault)
        {
            return ErrorOf(fault);
        }
    }

    /// <summary>Ends when no shard of the range is being written.</summary>
    private async ValueTask WrittenAsync(ShardRange range)
    {
        while (true)
        {
            Task? under = null;
            foreach ((ChunkId id, Task task) in _writing)
            {
                if (Compare(id, range.From) >= 0 && Compare(id, range.Last) <= 0)
                {
                    under = task;
                    break;
                }
            }

            if (under is null)
            {
                return;
            }

            await under;
        }
    }

    private async ValueTask<(ShardError Error, IReadOnlyList<StoredChunk> Shards, bool More)> ListOnLoopAsync(ShardRange range, int max)
    {
        try
        {
            (IReadOnlyList<StoredChunk> shards, bool more) = await _store.Chunks.ListAsync(range.From, range.Last, max);
            if (_wrong.Count > 0)
            {
                shards = [.. shards.Select(shard => shard with { IsDamaged = shard.IsDamaged || _wrong.Contains(shard.Id) })];
            }

            return (ShardError.None, shards, more);
        }
        catch (StorageException fault)
        {
            return (ErrorOf(fault), [], false);
        }
    }

    private async ValueTask<ShardError> VerifyOnLoopAsync(ChunkId id)
    {
        try
        {
            return await _store.Chunks.VerifyAsync(id, default, shard => IsRight(id, shard.Span)) is null ? ShardError.Missing : ShardError.None;
        }
        catch (StorageException fault)
        {
            return ErrorOf(fault);
        }
    }

    /// <summary>What the disk gave as it was written, but which is no shard of that name, is not given to readers any more.</summary>
    private bool IsRight(ChunkId id, ReadOnlySpan<byte> frame)
    {
        bool isRight = ShardHeader.TryVerify(id, frame, out _);
        _ = isRight ? _wrong.Remove(id) : _wrong.Add(id);
        return isRight;
    }

    private ShardError ErrorOf(StorageException fault)
    {
        switch (fault.Error)
        {
            case StorageError.Corrupt or StorageError.ReadFailed:
                if (!_hasDamagedIndex && fault.IsInIndex)
                {
                    _hasDamagedIndex = true;
                    _environment.Trace.Emit(TraceLevel.Error, "shards", "index-damaged", ("disk", Id.Value), ("reason", fault.Message));
                }

                return ShardError.Damaged;
            case StorageError.Full:
                return ShardError.Full;
            default:
                if (!_hasFailed)
                {
                    _hasFailed = true;
                    _environment.Trace.Emit(TraceLevel.Error, "shards", "disk-failed", ("disk", Id.Value), ("reason", fault.Message));
                }

                return ShardError.Down;
        }
    }

    private static int Compare(ChunkId left, ChunkId right) =>
        (left.Blob.Epoch, left.Blob.Number, left.Index).CompareTo((right.Blob.Epoch, right.Blob.Number, right.Index));
}
