using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>A frame in memory as it will lie on disk: header sector, then data.</summary>
internal sealed class FrameBuffer(AlignedMemory memory, int chunkSizeBytes) : ChunkBuffer
{
    /// <inheritdoc/>
    public override Memory<byte> Data => memory.Memory.Slice(FrameHeader.SizeBytes, chunkSizeBytes);

    internal Memory<byte> Frame => memory.Memory;

    /// <inheritdoc/>
    public override void Dispose() => memory.Dispose();
}
