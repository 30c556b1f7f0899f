using System;
using System.Buffers.Binary;
using System.Text;
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
/// A connection carries frames one way. The first is the greeting: the eight bytes <c>OSNODE02</c>, then the sender's name in UTF-8. It is answered, the other way and this once, by the
/// greeting of the receiver, before which the sender sends nothing more: so a sender knows that it was let in.
/// </remarks>
internal static class WireFormat
{
    internal const int HeaderBytes = 8;

    /// <summary>Names are at most 64 characters of at most 3 bytes.</summary>
    internal const int GreetingBytesMax = 8 + 192;

    private static ReadOnlySpan<byte> GreetingMark => "OSNODE02"u8;

    /// <summary>Copies the parts of a payload behind the place of their header, which <see cref="Seal"/> fills in.</summary>
    internal static void Lay(Span<byte> frame, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        head.CopyTo(frame[HeaderBytes..]);
        body.CopyTo(frame[(HeaderBytes + head.Length)..]);
    }

    /// <summary>Writes the header of a frame whose payload is in place.</summary>
    internal static void Seal(Span<byte> frame)
    {
        int length = frame.Length - HeaderBytes;
        Invariant.Check(length is >= 0 and <= INetwork.FrameSizeBytesMax, "a frame is at most FrameSizeBytesMax");
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(frame[..4], frame[HeaderBytes..]));
    }

    /// <summary>The frame that begins a connection.</summary>
    internal static byte[] Greeting(NodeId self)
    {
        byte[] name = Encoding.UTF8.GetBytes(self.Value);
        byte[] frame = new byte[HeaderBytes + GreetingMark.Length + name.Length];
        Lay(frame, GreetingMark, name);
        Seal(frame);
        return frame;
    }

    /// <summary>Who greets; null when it is no greeting.</summary>
    internal static NodeId? ReadGreeting(ReadOnlySpan<byte> payload) =>
        payload.StartsWith(GreetingMark) ? new NodeId(Encoding.UTF8.GetString(payload[GreetingMark.Length..])) : null;

    /// <summary>The payload's length, or -1 when it is out of bounds.</summary>
    internal static int Length(ReadOnlySpan<byte> header, int lengthMax = INetwork.FrameSizeBytesMax)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length >= 0 && length <= lengthMax ? length : -1;
    }

    internal static bool IsIntact(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == Checksum(header[..4], payload);

    private static uint Checksum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> payload) => Crc32C.Compute(payload, Crc32C.Compute(length));
}
