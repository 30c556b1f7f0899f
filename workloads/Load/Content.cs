using System;
using System.Buffers.Binary;

namespace ObjectStore.Workloads.Load;

/// <summary>Bytes that follow from a seed, so that a reader can check them without keeping them.</summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA'14), eight bytes a step; byte n depends on seed and n only.</remarks>
internal static class Content
{
    /// <summary>Fills the buffer with the content's bytes from <paramref name="offset"/>, a multiple of 8.</summary>
    internal static void Fill(ulong seed, long offset, Span<byte> destination)
    {
        ulong step = (ulong)offset / 8;
        Span<byte> word = stackalloc byte[8];
        while (destination.Length >= 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, Word(seed, step++));
            destination = destination[8..];
        }

        BinaryPrimitives.WriteUInt64LittleEndian(word, Word(seed, step));
        word[..destination.Length].CopyTo(destination);
    }

    /// <summary>The whole content.</summary>
    internal static byte[] Make(ulong seed, int length)
    {
        var bytes = new byte[length];
        Fill(seed, 0, bytes);
        return bytes;
    }

    /// <summary>Where <paramref name="actual"/> first differs from the content's bytes from <paramref name="offset"/>, a multiple of 8; -1 when nowhere.</summary>
    internal static long FirstDifference(ulong seed, long offset, ReadOnlySpan<byte> actual)
    {
        Span<byte> expected = stackalloc byte[4096];
        for (int at = 0; at < actual.Length; at += expected.Length)
        {
            ReadOnlySpan<byte> piece = actual[at..Math.Min(actual.Length, at + expected.Length)];
            Fill(seed, offset + at, expected[..piece.Length]);
            int same = piece.CommonPrefixLength(expected);
            if (same < piece.Length)
            {
                return offset + at + same;
            }
        }

        return -1;
    }

    private static ulong Word(ulong seed, ulong step)
    {
        unchecked
        {
            ulong z = seed + (step + 1) * 0x9E3779B97F4A7C15;
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
            z = (z ^ z >> 27) * 0x94D049BB133111EB;
            return z ^ z >> 31;
        }
    }
}
