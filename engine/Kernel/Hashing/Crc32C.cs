using System;
using System.Buffers.Binary;
using System.Numerics;

namespace ObjectStore.Engine.Kernel;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4): guards everything on disk and on the wire; S3's CRC32C.</summary>
public static class Crc32C
{
    private static readonly ReflectedCrc Definition = new(32, 0x82F6_3B78);

    /// <summary>Checksum of <paramref name="data"/>, going on from <paramref name="previous"/> (0 to start).</summary>
    public static uint Compute(ReadOnlySpan<byte> data, uint previous = 0)
    {
        uint register = ~previous;
        Span<byte> residue = stackalloc byte[CarrylessFolding.ResidueSizeBytes];
        if (Definition.TryFold(ref data, register, residue))
        {
            register = UpdateByWord(0, residue);
        }

        return ~UpdateByWord(register, data);
    }

    /// <summary>The checksum of two pieces put together: <paramref name="first"/> of the first, <paramref name="second"/> of the second.</summary>
    public static uint Combine(uint first, uint second, long secondLengthBytes) =>
        (uint)Definition.Combine(first, second, secondLengthBytes);

    /// <summary>Eight bytes a step; the processor has an instruction for this polynomial.</summary>
    private static uint UpdateByWord(uint register, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 8)
        {
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (byte value in data)
        {
            register = BitOperations.Crc32C(register, value);
        }

        return register;
    }
}
