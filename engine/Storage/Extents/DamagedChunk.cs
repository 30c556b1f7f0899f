using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>A published chunk whose frame could not be read or verified when last tried.</summary>
/// <param name="Id">The chunk.</param>
/// <param name="Extent">Its extent.</param>
/// <param name="OffsetBytes">Where its frame starts.</param>
/// <param name="Error"><see cref="StorageError.Corrupt"/> or <see cref="StorageError.ReadFailed"/>.</param>
public readonly record struct DamagedChunk(ChunkId Id, uint Extent, long OffsetBytes, StorageError Error);

/// <summary>The damaged chunks found by reads, scrubbing and reclamation. In memory: the next scrub finds them again.</summary>
internal sealed class Quarantine(ITrace trace)
{
    private readonly SortedDictionary<(uint Extent, long OffsetBytes), DamagedChunk> _chunks = [];

    internal IReadOnlyList<DamagedChunk> List() => [.. _chunks.Values];

    internal void Add(FrameRow row, StorageException fault)
    {
        (uint, long) place = (row.Location.Extent, row.Location.OffsetBytes);
        if (_chunks.TryAdd(place, new DamagedChunk(row.Id, row.Location.Extent, row.Location.OffsetBytes, fault.Error)))
        {
            trace.Emit(
                TraceLevel.Warning,
                "extents",
                "chunk-damaged",
                ("extent", row.Location.Extent),
                ("offset", row.Location.OffsetBytes),
                ("blobEpoch", unchecked((long)row.Id.Blob.Epoch)),
                ("blobNumber", unchecked((long)row.Id.Blob.Number)),
                ("index", row.Id.Index),
                ("reason", fault.Message));
        }
    }

    internal bool Contains(FrameLocation location) => _chunks.ContainsKey((location.Extent, location.OffsetBytes));

    internal void Remove(FrameLocation location) => _chunks.Remove((location.Extent, location.OffsetBytes));
}
