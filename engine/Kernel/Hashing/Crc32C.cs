using System;
using System.Buffers.Binary;
using System.Numerics;

namespace ObjectStore.Engine.Kernel;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4): guards everything on disk and on the wire.</summary>
public static class Crc32C
{
    /// <summary>Checksum of <paramref name="data"/>, going on from <paramref name="previous"/> (0 to start).</summary>
    public static uint Compute(ReadOnlySpan<byte> data, uint previous = 0)
    {
        uint crc = ~previous;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
