using System;
using System.Buffers.Binary;

namespace ObjectStore.Workloads.Contract;

/// <summary>Bodies that prove themselves: every byte follows from the key and a number that is written at the start.</summary>
public static class WorkloadContent
{
    /// <summary>Bytes of the number at the start; a shorter body holds what fits.</summary>
    public const int HeaderSizeBytes = 16;

    /// <summary>Makes a body.</summary>
    /// <param name="key">The key that it is sent to.</param>
    /// <param name="nonce">Unique among all bodies of the run.</param>
    /// <param name="lengthBytes">0 or more. Bodies shorter than the header may be equal to others.</param>
    public static byte[] Create(string key, ulong nonce, int lengthBytes)
    {
        byte[] body = new byte[lengthBytes];
        Fill(key, nonce, body);
        return body;
    }

    /// <summary>True when these are the bytes of a body that was sent to this key, whole.</summary>
    public static bool IsWhole(string key, ReadOnlySpan<byte> body)
    {
        if (body.Length < HeaderSizeBytes)
        {
            return true;
        }

        byte[] expected = Create(key, BinaryPrimitives.ReadUInt64LittleEndian(body), body.Length);
        return body.SequenceEqual(expected);
    }

    private static void Fill(string key, ulong nonce, Span<byte> body)
    {
        Span<byte> header = stackalloc byte[HeaderSizeBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, nonce);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], (ulong)body.Length);
        header[..Math.Min(HeaderSizeBytes, body.Length)].CopyTo(body);
        if (body.Length <= HeaderSizeBytes)
        {
            return;
        }

        ulong state = nonce;
        unchecked
        {
            foreach (char letter in key)
            {
                state = (state ^ letter) * 0x100000001B3UL;
            }

            Span<byte> word = stackalloc byte[8];
            for (Span<byte> rest = body[HeaderSizeBytes..]; !rest.IsEmpty; rest = rest[Math.Min(8, rest.Length)..])
            {
                // SplitMix64.
                state += 0x9E3779B97F4A7C15UL;
                ulong value = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
                value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
                BinaryPrimitives.WriteUInt64LittleEndian(word, value ^ (value >> 31));
                word[..Math.Min(8, rest.Length)].CopyTo(rest);
            }
        }
    }
}
