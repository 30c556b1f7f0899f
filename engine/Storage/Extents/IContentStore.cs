using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Storage;

/// <summary>Where the gateway puts bodies and reads them from: one disk, or shards on many. Any thread.</summary>
/// <remarks>
/// A body is written chunk by chunk (<see cref="StageAsync"/>), made durable (<see cref="SyncAsync"/>) and then named by a metadata command, which publishes it; or it is
/// given up (<see cref="AbandonAsync"/>). What nobody names and nobody gave up, because its writer died, is found and freed by the store itself.
/// </remarks>
public interface IContentStore
{
    /// <summary>Data bytes in a full chunk.</summary>
    int ChunkSizeBytes { get; }

    /// <summary>A pooled buffer for one chunk. The caller bounds how many it holds.</summary>
    ChunkBuffer RentBuffer();

    /// <summary>Writes one chunk. The buffer may be reused when the task completes.</summary>
    /// <param name="id">Not staged before.</param>
    /// <param name="buffer">From <see cref="RentBuffer"/>.</param>
    /// <param name="lengthBytes">1 to <see cref="ChunkSizeBytes"/> bytes.</param>
    /// <exception cref="StorageException">It could not be written as often as the layout promises.</exception>
    Task<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes);

    /// <summary>Makes staged chunks durable.</summary>
    Task SyncAsync(IReadOnlyList<StagedChunk> staged);

    /// <summary>Gives up staged chunks that no metadata command names.</summary>
    Task AbandonAsync(IReadOnlyList<StagedChunk> staged);

    /// <summary>Reads bytes of one chunk, verified.</summary>
    /// <param name="id">A chunk that metadata names.</param>
    /// <param name="chunkLengthBytes">The chunk's data length as its blob states it.</param>
    /// <param name="offsetBytes">First byte in the chunk.</param>
    /// <param name="destination">1 byte to the rest of the chunk.</param>
    /// <exception cref="StorageException">Too little of it is left or can be reached.</exception>
    Task ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination);
}
