using System;
using System.Runtime.CompilerServices;

namespace ObjectStore.Sim.Trace;

/// <summary>A 64-bit running hash of everything that a run did. Equal on every machine and in every process for equal runs.</summary>
/// <remarks>Multiply and fold with the 64-bit golden ratio and a finaliser after Steele, Lea and Flood (SplitMix, OOPSLA'14). Not cryptographic.</remarks>
public struct TraceHash
{
    private ulong _state;

    /// <summary>The hash of all that was added so far.</summary>
    public readonly ulong Value => Mix(_state);

    /// <summary>Adds a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong number)
    {
        unchecked
        {
            ulong high = Math.BigMul(_state ^ number ^ 0x9E3779B97F4A7C15UL, 0xD6E8FEB86659FD93UL, out ulong low);
            _state = high ^ low ^ ((_state << 17) | (_state >> 47));
        }
    }

    /// <summary>Adds a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long number) => Add(unchecked((ulong)number));

    /// <summary>Adds a text, its length included.</summary>
    public void Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Add(OfText(text));
    }

    /// <summary>Adds bytes, their number included.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        while (bytes.Length >= 8)
        {
            Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte value in bytes)
        {
            Add(value);
        }
    }

    /// <summary>A stable hash of a text.</summary>
    public static ulong OfText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        unchecked
        {
            ulong hash = 0xCBF29CE484222325UL ^ (ulong)text.Length;
            foreach (char letter in text)
            {
                hash = (hash ^ letter) * 0x100000001B3UL;
            }

            return Mix(hash);
        }
    }

    /// <summary>Spreads every bit over all bits.</summary>
    public static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }
}
