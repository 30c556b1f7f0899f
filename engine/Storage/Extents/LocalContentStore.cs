using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Bodies on one disk: calls into the loop that owns its chunk store.</summary>
public sealed class LocalContentStore(IChunkStore chunks, ILoop loop) : IContentStore
{
    /// <inheritdoc/>
    public int ChunkSizeBytes => chunks.ChunkSizeBytes;

    /// <inheritdoc/>
    public ChunkBuffer RentBuffer() => chunks.RentBuffer();

    /// <inheritdoc/>
    public Task<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes) =>
        loop.EnterAsync(
            static chunk => chunk.chunks.StageAsync(chunk.id, chunk.buffer, chunk.lengthBytes),
            (chunks, id, buffer, lengthBytes));

    /// <inheritdoc/>
    public Task SyncAsync(IReadOnlyList<StagedChunk> staged) =>
        loop.EnterAsync(
            static async call =>
            {
                await call.chunks.SyncStagedAsync(call.staged);
                return true;
            },
            (chunks, staged));

    /// <inheritdoc/>
    public Task AbandonAsync(IReadOnlyList<StagedChunk> staged) =>
        loop.EnterAsync(
            static call =>
            {
                call.chunks.Abandon(call.staged);
                return ValueTask.FromResult(true);
            },
            (chunks, staged));

    /// <inheritdoc/>
    public Task ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination) =>
        loop.EnterAsync(
            static async call =>
            {
                await call.chunks.ReadAsync(call.id, call.chunkLengthBytes, call.offsetBytes, call.destination);
                return true;
            },
            (chunks, id, chunkLengthBytes, offsetBytes, destination));
}
