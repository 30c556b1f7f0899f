using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Storage;

/// <summary>A published chunk.</summary>
/// <param name="Id">Which.</param>
/// <param name="LengthBytes">Data bytes.</param>
/// <param name="IsDamaged">It could not be read or verified when last tried.</param>
public readonly record struct StoredChunk(ChunkId Id, int LengthBytes, bool IsDamaged);

/// <content>Looking for chunks.</content>
public sealed partial class ChunkStore
{
    /// <summary>Data bytes of a published chunk; null when there is none of that name. Published, but perhaps not durable yet.</summary>
    /// <exception cref="StorageException">The rows cannot be read.</exception>
    public async ValueTask<int?> FindAsync(ChunkId id)
    {
        CheckLoop();
        Extents.ThrowIfClosed();
        using IReadView view = Rows.ReadLatest();
        return await view.GetAsync(ChunkRows.LocationKey(id)) is { } value ? ChunkRows.ReadLocation(value.Span).LengthBytes : null;
    }

    /// <summary>Published chunks in the order of their names, both ends included.</summary>
    /// <returns>At most <paramref name="max"/>, and whether there are more.</returns>
    /// <exception cref="StorageException">The rows cannot be read.</exception>
    public async ValueTask<(IReadOnlyList<StoredChunk> Chunks, bool More)> ListAsync(ChunkId from, ChunkId last, int max)
    {
        CheckLoop();
        Extents.ThrowIfClosed();
        var chunks = new List<StoredChunk>();
        using IReadView view = Rows.ReadLatest();
        using IScan scan = view.Scan(ChunkRows.LocationKey(from), ChunkRows.LocationsAfter(last));
        while (await scan.NextAsync())
        {
            if (chunks.Count == max)
            {
                return (chunks, true);
            }

            FrameLocation location = ChunkRows.ReadLocation(scan.Value.Span);
            chunks.Add(new StoredChunk(ChunkRows.ChunkOf(scan.Key.Span), location.LengthBytes, Quarantine.Contains(location)));
        }

        return (chunks, false);
    }

    /// <summary>Reads all of a published chunk from the disk and verifies it.</summary>
    /// <param name="id">The chunk.</param>
    /// <param name="head">Takes the first bytes of the data, as many as there is room for.</param>
    /// <param name="inspect">Looks at all of the data; false says that it is not what it should be, which counts as damage.</param>
    /// <returns>Data bytes; null when there is no such chunk.</returns>
    /// <exception cref="StorageException"><see cref="StorageError.Corrupt"/> or <see cref="StorageError.ReadFailed"/>: it counts as damaged from now on.</exception>
    public async ValueTask<int?> VerifyAsync(ChunkId id, Memory<byte> head, Func<ReadOnlyMemory<byte>, bool>? inspect = null)
    {
        if (await FindAsync(id) is not { } length)
        {
            return null;
        }

        (Extent extent, FrameRow row) = await FindAndPinAsync(id);
        try
        {
            _headers.Forget(row.Location);
            using FrameBuffer frame = RentFrame(row.Location);
            await FrameReader.ReadFrameAsync(extent, row, frame.Frame);
            if (inspect is not null && !inspect(frame.Data[..row.Location.LengthBytes]))
            {
                throw new StorageException(StorageError.Corrupt, extent.File.Name, row.Location.OffsetBytes, $"chunk {id} is whole, but not what it should be");
            }

            Quarantine.Remove(row.Location);
            frame.Data[..int.Min(length, head.Length)].CopyTo(head);
            return length;
        }
        catch (StorageException fault) when (fault.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            Quarantine.Add(row, fault);
            throw;
        }
        finally
        {
            await extent.UnpinAsync();
        }
    }
}
