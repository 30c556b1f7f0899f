using System;
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
    private DiskStore(OrderedStore rows, ChunkStore chunks) => (Rows, Chunks) = (rows, chunks);

    /// <summary>Rows: metadata, and where chunks are.</summary>
    public OrderedStore Rows { get; }

    /// <summary>Bodies.</summary>
    public ChunkStore Chunks { get; }

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
            return new DiskStore(rows, chunks);
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
        await Rows.CloseAsync();
    }
}
