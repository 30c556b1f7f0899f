using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Verified headers of frames read lately. Direct-mapped: bounded, and a frame never changes, so nothing is ever stale.</summary>
internal sealed class HeaderCache(int entries)
{
    private readonly FrameHeader[] _headers = new FrameHeader[entries];

    internal bool TryGet(ChunkId id, FrameLocation location, out FrameHeader header)
    {
        header = _headers[IndexOf(location)];
        return header.LengthBytes > 0 && header.Extent == location.Extent && header.OffsetBytes == location.OffsetBytes && header.Id == id;
    }

    internal void Put(FrameLocation location, in FrameHeader header) => _headers[IndexOf(location)] = header;

    /// <summary>Forgets a frame, so that its header is read from the disk again.</summary>
    internal void Forget(FrameLocation location) => _headers[IndexOf(location)] = default;

    private int IndexOf(FrameLocation location) =>
        (int)(StableHash.Compute((ulong)location.OffsetBytes, location.Extent) & (ulong)(_headers.Length - 1));
}
