using System;
using System.Linq;
using System.Numerics;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.World;

/// <summary>The bytes of a file as an array of sectors. A sector is never changed once it is in an image, so images share sectors.</summary>
/// <remarks>Invariant: what lies beyond <see cref="LengthBytes"/> in the last sector is zero after <see cref="Trim"/>.</remarks>
internal sealed class SectorImage(int sectorSizeBytes)
{
    private const int SizeLog2Max = 12;
    private static readonly byte[][] AllZeros = [.. Enumerable.Range(0, SizeLog2Max + 1).Select(static log2 => new byte[1 << log2])];
    private byte[]?[] _sectors = [];

    internal long LengthBytes { get; set; }

    internal long SectorCount => (LengthBytes + sectorSizeBytes - 1) / sectorSizeBytes;

    internal byte[]? this[long sector]
    {
        get => sector < _sectors.Length ? _sectors[sector] : null;
        set
        {
            if (sector >= _sectors.Length)
            {
                Array.Resize(ref _sectors, (int)Math.Max(sector + 1, Math.Max(4, _sectors.Length * 2L)));
            }

            _sectors[sector] = value;
        }
    }

    internal SectorImage Clone()
    {
        var clone = new SectorImage(sectorSizeBytes) { LengthBytes = LengthBytes };
        clone._sectors = (byte[]?[])_sectors.Clone();
        return clone;
    }

    internal int Read(long offset, Span<byte> destination)
    {
        if (offset >= LengthBytes)
        {
            return 0;
        }

        int count = (int)Math.Min(destination.Length, LengthBytes - offset);
        destination = destination[..count];
        while (!destination.IsEmpty)
        {
            (long sector, int within) = (offset / sectorSizeBytes, (int)(offset % sectorSizeBytes));
            int part = Math.Min(destination.Length, sectorSizeBytes - within);
            byte[]? content = this[sector];
            if (content is null)
            {
                destination[..part].Clear();
            }
            else
            {
                content.AsSpan(within, part).CopyTo(destination);
            }

            offset += part;
            destination = destination[part..];
        }

        return count;
    }

    /// <summary>The content that a sector has once <paramref name="data"/>, written at <paramref name="offset"/>, covers it.</summary>
    internal byte[] Overlay(long sector, long offset, ReadOnlySpan<byte> data)
    {
        long start = sector * sectorSizeBytes;
        long from = Math.Max(start, offset);
        long to = Math.Min(start + sectorSizeBytes, offset + data.Length);
        if (to - from == sectorSizeBytes && !data.Slice((int)(from - offset), sectorSizeBytes).ContainsAnyExcept((byte)0))
        {
            // Logs are zeroed ahead, file by file: most of what a short run writes.
            return Zeros(sectorSizeBytes);
        }

        byte[] content = GC.AllocateUninitializedArray<byte>(sectorSizeBytes);
        if (to - from < sectorSizeBytes)
        {
            if (this[sector] is { } old)
            {
                old.CopyTo(content.AsSpan());
            }
            else
            {
                content.AsSpan().Clear();
            }
        }

        data[(int)(from - offset)..(int)(to - offset)].CopyTo(content.AsSpan((int)(from - start)));
        return content;
    }

    private static byte[] Zeros(int sizeBytes) => AllZeros[BitOperations.Log2((uint)sizeBytes)];

    internal void AddTo(ref TraceHash hash)
    {
        hash.Add(LengthBytes);
        for (long sector = 0; sector < Math.Min(SectorCount, _sectors.Length); sector++)
        {
            if (_sectors[sector] is { } content && content.AsSpan().ContainsAnyExcept((byte)0))
            {
                hash.Add(sector);
                hash.Add(content);
            }
        }
    }

    /// <summary>Cuts or grows; what is cut reads as zeros when the file grows again.</summary>
    internal void SetLength(long lengthBytes)
    {
        LengthBytes = lengthBytes;
        Trim();
    }

    /// <summary>Drops everything beyond the length.</summary>
    internal void Trim()
    {
        int count = (int)Math.Min(SectorCount, _sectors.Length);
        _sectors.AsSpan(count).Clear();
        int within = (int)(LengthBytes % sectorSizeBytes);
        if (within != 0 && this[SectorCount - 1] is { } last && last.AsSpan(within).ContainsAnyExcept((byte)0))
        {
            byte[] cut = (byte[])last.Clone();
            cut.AsSpan(within).Clear();
            this[SectorCount - 1] = cut;
        }
    }
}
