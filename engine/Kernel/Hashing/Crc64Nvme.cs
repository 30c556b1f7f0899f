using System;

namespace ObjectStore.Engine.Kernel;

/// <summary>CRC-64/NVME (NVM Express NVM Command Set 1.0, section 5.2.1.3.4): S3's CRC64NVME, the default checksum of new clients.</summary>
public static class Crc64Nvme
{
    private static readonly ReflectedCrc Definition = new(64, 0x9A6C_9329_AC4B_C9B5);

    /// <summary>Checksum of <paramref name="data"/>, going on from <paramref name="previous"/> (0 to start).</summary>
    public static ulong Compute(ReadOnlySpan<byte> data, ulong previous = 0) => ~Definition.Update(~previous, data);

    /// <summary>The checksum of two pieces put together: <paramref name="first"/> of the first, <paramref name="second"/> of the second.</summary>
    public static ulong Combine(ulong first, ulong second, long secondLengthBytes) =>
        Definition.Combine(first, second, secondLengthBytes);
}
