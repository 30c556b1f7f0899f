using System;
using System.Buffers.Binary;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Builds row keys: big-endian numbers and object keys in an order-preserving, prefix-preserving, self-ending form.</summary>
/// <remarks>
/// An object key is its UTF-8 bytes with 0x00 written as 0x00 0xFF, ended by 0x00 0x01. So rows sort by UTF-8 bytes, a key sorts before every key
/// that it is a prefix of, and what follows the end (a sequence, an upload id) never mixes with the key. Drawn in KeyLayout.md.
/// </remarks>
internal struct KeyCode
{
    private const byte Escape = 0x00;
    private const byte EscapedZero = 0xFF;
    private const byte End = 0x01;
    private const byte AfterEnd = 0x02;

    private readonly byte[] _bytes;
    private int _length;

    internal KeyCode(byte table, int sizeBytes)
    {
        _bytes = new byte[sizeBytes];
        _bytes[0] = table;
        _length = 1;
    }

    /// <summary>Bytes of an escaped object key without its end.</summary>
    internal static int EscapedSize(string text)
    {
        int size = Encoding.UTF8.GetByteCount(text);
        foreach (char c in text)
        {
            size += c == '\0' ? 1 : 0;
        }

        return size;
    }

    /// <summary>The whole key; every reserved byte must have been filled.</summary>
    internal readonly byte[] ToKey()
    {
        Invariant.Check(_length == _bytes.Length, "key size was misjudged");
        return _bytes;
    }

    internal void Number(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.AsSpan(_length, 8), value);
        _length += 8;
    }

    internal void Number(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(_length, 4), value);
        _length += 4;
    }

    internal void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>UTF-8 without escaping: only as the last element.</summary>
    internal void Text(string value) => _length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_length));

    /// <summary>An escaped text without its end: what the rows of all keys that start with it have in common.</summary>
    internal void Escaped(string text)
    {
        int plain = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
        Span<byte> room = _bytes.AsSpan(_length);
        int zeros = room[..plain].Count(Escape);
        _length += plain + zeros;

        // From the back, so that the bytes move once and in place.
        for (int to = plain + zeros - 1, from = plain - 1; from < to; from--)
        {
            if (room[from] == Escape)
            {
                room[to--] = EscapedZero;
            }

            room[to--] = room[from];
        }
    }

    /// <summary>The end of an object key.</summary>
    internal void EndOfText()
    {
        _bytes[_length++] = Escape;
        _bytes[_length++] = End;
    }

    /// <summary>A byte above the end of a text: where the next object key's rows start at the earliest.</summary>
    internal void AfterEndOfText()
    {
        _bytes[_length++] = Escape;
        _bytes[_length++] = AfterEnd;
    }

    /// <summary>Length of the escaped text with its end at the start of <paramref name="bytes"/>.</summary>
    /// <exception cref="MalformedDataException">No end.</exception>
    internal static int TextLength(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (true)
        {
            int zero = bytes[at..].IndexOf(Escape);
            if (zero < 0 || at + zero + 1 >= bytes.Length)
            {
                throw new MalformedDataException("row key without an end of its object key");
            }

            at += zero + 2;
            if (bytes[at - 1] == End)
            {
                return at;
            }

            if (bytes[at - 1] != EscapedZero)
            {
                throw new MalformedDataException("row key with an unknown escape");
            }
        }
    }

    /// <summary>Undoes <see cref="Escaped"/>; <paramref name="escaped"/> without the end.</summary>
    internal static string TextOf(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains(Escape))
        {
            return Encoding.UTF8.GetString(escaped);
        }

        byte[] plain = new byte[escaped.Length];
        int length = 0;
        for (int i = 0; i < escaped.Length; i++)
        {
            plain[length++] = escaped[i];
            i += escaped[i] == Escape ? 1 : 0;
        }

        return Encoding.UTF8.GetString(plain, 0, length);
    }

    /// <summary>The least key above all that start with <paramref name="prefix"/>; empty (the end) when there is none.</summary>
    internal static byte[] AfterPrefix(ReadOnlySpan<byte> prefix)
    {
        int last = prefix.LastIndexOfAnyExcept((byte)0xFF);
        if (last < 0)
        {
            return [];
        }

        byte[] after = prefix[..(last + 1)].ToArray();
        after[last]++;
        return after;
    }
}
