using System.Collections.Generic;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>A run of bytes within one chunk.</summary>
internal readonly record struct ContentPiece(ChunkId Chunk, int ChunkLengthBytes, int OffsetBytes, int LengthBytes);

/// <summary>Walks over the chunks that hold a range of an object's bytes, in order. A range touches only the chunks that it needs.</summary>
internal struct ContentPieces
{
    private readonly IReadOnlyList<BlobRef> _blobs;
    private int _blob;
    private long _at;
    private long _rest;

    internal ContentPieces(ObjectData data, ByteRange range)
    {
        _blobs = data.Blobs;
        _at = range.Start;
        _rest = range.LengthBytes;
    }

    /// <summary>The next piece; false behind the last.</summary>
    internal bool TryNext(out ContentPiece piece)
    {
        piece = default;
        while (_rest > 0 && _blob < _blobs.Count)
        {
            BlobRef blob = _blobs[_blob];
            if (_at >= blob.LengthBytes)
            {
                _at -= blob.LengthBytes;
                _blob++;
                continue;
            }

            uint index = (uint)(_at / blob.ChunkSizeBytes);
            long chunkStart = index * (long)blob.ChunkSizeBytes;
            int chunkLength = (int)long.Min(blob.ChunkSizeBytes, blob.LengthBytes - chunkStart);
            int offset = (int)(_at - chunkStart);
            int length = (int)long.Min(chunkLength - offset, _rest);
            _at += length;
            _rest -= length;
            piece = new ContentPiece(new ChunkId(blob.Id, index), chunkLength, offset, length);
            return true;
        }

        return false;
    }
}
