using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Proofs.Kernel.Hashing;

/// <summary>One of the engine's checksums behind one form, beside its definition: polynomial long division, a bit at a time.</summary>
internal sealed record Crc(int WidthBits, ulong Polynomial, Crc.Computation Compute, Func<ulong, ulong, long, ulong> Combine)
{
    internal delegate ulong Computation(ReadOnlySpan<byte> data, ulong previous);

    internal static Crc Of(string name) => name switch
    {
        "CRC32" => new(
            32, 0xEDB88320, (data, previous) => Crc32.Compute(data, (uint)previous), (a, b, length) => Crc32.Combine((uint)a, (uint)b, length)),
        "CRC32C" => new(
            32, 0x82F63B78, (data, previous) => Crc32C.Compute(data, (uint)previous), (a, b, length) => Crc32C.Combine((uint)a, (uint)b, length)),
        "CRC64NVME" => new(64, 0x9A6C9329AC4BC9B5, Crc64Nvme.Compute, Crc64Nvme.Combine),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    internal ulong Bitwise(ReadOnlySpan<byte> data, ulong previous)
    {
        ulong mask = WidthBits == 64 ? ulong.MaxValue : (1UL << WidthBits) - 1;
        ulong register = previous ^ mask;
        foreach (byte value in data)
        {
            register ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                register = (register & 1) != 0 ? (register >> 1) ^ Polynomial : register >> 1;
            }
        }

        return register ^ mask;
    }
}
