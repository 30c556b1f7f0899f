using System;
using System.Buffers.Binary;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Frames of <see cref="TcpNetwork"/> on a connection.</summary>
/// <remarks>
/// <code>
/// offset  size  field (little-endian)
/// 0       4     payload length n, 0 to INetwork.FrameSizeBytesMax
/// 4       4     CRC-32C of the four length bytes, then the payload
/// 8       n     payload
/// </code>
/// The first frame of a connection is the greeting: the eight bytes <c>OSNODE01</c>, then the sender's name in UTF-8. A connection carries frames one way.
/// </remarks>
internal static class WireFormat
{
    internal const int HeaderBytes = 8;

    internal static ReadOnlySpan<byte> Greeting => "OSNODE01"u8;

    internal static byte[] Encode(ReadOnlySpan<byte> payload)
    {
        Invariant.Check(payload.Length <= INetwork.FrameSizeBytesMax, "a frame is at most FrameSizeBytesMax");
        byte[] frame = GC.AllocateUninitializedArray<byte>(HeaderBytes + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), Checksum(frame.AsSpan(0, 4), payload));
        return frame;
    }

    /// <summary>The payload's length, or -1 when it is out of bounds.</summary>
    internal static int Length(ReadOnlySpan<byte> header)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length is >= 0 and <= INetwork.FrameSizeBytesMax ? length : -1;
    }

    internal static bool IsIntact(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == Checksum(header[..4], payload);

    private static uint Checksum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> payload) => Crc32C.Compute(payload, Crc32C.Compute(length));
}
