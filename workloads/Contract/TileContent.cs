using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ObjectStore.Workloads.Contract;

/// <summary>Bodies as slices of one block of made-up bytes: nothing is made or copied to send one, and to check one costs a comparison.</summary>
/// <remarks>
/// Word n of the block is a bijection of n (SplitMix64's finalizer; Steele, Lea, Flood, OOPSLA'14), so the first eight bytes of a body tell where in the block it
/// lies, and with it the key (13 bits of its hash) and the nonce (3 bits) that it was made for; every later byte must go on from there. A body that
/// mixes two, is shifted, or belongs to another key is found but for one key in 8192. Its length is not in it: sizes follow from keys in load runs.
/// </remarks>
public sealed class TileContent : IBodySource
{
    private const int SlotBytes = 64;
    private const int NonceBits = 3;
    private const int KeyBits = 13;
    private const int SlotCount = 1 << (KeyBits + NonceBits);
    private const ulong First = 0xBF58476D1CE4E5B9;
    private const ulong Second = 0x94D049BB133111EB;
    private const ulong FirstInverse = 0x96DE1B173F119089;
    private const ulong SecondInverse = 0x319642B2D24D8EC3;

    private readonly byte[] _tile;
    private readonly int _sizeBytesMax;

    /// <summary>Makes the block.</summary>
    /// <param name="sizeBytesMax">The largest body that will be asked for.</param>
    public TileContent(int sizeBytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytesMax);
        _sizeBytesMax = sizeBytesMax;
        _tile = GC.AllocateUninitializedArray<byte>(checked((SlotCount * SlotBytes) + ((sizeBytesMax + 7) & -8)), pinned: true);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(_tile.AsSpan());
        for (int word = 0; word < words.Length; word++)
        {
            words[word] = Mix((ulong)word + 1);
        }
    }

    /// <summary>The largest body.</summary>
    public int SizeBytesMax => _sizeBytesMax;

    /// <inheritdoc/>
    public bool WithDigests => false;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Create(string key, ulong nonce, int lengthBytes)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, _sizeBytesMax);
        return _tile.AsMemory(SlotBytes * ((KeyHash(key) << NonceBits) | (int)(nonce & ((1 << NonceBits) - 1))), lengthBytes);
    }

    /// <summary>Where in the block a body begins, told by its bytes at an offset.</summary>
    /// <param name="key">The key that it was read from.</param>
    /// <param name="offset">Offset of <paramref name="bytes"/> within the body; a multiple of 8.</param>
    /// <param name="bytes">At least 8, or else the whole body.</param>
    /// <param name="position">The begin of the body, for <see cref="Matches"/>.</param>
    /// <returns>False when these bytes belong to no body of this key.</returns>
    public bool TryLocate(string key, long offset, ReadOnlySpan<byte> bytes, out int position)
    {
        ArgumentNullException.ThrowIfNull(key);
        position = -1;
        if (bytes.Length < sizeof(ulong))
        {
            for (int nonce = 0; nonce < 1 << NonceBits && position < 0; nonce++)
            {
                int start = SlotBytes * ((KeyHash(key) << NonceBits) | nonce);
                position = _tile.AsSpan(start, bytes.Length).SequenceEqual(bytes) ? start : -1;
            }

            return position >= 0;
        }

        ulong word = unchecked(Unmix(BinaryPrimitives.ReadUInt64LittleEndian(bytes)) - 1);
        if (word >= (ulong)_tile.Length / sizeof(ulong))
        {
            return false;
        }

        long begin = ((long)word * sizeof(ulong)) - offset;
        if (begin < 0 || begin % SlotBytes != 0 || begin / SlotBytes >> NonceBits != KeyHash(key))
        {
            return false;
        }

        position = (int)begin;
        return true;
    }

    /// <summary>Whether bytes at an offset of the body at a position are what they must be.</summary>
    public bool Matches(int position, long offset, ReadOnlySpan<byte> bytes) =>
        position + offset + bytes.Length <= _tile.Length && _tile.AsSpan((int)(position + offset), bytes.Length).SequenceEqual(bytes);

    /// <summary>A number from 0 to 2^32 - 1 that follows from a key: where sizes are drawn from.</summary>
    public static uint HashOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        uint hash = 2166136261;
        foreach (char letter in key)
        {
            hash = unchecked((hash ^ letter) * 16777619);
        }

        return unchecked((uint)(Mix(hash) >> 32));
    }

    private static int KeyHash(string key) => (int)(HashOf(key) & ((1 << KeyBits) - 1));

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * First;
            z = (z ^ (z >> 27)) * Second;
            return z ^ (z >> 31);
        }
    }

    private static ulong Unmix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 31) ^ (z >> 62)) * SecondInverse;
            z = (z ^ (z >> 27) ^ (z >> 54)) * FirstInverse;
            return z ^ (z >> 30) ^ (z >> 60);
        }
    }
}
