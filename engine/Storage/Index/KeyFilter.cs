using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;

namespace ObjectStore.Engine.Storage;

/// <summary>Blocked Bloom filter: says of most keys that are not in a run or memtable that they are not, from a line of 64 bytes.</summary>
/// <remarks>Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", WEA'07. Layout: DiskFormat.md, "Filter".</remarks>
internal static class KeyFilter
{
    private const int LineBytes = 64;
    private const int Probes = 6;

    // Of a memtable: 4 MiB. Larger ones have fewer bits for a row, and ask in vain more often.
    private const int LinesMax = 64 * 1024;

    /// <summary>A filter over keys given by their hashes.</summary>
    internal static byte[] Build(IReadOnlyList<ulong> hashes, int bitsPerKey)
    {
        long bits = Math.Max(1, (long)hashes.Count * bitsPerKey);
        int lines = (int)Math.Min(int.MaxValue / LineBytes, (bits + (LineBytes * 8) - 1) / (LineBytes * 8));
        var filter = new byte[lines * LineBytes];
        for (int i = 0; i < hashes.Count; i++)
        {
            Add(filter, hashes[i]);
        }

        return filter;
    }

    /// <summary>A filter of about so many bytes over no keys yet.</summary>
    internal static byte[] Empty(long sizeBytes) => new byte[Math.Clamp((sizeBytes + LineBytes - 1) / LineBytes, 1, LinesMax) * LineBytes];

    /// <summary>Takes a key in. The more there are, the more often the filter does not know.</summary>
    internal static void Add(Span<byte> filter, ulong hash)
    {
        Span<byte> line = filter.Slice(LineOf(hash, filter.Length / LineBytes) * LineBytes, LineBytes);
        ulong probe = hash;
        for (int p = 0; p < Probes; p++)
        {
            int bit = BitOf(ref probe);
            line[bit >> 3] |= (byte)(1 << (bit & 7));
        }
    }

    /// <summary>False when the key is certainly not among those of the filter.</summary>
    internal static bool MayContain(ReadOnlySpan<byte> filter, ulong hash)
    {
        int lines = filter.Length / LineBytes;
        ReadOnlySpan<byte> line = filter.Slice(LineOf(hash, lines) * LineBytes, LineBytes);
        ulong probe = hash;
        for (int p = 0; p < Probes; p++)
        {
            int bit = BitOf(ref probe);
            if ((line[bit >> 3] & (1 << (bit & 7))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Stable across versions and machines: it is on disk.</summary>
    internal static ulong Hash(ReadOnlySpan<byte> key)
    {
        unchecked
        {
            ulong hash = 0x9e37_79b9_7f4a_7c15 ^ (ulong)key.Length;
            while (key.Length >= 8)
            {
                hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key));
                key = key[8..];
            }

            ulong rest = 0;
            for (int i = 0; i < key.Length; i++)
            {
                rest |= (ulong)key[i] << (8 * i);
            }

            return Mix(hash ^ rest);
        }
    }

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            ulong high = Math.BigMul(value, 0xd6e8_feb8_6659_fd93, out ulong low);
            return BitOperations.RotateLeft(high ^ low, 23) * 0xa076_1d64_78bd_642f;
        }
    }

    private static int LineOf(ulong hash, int lines) => (int)(((hash >> 32) * (ulong)lines) >> 32);

    private static int BitOf(ref ulong probe)
    {
        int bit = (int)(probe & 511);
        probe = unchecked((probe >> 9) * 0x9e37_79b9_7f4a_7c15) ^ (probe >> 5);
        return bit;
    }
}
