using System;
using System.Buffers.Binary;
using System.Numerics;

namespace ObjectStore.Engine.Kernel;

/// <summary>A 64-bit hash that is the same in every process and version: filters on disk, traces. Not against an adversary.</summary>
/// <remarks>The function is XXH64 (Yann Collet, xxHash specification 0.1.1).</remarks>
public static class StableHash
{
    private const ulong Prime1 = 0x9E37_79B1_85EB_CA87;
    private const ulong Prime2 = 0xC2B2_AE3D_27D4_EB4F;
    private const ulong Prime3 = 0x1656_67B1_9E37_79F9;
    private const ulong Prime4 = 0x85EB_CA77_C2B2_AE63;
    private const ulong Prime5 = 0x27D4_EB2F_1656_67C5;

    /// <summary>Hash of <paramref name="data"/>; other seeds give independent functions.</summary>
    public static ulong Compute(ReadOnlySpan<byte> data, ulong seed = 0)
    {
        unchecked
        {
            ulong length = (ulong)data.Length;
            ulong hash = data.Length >= 32 ? HashStripes(ref data, seed) : seed + Prime5;
            hash += length;
            while (data.Length >= 8)
            {
                hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(data));
                hash = (BitOperations.RotateLeft(hash, 27) * Prime1) + Prime4;
                data = data[8..];
            }

            if (data.Length >= 4)
            {
                hash ^= BinaryPrimitives.ReadUInt32LittleEndian(data) * Prime1;
                hash = (BitOperations.RotateLeft(hash, 23) * Prime2) + Prime3;
                data = data[4..];
            }

            foreach (byte value in data)
            {
                hash ^= value * Prime5;
                hash = BitOperations.RotateLeft(hash, 11) * Prime1;
            }

            return Mix(hash);
        }
    }

    /// <summary>Hash of one number: chains well, as in <c>state = StableHash.Compute(value, state)</c>.</summary>
    public static ulong Compute(ulong value, ulong seed)
    {
        unchecked
        {
            ulong hash = (seed + Prime5 + 8) ^ Round(0, value);
            return Mix((BitOperations.RotateLeft(hash, 27) * Prime1) + Prime4);
        }
    }

    private static ulong HashStripes(ref ReadOnlySpan<byte> data, ulong seed)
    {
        unchecked
        {
            ulong a = seed + Prime1 + Prime2, b = seed + Prime2, c = seed, d = seed - Prime1;
            ReadOnlySpan<byte> rest = data;
            while (rest.Length >= 32)
            {
                a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(rest));
                b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
                c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(rest[16..]));
                d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(rest[24..]));
                rest = rest[32..];
            }

            data = rest;
            ulong hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7)
                + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
            return Merge(Merge(Merge(Merge(hash, a), b), c), d);
        }
    }

    private static ulong Round(ulong lane, ulong value) =>
        unchecked(BitOperations.RotateLeft(lane + (value * Prime2), 31) * Prime1);

    private static ulong Merge(ulong hash, ulong lane) => unchecked(((hash ^ Round(0, lane)) * Prime1) + Prime4);

    private static ulong Mix(ulong hash)
    {
        unchecked
        {
            hash = (hash ^ (hash >> 33)) * Prime2;
            hash = (hash ^ (hash >> 29)) * Prime3;
            return hash ^ (hash >> 32);
        }
    }
}
