using System;
using System.Buffers.Binary;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>What a shard says about itself, in front of its bytes: a stale, misplaced or damaged one is never taken for another.</summary>
/// <param name="Id">The blob, and <c>chunk index &lt;&lt; 8 | slot</c>.</param>
/// <param name="DataShards">k.</param>
/// <param name="ParityShards">m.</param>
/// <param name="ChunkLength">Bytes of the chunk.</param>
/// <param name="ChunkChecksum">CRC-32C of the chunk.</param>
/// <param name="ShardLength">Bytes of the shard, padding included.</param>
/// <param name="ShardChecksum">CRC-32C of the shard.</param>
/// <remarks>
/// <code>
/// offset  size  field (little-endian)
/// 0       4     magic
/// 4       1     version, 1
/// 5       1     k
/// 6       1     m
/// 7       1     slot
/// 8       4     chunk length
/// 12      4     CRC-32C of the chunk
/// 16      4     shard length
/// 20      4     CRC-32C of the shard
/// 24      8     blob epoch
/// 32      8     blob number
/// 40      4     chunk index &lt;&lt; 8 | slot
/// 44      16    zero
/// 60      4     CRC-32C of the 60 bytes before
/// </code>
/// </remarks>
public readonly record struct ShardHeader(
    ChunkId Id, int DataShards, int ParityShards, int ChunkLength, uint ChunkChecksum, int ShardLength, uint ShardChecksum)
{
    /// <summary>Bytes of a header: a cache line, so that an aligned frame has an aligned shard.</summary>
    public const int SizeBytes = 64;

    private const uint Magic = 0x4453_484F; // "OHSD"
    private const byte Version = 1;
    private const int ChecksumOffset = SizeBytes - 4;

    /// <summary>Which slot.</summary>
    public int Slot => SlotOf(Id);

    /// <summary>The name under which a disk keeps a shard.</summary>
    public static ChunkId IdOf(ChunkId chunk, int slot) => new(chunk.Blob, checked(chunk.Index << 8) | (uint)slot);

    /// <summary>The chunk of a shard.</summary>
    public static ChunkId ChunkOf(ChunkId shard) => new(shard.Blob, shard.Index >> 8);

    /// <summary>The slot of a shard.</summary>
    public static int SlotOf(ChunkId shard) => (int)(shard.Index & 0xFF);

    /// <summary>Bytes of each shard of a chunk: a whole number of cache lines.</summary>
    public static int ShardBytes(int chunkLength, int dataShards) => checked((((chunkLength + dataShards - 1) / dataShards) + SizeBytes - 1) / SizeBytes * SizeBytes);

    /// <summary>Fills the first <see cref="SizeBytes"/> bytes.</summary>
    public void Write(Span<byte> to)
    {
        to = to[..SizeBytes];
        to.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = Version;
        to[5] = (byte)DataShards;
        to[6] = (byte)ParityShards;
        to[7] = (byte)Slot;
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], ChunkLength);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], ChunkChecksum);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], ShardLength);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], ShardChecksum);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Id.Blob.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], Id.Blob.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(to[40..], Id.Index);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksumOffset..], Crc32C.Compute(to[..ChecksumOffset]));
    }

    /// <summary>Reads a header; false when the bytes hold none that is whole and makes sense.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out ShardHeader header)
    {
        header = default;
        if (from.Length < SizeBytes || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic || from[4] != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(from[ChecksumOffset..]) != Crc32C.Compute(from[..ChecksumOffset]))
        {
            return false;
        }

        header = new ShardHeader(
            new ChunkId(
                new BlobId(BinaryPrimitives.ReadUInt64LittleEndian(from[24..]), BinaryPrimitives.ReadUInt64LittleEndian(from[32..])),
                BinaryPrimitives.ReadUInt32LittleEndian(from[40..])),
            from[5],
            from[6],
            BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[20..]));
        return header.DataShards > 0 && header.Slot == from[7] && header.Slot < header.DataShards + header.ParityShards && header.ChunkLength > 0
            && header.ShardLength == ShardBytes(header.ChunkLength, header.DataShards);
    }

    /// <summary>Reads a shard with its header; false unless both are whole and it is the shard of that name.</summary>
    public static bool TryVerify(ChunkId id, ReadOnlySpan<byte> frame, out ShardHeader header) =>
        TryRead(frame, out header) && header.Id == id && frame.Length == SizeBytes + header.ShardLength
        && Crc32C.Compute(frame[SizeBytes..]) == header.ShardChecksum;
}
