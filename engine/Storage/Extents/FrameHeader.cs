using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>CRC-32C of each 64 KiB block of a frame's padded data; unused entries are zero.</summary>
[InlineArray(FrameHeader.BlockCountMax)]
internal struct BlockChecksums
{
    private uint _first;
}

/// <summary>The first sector of a frame: names the chunk and the place, and guards the data that follows. Layout: DiskFormat.md, "Extents".</summary>
internal readonly record struct FrameHeader(ChunkId Id, uint Extent, long OffsetBytes, int LengthBytes, BlockChecksums Checksums)
{
    internal const int SizeBytes = 4096;
    internal const int BlockSizeBytes = 64 * 1024;
    internal const int BlockCountMax = 16;
    internal const int DataSizeBytesMax = BlockSizeBytes * BlockCountMax;

    private const uint Magic = 0x4D52_464F; // "OFRM"
    private const uint Version = 1;
    private const int ChecksumOffset = SizeBytes - 4;
    private const int UsedSizeBytes = 48 + (BlockCountMax * 4);

    /// <summary>Header and padded data.</summary>
    internal static int FrameSizeBytes(int lengthBytes) => SizeBytes + AlignedMemory.RoundUp(lengthBytes);

    /// <summary>Zeroes the padding after <paramref name="lengthBytes"/> of <paramref name="data"/> and computes the blocks' checksums.</summary>
    internal static BlockChecksums Seal(Span<byte> data, int lengthBytes)
    {
        Span<byte> padded = data[..AlignedMemory.RoundUp(lengthBytes)];
        padded[lengthBytes..].Clear();
        BlockChecksums checksums = default;
        for (int block = 0; padded.Length > 0; block++)
        {
            Span<byte> one = padded[..Math.Min(BlockSizeBytes, padded.Length)];
            checksums[block] = Crc32C.Compute(one);
            padded = padded[one.Length..];
        }

        return checksums;
    }

    /// <summary>Reads a header; false when the sector holds none that is whole.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> sector, out FrameHeader header)
    {
        header = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(sector) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(sector[4..]) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(sector[ChecksumOffset..SizeBytes]) != Crc32C.Compute(sector[..ChecksumOffset]))
        {
            return false;
        }

        var reader = new ByteReader(sector[8..UsedSizeBytes]);
        uint extent = reader.UInt32();
        uint length = reader.UInt32();
        ulong offset = reader.UInt64();
        var blob = new BlobId(reader.UInt64(), reader.UInt64());
        uint index = reader.UInt32();
        _ = reader.UInt32();
        BlockChecksums checksums = default;
        for (int block = 0; block < BlockCountMax; block++)
        {
            checksums[block] = reader.UInt32();
        }

        if (length is 0 or > DataSizeBytesMax || offset > long.MaxValue)
        {
            return false;
        }

        header = new FrameHeader(new ChunkId(blob, index), extent, (long)offset, (int)length, checksums);
        return true;
    }

    /// <summary>Fills the sector.</summary>
    internal void Write(Span<byte> sector)
    {
        sector = sector[..SizeBytes];
        sector[8..].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(sector, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[4..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[8..], Extent);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], (uint)LengthBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[16..], (ulong)OffsetBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[24..], Id.Blob.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[32..], Id.Blob.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[40..], Id.Index);
        BlockChecksums checksums = Checksums;
        for (int block = 0; block < BlockCountMax; block++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(sector[(48 + (block * 4))..], checksums[block]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(sector[ChecksumOffset..], Crc32C.Compute(sector[..ChecksumOffset]));
    }

    /// <summary>The first block, counted from <paramref name="firstBlock"/>, whose bytes do not match; -1 when all do.</summary>
    /// <param name="firstBlock">Index of the block that <paramref name="padded"/> starts with.</param>
    /// <param name="padded">Whole blocks; the frame's last one may be short.</param>
    internal int FindDamage(int firstBlock, ReadOnlySpan<byte> padded)
    {
        BlockChecksums checksums = Checksums;
        for (int block = firstBlock; padded.Length > 0; block++)
        {
            ReadOnlySpan<byte> one = padded[..Math.Min(BlockSizeBytes, padded.Length)];
            if (Crc32C.Compute(one) != checksums[block])
            {
                return block;
            }

            padded = padded[one.Length..];
        }

        return -1;
    }
}
