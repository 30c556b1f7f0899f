using System.Collections.Generic;

namespace ObjectStore.Engine.Storage;

/// <summary>Chunks that one batch takes out of the rows. Begun, filled and completed with <see cref="IChunkStore"/>; dropped, it has done nothing.</summary>
/// <remarks>Finding chunks awaits, and reclamation may move them meanwhile: the batch is applied only while <see cref="IChunkStore.IsCurrent"/> holds.</remarks>
public sealed class ChunkRelease
{
    internal ChunkRelease(IReadView rows, ulong moves) => (Rows, Moves) = (rows, moves);

    internal IReadView Rows { get; }

    /// <summary>How often chunks had moved when the release began.</summary>
    internal ulong Moves { get; }

    internal List<FrameLocation> Frames { get; } = [];
}
