using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Bytes of a <see cref="ChunkStore"/> by use. Estimates between scrubs; exact after opening.</summary>
/// <param name="ExtentCount">Extent files.</param>
/// <param name="TotalBytes">Their sizes.</param>
/// <param name="LiveBytes">Published frames, headers and padding included.</param>
/// <param name="StagedBytes">Frames not published yet.</param>
/// <param name="GarbageBytes">What reclamation can give back.</param>
public readonly record struct ChunkStoreUsage(int ExtentCount, long TotalBytes, long LiveBytes, long StagedBytes, long GarbageBytes);

/// <summary>Append-only extents on one disk; the rows that say where each chunk is live in an <see cref="IOrderedStore"/> on the same loop.</summary>
/// <remarks>
/// Invariants: a location row names a synced frame; an extent file goes only when no state of the rows that a crash may bring back names a
/// frame in it and nothing staged is in it; a frame never changes once written, so a reader that pinned its extent reads it whatever happens to the rows.
/// Disk layout: DiskFormat.md, "Extents". Source: Bornholt et al., ShardStore, SOSP'21; Rosenblum and Ousterhout, log-structured file system, 1992.
/// </remarks>
public sealed partial class ChunkStore : IChunkStore, IAsyncDisposable
{
    private readonly NodeEnvironment _env;
    private readonly ILoop _loop;
    private readonly AlignedPool _pool;
    private readonly ExtentAppender _fresh;
    private readonly FrameReader _reader;
    private readonly HeaderCache _headers;
    private readonly Dictionary<ChunkId, StagedFrame> _staged = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _running = [];

    private ChunkStore(NodeEnvironment env, ILoop loop, IOrderedStore rows, ChunkStoreOptions options)
    {
        (_env, _loop, Rows, Options) = (env, loop, rows, options);
        int frameSizeBytes = FrameHeader.FrameSizeBytes(options.ChunkSizeBytes);
        _pool = new AlignedPool(options.IdleBufferBytesMax, SizeClasses(frameSizeBytes));
        _headers = new HeaderCache(options.HeaderCacheEntries);
        _reader = new FrameReader(_pool, _headers);
        Extents = new ExtentTable(env);
        _fresh = new ExtentAppender(env, Extents, options.ExtentSizeBytes, options.ReserveBytes);
        Quarantine = new Quarantine(env.Trace);
        Reclaimer = new ReclaimWorker(this, env, new ExtentAppender(env, Extents, options.ExtentSizeBytes, reserveBytes: 0));
        Scrubber = new ScrubWorker(this, env);
    }

    /// <inheritdoc/>
    public int ChunkSizeBytes => Options.ChunkSizeBytes;

    /// <summary>Gives back the space of garbage. Units of progress: bytes.</summary>
    public Worker Reclaimer { get; }

    /// <summary>Verifies every published frame once in <see cref="ChunkStoreOptions.ScrubPeriod"/>. Units of progress: bytes.</summary>
    public Worker Scrubber { get; }

    /// <summary>Chunks found damaged and not yet released or found whole again, by extent and offset.</summary>
    public IReadOnlyList<DamagedChunk> Damaged => Quarantine.List();

    /// <summary>Buffers that are in use now, in bytes; 0 when nothing is being read, written or moved.</summary>
    public long RentedBufferBytes => _pool.RentedBytes;

    internal ChunkStoreOptions Options { get; }

    internal IOrderedStore Rows { get; }

    internal ExtentTable Extents { get; }

    internal Quarantine Quarantine { get; }

    /// <summary>Counts batches that moved or released chunks: whoever read places, awaited, and finds it changed must read them again.</summary>
    internal ulong PlacesChanged { get; set; }

    /// <summary>Opens the extents of a disk whose rows are recovered already. Deletes extents that no row names.</summary>
    /// <param name="env">Clock, disk, trace.</param>
    /// <param name="loop">The loop that owns <paramref name="rows"/> and this store.</param>
    /// <param name="rows">Keys that start with byte 0x00 belong to this store.</param>
    /// <param name="options">Sizes and paces.</param>
    /// <exception cref="StorageException">The disk or the rows cannot be read.</exception>
    public static async ValueTask<ChunkStore> OpenAsync(NodeEnvironment env, ILoop loop, IOrderedStore rows, ChunkStoreOptions options)
    {
        options.Check();
        var store = new ChunkStore(env, loop, rows, options);
        store.CheckLoop();
        var live = new SortedDictionary<uint, long>();
        using (IReadView view = rows.ReadLatest())
        {
            using IScan scan = view.Scan(ChunkRows.FramesFrom, ChunkRows.FramesTo);
            while (await scan.NextAsync())
            {
                FrameLocation location = ChunkRows.ReadFrame(scan.Key.Span, scan.Value.Span).Location;
                live[location.Extent] = live.GetValueOrDefault(location.Extent) + location.FrameSizeBytes;
            }
        }

        await store.Extents.OpenAllAsync(live);
        return store;
    }

    /// <summary>Starts reclamation and scrubbing in the background, until <see cref="DisposeAsync"/>.</summary>
    public void StartWorkers()
    {
        CancellationToken closing = _closing.Token;
        foreach (Worker worker in new[] { Reclaimer, Scrubber })
        {
            _env.Spawner.Spawn(
                _loop,
                worker.Name,
                () =>
                {
                    Task running = worker.RunAsync(closing);
                    _running.Add(running);
                    return running;
                });
        }
    }

    /// <summary>Space by use.</summary>
    public ChunkStoreUsage MeasureUsage()
    {
        long total = 0, live = 0, staged = 0, garbage = 0;
        foreach (Extent extent in Extents.All)
        {
            total += extent.SizeBytes;
            live += extent.LiveBytes;
            staged += extent.StagedBytes;
            garbage += extent.GarbageBytes;
        }

        return new ChunkStoreUsage(Extents.All.Count, total, live, staged, garbage);
    }

    /// <inheritdoc/>
    public ChunkBuffer RentBuffer() => RentFrame();

    /// <inheritdoc/>
    public async ValueTask<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes)
    {
        CheckLoop();
        Invariant.Check(lengthBytes > 0 && lengthBytes <= ChunkSizeBytes, "chunk length");
        Invariant.Check(!_staged.ContainsKey(id), "chunk staged twice");
        var frame = (FrameBuffer)buffer;
        BlockChecksums checksums = FrameHeader.Seal(frame.Frame.Span[FrameHeader.SizeBytes..], lengthBytes);
        (Extent extent, long offset, long ticket) = await _fresh.AppendAsync(id, frame, lengthBytes, checksums);
        var location = new FrameLocation(extent.Number, offset, lengthBytes);
        _staged.Add(id, new StagedFrame(extent, location, ticket));
        return new StagedChunk(id, location.Extent, location.OffsetBytes, lengthBytes);
    }

    /// <inheritdoc/>
    public async ValueTask SyncStagedAsync(IReadOnlyList<StagedChunk> staged)
    {
        CheckLoop();
        for (int i = 0; i < staged.Count; i++)
        {
            Extents.ThrowIfClosed();
            StagedFrame frame = FindStaged(staged[i]);
            await frame.Extent.SyncAsync(frame.Ticket);
        }
    }

    /// <inheritdoc/>
    public void Publish(WriteBatch batch, IReadOnlyList<StagedChunk> staged)
    {
        CheckLoop();
        for (int i = 0; i < staged.Count; i++)
        {
            StagedFrame frame = FindStaged(staged[i]);
            Invariant.Check(frame.Extent.IsSynced(frame.Ticket), "chunk published before it was synced");
            ChunkRows.Put(batch, staged[i].Id, frame.Location);
        }
    }

    /// <inheritdoc/>
    public void Published(IReadOnlyList<StagedChunk> staged)
    {
        CheckLoop();
        for (int i = 0; i < staged.Count; i++)
        {
            StagedFrame frame = FindStaged(staged[i]);
            frame.Extent.Unstage(frame.Location.FrameSizeBytes);
            frame.Extent.AddLive(frame.Location.FrameSizeBytes);
            _staged.Remove(staged[i].Id);
        }
    }

    /// <inheritdoc/>
    public void Abandon(IReadOnlyList<StagedChunk> staged)
    {
        CheckLoop();
        for (int i = 0; i < staged.Count; i++)
        {
            StagedFrame frame = FindStaged(staged[i]);
            frame.Extent.Unstage(frame.Location.FrameSizeBytes);
            _staged.Remove(staged[i].Id);
        }
    }

    /// <inheritdoc/>
    public ChunkRelease BeginRelease(IReadView latest) => new(latest, PlacesChanged);

    /// <inheritdoc/>
    public ValueTask<bool> ReleaseAsync(ChunkRelease release, WriteBatch batch, BlobRef blob, int rowsMax) =>
        ReleaseAsync(release, batch, new ChunkId(blob.Id, 0), new ChunkId(blob.Id, uint.MaxValue), rowsMax);

    /// <summary>As <see cref="ReleaseAsync(ChunkRelease, WriteBatch, BlobRef, int)"/> for a range of chunks, both ends included.</summary>
    public async ValueTask<bool> ReleaseAsync(ChunkRelease release, WriteBatch batch, ChunkId from, ChunkId last, int rowsMax)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(batch);
        CheckLoop();
        using IScan scan = release.Rows.Scan(ChunkRows.LocationKey(from), ChunkRows.LocationsAfter(last));
        int count = 0;
        while (await scan.NextAsync())
        {
            if (count == rowsMax)
            {
                return false;
            }

            count++;
            FrameLocation location = ChunkRows.ReadLocation(scan.Value.Span);
            batch.Delete(scan.Key.ToArray());
            batch.Delete(ChunkRows.FrameKey(location.Extent, location.OffsetBytes));
            release.Frames.Add(location);
        }

        return true;
    }

    /// <inheritdoc/>
    public bool IsCurrent(ChunkRelease release) => release.Frames.Count == 0 || release.Moves == PlacesChanged;

    /// <inheritdoc/>
    public void Complete(ChunkRelease release)
    {
        CheckLoop();
        Invariant.Check(IsCurrent(release), "a release of chunks that have moved");
        if (release.Frames.Count == 0)
        {
            return;
        }

        foreach (FrameLocation location in release.Frames)
        {
            Extents.Find(location.Extent)?.RemoveLive(location.FrameSizeBytes);
            Quarantine.Remove(location);
        }

        release.Frames.Clear();
        PlacesChanged++;
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination)
    {
        CheckLoop();
        Invariant.Check(
            offsetBytes >= 0 && destination.Length > 0 && destination.Length <= chunkLengthBytes - offsetBytes, "read outside the chunk");
        (Extent extent, FrameRow row) = await FindAndPinAsync(id);
        try
        {
            if (row.Location.LengthBytes != chunkLengthBytes)
            {
                throw new StorageException(
                    StorageError.Corrupt, extent.File.Name, row.Location.OffsetBytes, $"chunk {id} has {row.Location.LengthBytes} bytes, not {chunkLengthBytes}");
            }

            await _reader.ReadAsync(extent, row, offsetBytes, destination);
        }
        catch (StorageException fault) when (fault.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            _headers.Forget(row.Location);
            Quarantine.Add(row, fault);
            throw;
        }
        finally
        {
            await extent.UnpinAsync();
        }
    }

    /// <summary>Ends the workers and closes the files. Nothing staged survives.</summary>
    public async ValueTask DisposeAsync()
    {
        CheckLoop();
        if (!_closing.IsCancellationRequested)
        {
            _closing.Cancel();

            // A worker may be in the middle of a step that reads extents: their files stay open until it ends.
            foreach (Task worker in _running)
            {
                await worker;
            }

            await Extents.CloseAsync();
            _closing.Dispose();
        }
    }

    /// <summary>Workers end their step early.</summary>
    internal bool IsClosing => _closing.IsCancellationRequested;

    internal FrameBuffer RentFrame() => new(_pool.Rent(FrameHeader.FrameSizeBytes(ChunkSizeBytes)), ChunkSizeBytes);

    internal void Forget(FrameLocation location) => _headers.Forget(location);

    /// <summary>A buffer that holds a frame written with any chunk size, not just today's.</summary>
    internal FrameBuffer RentFrame(FrameLocation location) =>
        location.FrameSizeBytes <= FrameHeader.FrameSizeBytes(ChunkSizeBytes)
            ? RentFrame()
            : new(_pool.Rent(location.FrameSizeBytes), AlignedMemory.RoundUp(location.LengthBytes));

    /// <summary>Whether the chunk's location row names this very frame.</summary>
    internal static async ValueTask<bool> IsLiveAsync(IReadView view, FrameRow row)
    {
        ReadOnlyMemory<byte>? value = await view.GetAsync(ChunkRows.LocationKey(row.Id));
        return value is { } found && ChunkRows.ReadLocation(found.Span) == row.Location;
    }

    private static int[] SizeClasses(int frameSizeBytes)
    {
        var sizes = new SortedSet<int> { FrameHeader.SizeBytes, frameSizeBytes };
        foreach (int blocks in new[] { 1, 4 })
        {
            sizes.Add(blocks * FrameHeader.BlockSizeBytes);
            sizes.Add(FrameHeader.SizeBytes + (blocks * FrameHeader.BlockSizeBytes));
        }

        return [.. sizes];
    }

    private void CheckLoop() => Invariant.Check(_loop.IsCurrent, "chunk store used off its loop");

    private StagedFrame FindStaged(StagedChunk chunk)
    {
        bool found = _staged.TryGetValue(chunk.Id, out StagedFrame frame);
        Invariant.Check(
            found && frame.Location == new FrameLocation(chunk.Extent, chunk.OffsetBytes, chunk.LengthBytes), "chunk is not staged");
        return frame;
    }

    private async ValueTask<(Extent Extent, FrameRow Row)> FindAndPinAsync(ChunkId id)
    {
        FrameLocation last = default;
        byte[] key = ChunkRows.LocationKey(id);

        // Reclamation may move the frame and delete its extent while the row is being read; then the row has changed too.
        while (true)
        {
            Extents.ThrowIfClosed();
            using IReadView view = Rows.ReadLatest();
            if (await view.GetAsync(key) is not { } value)
            {
                throw new StorageException(StorageError.Corrupt, "rows", -1, $"chunk {id} has no location");
            }

            FrameLocation location = ChunkRows.ReadLocation(value.Span);
            if (Extents.Find(location.Extent) is { } extent)
            {
                extent.Pin();
                return (extent, new FrameRow(id, location));
            }

            Extents.ThrowIfClosed();
            if (location == last)
            {
                throw new StorageException(
                    StorageError.Corrupt, Extent.NameOf(location.Extent), location.OffsetBytes, $"the extent of chunk {id} is missing");
            }

            last = location;
        }
    }

    private readonly record struct StagedFrame(Extent Extent, FrameLocation Location, long Ticket);
}
