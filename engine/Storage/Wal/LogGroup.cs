using System;
using System.Buffers.Binary;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Header of a group of batches in the log. Layout: DiskFormat.md, "Log group".</summary>
internal readonly record struct LogGroupHeader(uint PayloadBytes, uint Batches, ulong Segment, ulong Epoch, ulong Offset, ulong FirstSequence)
{
    internal const int SizeBytes = 64;
    private const uint Magic = 0x4c57_424f;
    private const int HeaderChecksumOffset = 48;

    /// <summary>Header and payload, padded to whole blocks.</summary>
    internal long BlockBytes => RoundUp((long)SizeBytes + PayloadBytes);

    /// <summary>Written when the log is idle, where the next group goes: all batches before <see cref="FirstSequence"/> were synced.</summary>
    internal bool IsSeal => Batches == 0;

    internal static long RoundUp(long bytes) => (bytes + AlignedMemory.AlignmentBytes - 1) & -AlignedMemory.AlignmentBytes;

    /// <summary>Writes the header in front of a payload that is in place already.</summary>
    internal void Seal(Span<byte> group, uint checksumSeed)
    {
        Span<byte> header = group[..SizeBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], PayloadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Batches);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], Segment);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], FirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderChecksumOffset..], Crc32C.Compute(header[8..HeaderChecksumOffset], checksumSeed));
        uint checksum = Crc32C.Compute(group.Slice(8, SizeBytes - 8 + (int)PayloadBytes), checksumSeed);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], checksum);
    }

    /// <summary>Reads the header of a whole, undamaged group that belongs exactly here.</summary>
    /// <param name="segmentRest">The segment from the group's first byte on.</param>
    internal static bool TryOpen(ReadOnlySpan<byte> segmentRest, ulong segment, ulong offset, uint checksumSeed, out LogGroupHeader header)
    {
        return TryOpenHeader(segmentRest, segment, offset, checksumSeed, out header)
            && header.BlockBytes <= segmentRest.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(segmentRest[4..])
                == Crc32C.Compute(segmentRest.Slice(8, SizeBytes - 8 + (int)header.PayloadBytes), checksumSeed);
    }

    /// <summary>Reads an undamaged header that belongs exactly here; whether its group is whole is another question.</summary>
    /// <remarks>It alone proves that all batches before <see cref="FirstSequence"/> were synced, for it was written after them.</remarks>
    internal static bool TryOpenHeader(ReadOnlySpan<byte> segmentRest, ulong segment, ulong offset, uint checksumSeed, out LogGroupHeader header) =>
        NamesPlace(segmentRest, segment, offset, out header)
        && BinaryPrimitives.ReadUInt32LittleEndian(segmentRest[HeaderChecksumOffset..])
            == Crc32C.Compute(segmentRest[8..HeaderChecksumOffset], checksumSeed);

    /// <summary>Reads a header that claims to belong exactly here and may be damaged.</summary>
    internal static bool NamesPlace(ReadOnlySpan<byte> segmentRest, ulong segment, ulong offset, out LogGroupHeader header)
    {
        header = default;
        if (segmentRest.Length < SizeBytes || BinaryPrimitives.ReadUInt32LittleEndian(segmentRest) != Magic)
        {
            return false;
        }

        header = new LogGroupHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(segmentRest[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(segmentRest[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(segmentRest[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(segmentRest[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(segmentRest[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(segmentRest[40..]));
        return header.Segment == segment && header.Offset == offset;
    }
}

/// <summary>Batches that go to the disk in one write and one sync, encoded straight into the buffer that is written.</summary>
internal sealed class LogGroup
{
    private readonly AlignedMemory _buffer;
    private readonly TaskCompletionSource _durable = new();
    private int _length = LogGroupHeader.SizeBytes;
    private uint _batches;

    internal LogGroup(AlignedMemory buffer, ulong firstSequence) => (_buffer, FirstSequence) = (buffer, firstSequence);

    internal ulong FirstSequence { get; }

    internal ulong LastSequence => FirstSequence + _batches - 1;

    /// <summary>Ends when the group is durable. One task for all its batches.</summary>
    internal Task Durable => _durable.Task;

    /// <summary>What the group takes in the log.</summary>
    internal int BlockBytes => AlignedMemory.RoundUp(_length);

    internal static long EncodedBytesMax(WriteBatch batch) => 5 + batch.SizeBytes + (9L * batch.Operations.Count);

    internal bool HasRoom(long encodedBytes) => _length + encodedBytes <= _buffer.LengthBytes;

    internal void Append(WriteBatch batch)
    {
        Span<byte> rest = _buffer.GetSpan()[_length..];
        int before = rest.Length;
        WriteVarUInt(ref rest, (uint)batch.Operations.Count);
        for (int i = 0; i < batch.Operations.Count; i++)
        {
            WriteOperation operation = batch.Operations[i];
            rest[0] = operation.IsDelete ? (byte)1 : (byte)0;
            rest = rest[1..];
            WriteBytes(ref rest, operation.Key.Span);
            if (!operation.IsDelete)
            {
                WriteBytes(ref rest, operation.Value.Span);
            }
        }

        _length += before - rest.Length;
        _batches++;
    }

    /// <summary>Fixes the group to its place; what is returned is written there as it is.</summary>
    internal ReadOnlyMemory<byte> Seal(ulong segment, long offset, StoreContext context)
    {
        Span<byte> group = _buffer.GetSpan();
        group[_length..BlockBytes].Clear();
        new LogGroupHeader((uint)(_length - LogGroupHeader.SizeBytes), _batches, segment, context.Epoch, (ulong)offset, FirstSequence)
            .Seal(group, context.ChecksumSeed);
        return _buffer.Memory[..BlockBytes];
    }

    internal void Succeed() => _durable.SetResult();

    internal void Fail(StorageException reason)
    {
        _durable.SetException(reason);
        // Nobody may be waiting for this batch; an unobserved failure is no news then.
        _ = _durable.Task.Exception;
    }

    /// <summary>Gives the buffer back. Not before the write that uses it has ended.</summary>
    internal void Release() => _buffer.Dispose();

    private static void WriteBytes(ref Span<byte> rest, ReadOnlySpan<byte> value)
    {
        WriteVarUInt(ref rest, (uint)value.Length);
        value.CopyTo(rest);
        rest = rest[value.Length..];
    }

    private static void WriteVarUInt(ref Span<byte> rest, uint value)
    {
        int used = 0;
        while (value >= 0x80)
        {
            rest[used++] = (byte)((value & 0x7f) | 0x80);
            value >>= 7;
        }

        rest[used++] = (byte)value;
        rest = rest[used..];
    }
}
