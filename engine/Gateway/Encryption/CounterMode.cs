using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ObjectStore.Engine.Gateway;

/// <summary>AES-256 in counter mode over one run of bytes, from any offset: the same call encrypts and decrypts.</summary>
/// <remarks>
/// The counter block is the big-endian number of the 16-byte block, from 0, so a key may serve one run of bytes only; <see cref="ContentCipher"/> sees to
/// that. Integrity is not its business: every frame on disk has a checksum. Source: NIST SP 800-38A, section 6.5.
/// </remarks>
internal sealed class CounterMode : IDisposable
{
    private const int BlockBytes = 16;
    private const int BatchBytes = 4096;

    private readonly Aes _aes;
    private readonly byte[] _counters = new byte[BatchBytes];
    private readonly byte[] _keystream = new byte[BatchBytes];

    /// <summary>A cipher over a key of 32 bytes.</summary>
    internal CounterMode(ReadOnlySpan<byte> key)
    {
        _aes = Aes.Create();
        _aes.SetKey(key);
    }

    /// <summary>Encrypts or decrypts in place. One caller at a time.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="offset">Where they lie in the run, in bytes.</param>
    internal void Apply(Span<byte> data, long offset)
    {
        while (!data.IsEmpty)
        {
            int skip = (int)(offset % BlockBytes);
            int length = int.Min(data.Length, BatchBytes - skip);
            int blocks = (skip + length + BlockBytes - 1) / BlockBytes;
            FillCounters(offset / BlockBytes, blocks);
            _aes.EncryptEcb(_counters.AsSpan(0, blocks * BlockBytes), _keystream, PaddingMode.None);
            Xor(data[..length], _keystream.AsSpan(skip, length));
            data = data[length..];
            offset += length;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_keystream);
        _aes.Dispose();
    }

    private void FillCounters(long first, int blocks)
    {
        for (int i = 0; i < blocks; i++)
        {
            // The high half of every block stays 0.
            BinaryPrimitives.WriteInt64BigEndian(_counters.AsSpan((i * BlockBytes) + sizeof(long)), first + i);
        }
    }

    private static void Xor(Span<byte> data, ReadOnlySpan<byte> keystream)
    {
        Span<Vector<byte>> wide = MemoryMarshal.Cast<byte, Vector<byte>>(data);
        ReadOnlySpan<Vector<byte>> wideKeystream = MemoryMarshal.Cast<byte, Vector<byte>>(keystream);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] ^= wideKeystream[i];
        }

        for (int i = wide.Length * Vector<byte>.Count; i < data.Length; i++)
        {
            data[i] ^= keystream[i];
        }
    }
}
