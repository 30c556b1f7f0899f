using System;
using System.Buffers.Binary;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Where a frame is.</summary>
internal readonly record struct FrameLocation(uint Extent, long OffsetBytes, int LengthBytes)
{
    internal int FrameSizeBytes => FrameHeader.FrameSizeBytes(LengthBytes);
}

/// <summary>A frame that its extent's row says is live.</summary>
internal readonly record struct FrameRow(ChunkId Id, FrameLocation Location);

/// <summary>
/// The rows of the chunk store: chunk to place, place to chunk (so that an extent's live frames are one range), and the scrubber's position.
/// All start with <see cref="Prefix"/>. Layout: DiskFormat.md, "Extents".
/// </summary>
internal static class ChunkRows
{
    internal const byte Prefix = 0x00;
    private const byte LocationTable = 0x01;
    private const byte FrameTable = 0x02;
    private const byte ScrubTable = 0x03;
    private const byte Version = 1;

    internal static readonly byte[] FramesFrom = [Prefix, FrameTable];
    internal static readonly byte[] FramesTo = [Prefix, FrameTable + 1];
    internal static readonly byte[] ScrubKey = [Prefix, ScrubTable];

    internal static byte[] LocationKey(ChunkId id)
    {
        byte[] key = new byte[22];
        key[0] = Prefix;
        key[1] = LocationTable;
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(2), id.Blob.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(10), id.Blob.Number);
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(18), id.Index);
        return key;
    }

    /// <summary>The first key after a chunk's location.</summary>
    internal static byte[] LocationsAfter(ChunkId last) => [.. LocationKey(last), 0];

    /// <summary>The chunk that a location row is about.</summary>
    internal static ChunkId ChunkOf(ReadOnlySpan<byte> locationKey)
    {
        var key = new ByteReader(locationKey[2..]);
        var id = new ChunkId(new BlobId(key.UInt64BigEndian(), key.UInt64BigEndian()), key.UInt32BigEndian());
        key.End();
        return id;
    }

    internal static byte[] FrameKey(uint extent, long offsetBytes)
    {
        byte[] key = new byte[14];
        key[0] = Prefix;
        key[1] = FrameTable;
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(2), extent);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(6), (ulong)offsetBytes);
        return key;
    }

    /// <summary>The first key after all frames of an extent.</summary>
    internal static byte[] FramesEnd(uint extent) => [.. FrameKey(extent, long.MaxValue), 0];

    /// <summary>Adds both rows of a frame.</summary>
    internal static void Put(WriteBatch batch, ChunkId id, FrameLocation location)
    {
        byte[] place = new byte[17];
        place[0] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(place.AsSpan(1), location.Extent);
        BinaryPrimitives.WriteUInt64LittleEndian(place.AsSpan(5), (ulong)location.OffsetBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(place.AsSpan(13), (uint)location.LengthBytes);
        batch.Put(LocationKey(id), place);

        byte[] name = new byte[25];
        name[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(name.AsSpan(1), id.Blob.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(name.AsSpan(9), id.Blob.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(name.AsSpan(17), id.Index);
        BinaryPrimitives.WriteUInt32LittleEndian(name.AsSpan(21), (uint)location.LengthBytes);
        batch.Put(FrameKey(location.Extent, location.OffsetBytes), name);
    }

    internal static FrameLocation ReadLocation(ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value);
        CheckVersion(reader.Byte());
        var location = new FrameLocation(reader.UInt32(), (long)reader.UInt64(), (int)reader.UInt32());
        reader.End();
        return location;
    }

    internal static FrameRow ReadFrame(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var place = new ByteReader(key[2..]);
        uint extent = place.UInt32BigEndian();
        long offset = (long)place.UInt64BigEndian();
        var name = new ByteReader(value);
        CheckVersion(name.Byte());
        var id = new ChunkId(new BlobId(name.UInt64(), name.UInt64()), name.UInt32());
        int length = (int)name.UInt32();
        name.End();
        return new FrameRow(id, new FrameLocation(extent, offset, length));
    }

    private static void CheckVersion(byte version)
    {
        if (version != Version)
        {
            throw new StorageException(StorageError.UnknownFormat, "rows", -1, $"chunk row of version {version}");
        }
    }
}
