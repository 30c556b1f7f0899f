using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Reads parts of frames and believes nothing that is not covered by a checksum and named as asked for.</summary>
internal sealed class FrameReader(AlignedPool pool, HeaderCache headers)
{
    /// <summary>Reads data bytes of one frame. The caller has pinned the extent.</summary>
    /// <remarks>
    /// One disk access when the header is remembered or lies in front of what is read, else two at once. Copies once, or not at all when
    /// <paramref name="destination"/> is aligned memory that takes whole blocks.
    /// </remarks>
    internal async ValueTask ReadAsync(Extent extent, FrameRow row, int offsetBytes, Memory<byte> destination)
    {
        int firstBlock = offsetBytes / FrameHeader.BlockSizeBytes;
        int lastBlock = (offsetBytes + destination.Length - 1) / FrameHeader.BlockSizeBytes;
        int from = firstBlock * FrameHeader.BlockSizeBytes;
        int to = Math.Min((lastBlock + 1) * FrameHeader.BlockSizeBytes, AlignedMemory.RoundUp(row.Location.LengthBytes));
        bool known = headers.TryGet(row.Id, row.Location, out FrameHeader header);
        bool whole = destination.Length == to - from && AlignedMemory.IsAligned(destination);
        int before = !known && firstBlock == 0 && !whole ? FrameHeader.SizeBytes : 0;

        AlignedMemory? staging = whole ? null : pool.Rent(before + to - from);
        AlignedMemory? apart = known || before > 0 ? null : pool.Rent(FrameHeader.SizeBytes);
        try
        {
            long frameOffset = row.Location.OffsetBytes;
            Memory<byte> target = whole ? destination : staging!.Memory[..(before + to - from)];
            ValueTask data = ReadExactlyAsync(extent, before > 0 ? frameOffset : frameOffset + FrameHeader.SizeBytes + from, target);
            if (apart is not null)
            {
                // Both are under way; both must end before a buffer goes back.
                await BothAsync(data, ReadExactlyAsync(extent, frameOffset, apart.Memory[..FrameHeader.SizeBytes]));
            }
            else
            {
                await data;
            }

            if (!known)
            {
                header = CheckHeader(extent, row, apart is not null ? apart.GetSpan() : staging!.GetSpan());
                headers.Put(row.Location, header);
            }

            CheckBlocks(extent, row, header, firstBlock, target.Span[before..]);
            if (!whole)
            {
                target.Slice(before + offsetBytes - from, destination.Length).CopyTo(destination);
            }
        }
        finally
        {
            staging?.Dispose();
            apart?.Dispose();
        }
    }

    /// <summary>Reads and verifies a whole frame, header included and always from the disk, into a frame buffer.</summary>
    internal static async ValueTask<FrameHeader> ReadFrameAsync(Extent extent, FrameRow row, Memory<byte> frame)
    {
        Memory<byte> target = frame[..row.Location.FrameSizeBytes];
        await ReadExactlyAsync(extent, row.Location.OffsetBytes, target);
        FrameHeader header = CheckHeader(extent, row, target.Span);
        CheckBlocks(extent, row, header, firstBlock: 0, target.Span[FrameHeader.SizeBytes..]);
        return header;
    }

    private static async ValueTask BothAsync(ValueTask first, ValueTask second)
    {
        try
        {
            await first;
        }
        finally
        {
            await second;
        }
    }

    private static async ValueTask ReadExactlyAsync(Extent extent, long offset, Memory<byte> target)
    {
        Outcome<int, DiskError> read = await extent.File.ReadAsync(offset, target);
        if (!read.Ok)
        {
            throw DiskFault.ToException(read.Error, extent.File.Name, offset, "frame read");
        }

        if (read.Value != target.Length)
        {
            throw new StorageException(StorageError.Corrupt, extent.File.Name, offset, "the extent ends inside a frame");
        }
    }

    private static FrameHeader CheckHeader(Extent extent, FrameRow row, ReadOnlySpan<byte> sector)
    {
        if (!FrameHeader.TryRead(sector, out FrameHeader header))
        {
            throw Damaged(extent, row, "frame header damaged");
        }

        bool named = header.Id == row.Id && header.Extent == row.Location.Extent
            && header.OffsetBytes == row.Location.OffsetBytes && header.LengthBytes == row.Location.LengthBytes;
        return named ? header : throw Damaged(extent, row, $"frame names itself {header.Id} at {header.Extent}:{header.OffsetBytes}");
    }

    private static void CheckBlocks(Extent extent, FrameRow row, FrameHeader header, int firstBlock, ReadOnlySpan<byte> padded)
    {
        int damaged = header.FindDamage(firstBlock, padded);
        if (damaged >= 0)
        {
            throw Damaged(extent, row, $"block {damaged} damaged");
        }
    }

    private static StorageException Damaged(Extent extent, FrameRow row, string what) =>
        new(StorageError.Corrupt, extent.File.Name, row.Location.OffsetBytes, $"{what}; chunk {row.Id}");
}
