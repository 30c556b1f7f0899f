using System;
using System.Buffers.Binary;
using System.Numerics;

namespace ObjectStore.Engine.Kernel;

/// <summary>An MD5 under way, whose state can be moved: the same stream may be hashed alone for a while and then beside others (<see cref="Md5Lanes"/>).</summary>
/// <remarks>Not for security: the entity tag of S3 is defined by it. One caller at a time. Source: RFC 1321.</remarks>
public sealed class Md5State
{
    /// <summary>Bytes of a digest.</summary>
    public const int DigestBytes = 16;

    internal const int BlockBytes = 64;

    private static readonly uint[] Constants =
    [
        0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
        0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
        0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
        0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
        0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
        0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
        0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
        0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
    ];

    private static readonly byte[] Turns = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

    private readonly uint[] _chain = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
    private readonly byte[] _tail = new byte[BlockBytes];
    private int _tailBytes;
    private ulong _lengthBytes;

    internal Span<uint> Chain => _chain;

    /// <summary>Takes the next bytes, alone.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        data = data[CompleteTail(data)..];
        int whole = data.Length - (data.Length % BlockBytes);
        for (int at = 0; at < whole; at += BlockBytes)
        {
            Compress(data.Slice(at, BlockBytes));
        }

        _lengthBytes += (ulong)whole;
        KeepTail(data[whole..]);
    }

    /// <summary>The digest of everything taken; nothing may be appended after.</summary>
    /// <param name="digest">Gets <see cref="DigestBytes"/> bytes.</param>
    public void Finish(Span<byte> digest)
    {
        ulong lengthBits = unchecked((_lengthBytes + (ulong)_tailBytes) * 8);
        Span<byte> end = stackalloc byte[2 * BlockBytes];
        end.Clear();
        _tail.AsSpan(0, _tailBytes).CopyTo(end);
        end[_tailBytes] = 0x80;
        end = end[..(_tailBytes < BlockBytes - sizeof(ulong) ? BlockBytes : 2 * BlockBytes)];
        BinaryPrimitives.WriteUInt64LittleEndian(end[^sizeof(ulong)..], lengthBits);
        for (int at = 0; at < end.Length; at += BlockBytes)
        {
            Compress(end.Slice(at, BlockBytes));
        }

        for (int word = 0; word < _chain.Length; word++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(digest[(word * sizeof(uint))..], _chain[word]);
        }
    }

    /// <summary>Takes what a begun block still lacks, as far as there is data.</summary>
    /// <returns>Bytes taken.</returns>
    internal int CompleteTail(ReadOnlySpan<byte> data)
    {
        if (_tailBytes == 0)
        {
            return 0;
        }

        int taken = Math.Min(BlockBytes - _tailBytes, data.Length);
        data[..taken].CopyTo(_tail.AsSpan(_tailBytes));
        _tailBytes += taken;
        if (_tailBytes == BlockBytes)
        {
            Compress(_tail);
            _tailBytes = 0;
            _lengthBytes += BlockBytes;
        }

        return taken;
    }

    /// <summary>Counts whole blocks that a kernel took into <see cref="Chain"/>.</summary>
    internal void Count(int blockCount) => _lengthBytes += (ulong)blockCount * BlockBytes;

    /// <summary>Keeps what is no whole block.</summary>
    internal void KeepTail(ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty)
        {
            rest.CopyTo(_tail.AsSpan(_tailBytes));
            _tailBytes += rest.Length;
        }
    }

    private void Compress(ReadOnlySpan<byte> block)
    {
        unchecked
        {
            (uint a, uint b, uint c, uint d) = (_chain[0], _chain[1], _chain[2], _chain[3]);
            for (int step = 0; step < BlockBytes; step++)
            {
                (uint mixed, int word) = (step / 16) switch
                {
                    0 => (d ^ (b & (c ^ d)), step),
                    1 => (c ^ (d & (b ^ c)), ((5 * step) + 1) % 16),
                    2 => (b ^ c ^ d, ((3 * step) + 5) % 16),
                    _ => (c ^ (b | ~d), 7 * step % 16),
                };
                uint sum = a + mixed + Constants[step] + BinaryPrimitives.ReadUInt32LittleEndian(block[(word * sizeof(uint))..]);
                (a, d, c, b) = (d, c, b, b + BitOperations.RotateLeft(sum, Turns[((step / 16) * 4) + (step % 4)]));
            }

            _chain[0] += a;
            _chain[1] += b;
            _chain[2] += c;
            _chain[3] += d;
        }
    }
}
