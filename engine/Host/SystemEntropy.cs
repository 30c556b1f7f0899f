using System;
using System.Buffers.Binary;
using System.Security.Cryptography;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>The operating system's cryptographic generator. Draws of 8 bytes are served from a per-thread block, since each system call costs about as much as 500 bytes.</summary>
public sealed class SystemEntropy : IEntropy
{
    private const int BlockBytes = 512;

    [ThreadStatic]
    private static byte[]? _block;

    [ThreadStatic]
    private static int _used;

    /// <inheritdoc/>
    public ulong NextUInt64()
    {
        if (_block is null || _used == BlockBytes)
        {
            _block ??= new byte[BlockBytes];
            RandomNumberGenerator.Fill(_block);
            _used = 0;
        }

        Span<byte> drawn = _block.AsSpan(_used, sizeof(ulong));
        _used += sizeof(ulong);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(drawn);
        drawn.Clear();
        return value;
    }

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
