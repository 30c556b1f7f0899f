using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Settings of one disk.</summary>
public sealed record DiskStoreOptions
{
    /// <summary>Of the rows.</summary>
    public OrderedStoreOptions Rows { get; init; } = new();

    /// <summary>Of the chunks.</summary>
    public ChunkStoreOptions Chunks { get; init; } = new();
}

/// <summary>One disk: the ordered store of rows, and the chunk store that keeps its places in it.</summary>
/// <remarks>Keys that start with byte 0x00 belong to the chunk store; all others are for the layers above.</remarks>
public sealed class DiskStore
{
    private readonly CancellationTokenSource _closing;
    private readonly RowScrubWorker _rowScrubber;
    private Task _rowScrub = Task.CompletedTask;

    private DiskStore(OrderedStore rows, ChunkStore chunks, RowScrubWorker rowScrubber, CancellationTokenSource closing) =>
        (Rows, Chunks, _rowScrubber, _closing) = (rows, chunks, rowScrubber, closing);

    /// <summary>Rows: metadata, and where chunks are.</summary>
    public OrderedStore Rows { get; }

    /// <summary>Bodies.</summary>
    public ChunkStore Chunks { get; }

    /// <summary>Verifies the rows once in <see cref="OrderedStoreOptions.ScrubPeriod"/>.</summary>
    public Worker RowScrubber => _rowScrubber;

    /// <summary>Places among rows, log, manifest and superblock that the last scrub found damaged.</summary>
    public IReadOnlyList<StorageDamage> DamagedRows => _rowScrubber.Damaged;

    /// <summary>Grows with every opening of this disk; for ids that are never given twice.</summary>
    public ulong Epoch => Rows.Epoch;

    /// <summary>Opens a disk, formatting it when it is empty, and recovers all that was acknowledged. Call on <paramref name="loop"/>.</summary>
    /// <param name="env">The seams; the disk is this store's alone.</param>
    /// <param name="loop">Owns the store.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="StorageException">The disk holds no store that can be recovered; the message names file and offset.</exception>
    public static async ValueTask<DiskStore> OpenAsync(NodeEnvironment env, ILoop loop, DiskStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OrderedStore rows = await OrderedStore.OpenAsync(env, loop, options.Rows);
        try
        {
            ChunkStore chunks = await ChunkStore.OpenAsync(env, loop, rows, options.Chunks);
            chunks.StartWorkers();
            var closing = new CancellationTokenSource();
            var store = new DiskStore(rows, chunks, new RowScrubWorker(rows, env, options.Rows.ScrubPeriod, closing.Token), closing);
            CancellationToken token = closing.Token;
            env.Spawner.Spawn(loop, store._rowScrubber.Name, () => store.ScrubRowsAsync(token));
            return store;
        }
        catch (StorageException)
        {
            await rows.CloseAsync();
            throw;
        }
    }

    /// <summary>Stops background work, flushes the rows when the disk lets it, and closes all files.</summary>
    public async ValueTask CloseAsync()
    {
        await Chunks.DisposeAsync();
        if (!_closing.IsCancellationRequested)
        {
            _closing.Cancel();
            await _rowScrub;
            _closing.Dispose();
        }

        await Rows.CloseAsync();
    }

    private Task ScrubRowsAsync(CancellationToken closing)
    {
        _rowScrub = _rowScrubber.RunAsync(closing);
        return _rowScrub;
    }
}
