using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Storage;

/// <summary>Names one streamed body (an object's or a part's data). 16 bytes: the creating process's epoch, then a counter; never used twice.</summary>
public readonly record struct BlobId(ulong Epoch, ulong Number);

/// <summary>Names one chunk: the piece of a blob that starts at <c>Index × chunk size</c>.</summary>
public readonly record struct ChunkId(BlobId Blob, uint Index);

/// <summary>A body stored as chunks: all of <paramref name="ChunkSizeBytes"/> but the last, which is what remains.</summary>
public readonly record struct BlobRef(BlobId Id, long LengthBytes, int ChunkSizeBytes);

/// <summary>A chunk whose frame is written but which nothing names yet. Lost in a crash, which is right: nothing was acknowledged.</summary>
/// <param name="Id">The chunk.</param>
/// <param name="Extent">Number of the extent that holds the frame.</param>
/// <param name="OffsetBytes">Where the frame starts in it.</param>
/// <param name="LengthBytes">Data bytes.</param>
public readonly record struct StagedChunk(ChunkId Id, uint Extent, long OffsetBytes, int LengthBytes);

/// <summary>A buffer for one chunk with room for its frame header in front, aligned for direct I/O. From <see cref="IChunkStore.RentBuffer"/>.</summary>
public abstract class ChunkBuffer : IDisposable
{
    /// <summary>Where the data goes: <see cref="IChunkStore.ChunkSizeBytes"/> bytes.</summary>
    public abstract Memory<byte> Data { get; }

    /// <summary>Gives the buffer back.</summary>
    public abstract void Dispose();
}

/// <summary>Append-only extents of checksummed, self-naming frames, and the rows that say where each chunk is.</summary>
/// <remarks>
/// Writing takes three steps so that one batch makes an object and its data visible together: <see cref="StageAsync"/> writes frames,
/// <see cref="SyncStagedAsync"/> makes them durable, <see cref="Publish"/> adds their location rows to the batch that names them.
/// A crash before that batch leaves only garbage, which reclamation finds by the missing rows.
/// All members but <see cref="RentBuffer"/> are called on the store's loop. Source: Bornholt et al., ShardStore, SOSP'21, section 2.
/// </remarks>
public interface IChunkStore
{
    /// <summary>Data bytes in a full chunk: 1 MiB.</summary>
    int ChunkSizeBytes { get; }

    /// <summary>A pooled buffer. Any thread. Waits for nothing: the caller bounds how many it holds.</summary>
    ChunkBuffer RentBuffer();

    /// <summary>Writes one frame. The buffer may be reused when the task completes.</summary>
    /// <param name="id">Not staged or published before.</param>
    /// <param name="buffer">From <see cref="RentBuffer"/>.</param>
    /// <param name="lengthBytes">1 to <see cref="ChunkSizeBytes"/> bytes of <see cref="ChunkBuffer.Data"/>.</param>
    /// <exception cref="StorageException"><see cref="StorageError.Full"/>, <see cref="StorageError.Poisoned"/>, <see cref="StorageError.Closed"/>.</exception>
    ValueTask<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes);

    /// <summary>Makes staged frames durable; concurrent callers share syncs.</summary>
    ValueTask SyncStagedAsync(IReadOnlyList<StagedChunk> staged);

    /// <summary>Adds the location rows of synced frames to a batch that is applied before the next await. Call <see cref="Published"/> when it was; when
    /// the rows refused it, the frames are still staged.</summary>
    void Publish(WriteBatch batch, IReadOnlyList<StagedChunk> staged);

    /// <summary>Counts frames as live, not staged any more: the batch of <see cref="Publish"/> was applied.</summary>
    void Published(IReadOnlyList<StagedChunk> staged);

    /// <summary>Gives up staged frames that will not be published: their space becomes garbage.</summary>
    void Abandon(IReadOnlyList<StagedChunk> staged);

    /// <summary>Begins a release: what it finds is found in <paramref name="latest"/>, opened with nothing awaited since; the caller keeps it open.</summary>
    ChunkRelease BeginRelease(IReadView latest);

    /// <summary>Adds the removal of up to <paramref name="rowsMax"/> chunks of a blob to a batch. Changes nothing else.</summary>
    /// <returns>True when none is left, false when the caller must come again. The caller holds no reader that may still need the blob.</returns>
    ValueTask<bool> ReleaseAsync(ChunkRelease release, WriteBatch batch, BlobRef blob, int rowsMax);

    /// <summary>Whether chunks still are where the release found them. When not, its batch must not be applied: begin again on the rows as they are now.</summary>
    bool IsCurrent(ChunkRelease release);

    /// <summary>Counts released frames as garbage. Called after the batch was applied, with nothing awaited since <see cref="IsCurrent"/>.</summary>
    void Complete(ChunkRelease release);

    /// <summary>Reads bytes of one chunk, verifying the checksum of every 64 KiB block touched and that the frame is the one asked for.</summary>
    /// <param name="id">A published chunk.</param>
    /// <param name="chunkLengthBytes">The chunk's data length as its blob states it.</param>
    /// <param name="offsetBytes">First byte in the chunk.</param>
    /// <param name="destination">1 byte to the rest of the chunk.</param>
    /// <exception cref="StorageException"><see cref="StorageError.Corrupt"/> or <see cref="StorageError.ReadFailed"/>, naming file and offset.</exception>
    ValueTask ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination);
}
