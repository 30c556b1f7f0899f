using System;

namespace ObjectStore.Engine.Kernel;

/// <summary>CRC-32 (ISO-HDLC: Ethernet, zip, gzip; RFC 1952 section 8): S3's CRC32.</summary>
public static class Crc32
{
    private static readonly ReflectedCrc Definition = new(32, 0xEDB8_8320);

    /// <summary>Checksum of <paramref name="data"/>, going on from <paramref name="previous"/> (0 to start).</summary>
    public static uint Compute(ReadOnlySpan<byte> data, uint previous = 0) => ~(uint)Definition.Update(~previous, data);

    /// <summary>The checksum of two pieces put together: <paramref name="first"/> of the first, <paramref name="second"/> of the second.</summary>
    public static uint Combine(uint first, uint second, long secondLengthBytes) =>
        (uint)Definition.Combine(first, second, secondLengthBytes);
}
