using System;
using System.Buffers.Binary;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

internal enum RpcFrameKind : byte
{
    /// <summary>Asks for the receiver's instance.</summary>
    Hello = 1,

    /// <summary>Tells it.</summary>
    HelloAnswer = 2,

    /// <summary>A call.</summary>
    Request = 3,

    /// <summary>Its end.</summary>
    Response = 4,

    /// <summary>A message that nobody answers.</summary>
    OneWay = 5,

    /// <summary>The call was meant for an earlier life of this node; this copy of it was not run.</summary>
    Stale = 6,
}

/// <summary>A frame of the RPC layer.</summary>
/// <remarks>
/// <code>
/// offset  size  field (little-endian)
/// 0       1     version, 1
/// 1       1     kind
/// 2       2     method; responses: status
/// 4       8     instance of the sender: a random number of this life of the process
/// 12      8     instance of the receiver as the sender knows it; 0 when it does not matter
/// 20      8     number of the call, growing within an instance of the caller
/// 28      n     payload
/// </code>
/// Frames of an unknown version or kind are dropped: during a roll-out the newer side speaks the older form until all understand the newer.
/// </remarks>
internal readonly ref struct RpcFrame
{
    internal const int HeaderBytes = 28;
    private const byte Version = 1;

    internal RpcFrameKind Kind { get; private init; }

    internal ushort Method { get; private init; }

    internal ulong Sender { get; private init; }

    internal ulong Receiver { get; private init; }

    internal ulong Call { get; private init; }

    internal static bool TryRead(ReadOnlySpan<byte> frame, out RpcFrame read)
    {
        read = default;
        if (frame.Length < HeaderBytes || frame[0] != Version || frame[1] is < (byte)RpcFrameKind.Hello or > (byte)RpcFrameKind.Stale)
        {
            return false;
        }

        read = new RpcFrame
        {
            Kind = (RpcFrameKind)frame[1],
            Method = BinaryPrimitives.ReadUInt16LittleEndian(frame[2..]),
            Sender = BinaryPrimitives.ReadUInt64LittleEndian(frame[4..]),
            Receiver = BinaryPrimitives.ReadUInt64LittleEndian(frame[12..]),
            Call = BinaryPrimitives.ReadUInt64LittleEndian(frame[20..]),
        };
        return true;
    }

    /// <summary>Writes a frame into <paramref name="writer"/>, which is cleared first.</summary>
    internal static void Write(
        ByteWriter writer, RpcFrameKind kind, ushort method, ulong sender, ulong receiver, ulong call, ReadOnlySpan<byte> payload)
    {
        writer.Clear();
        Span<byte> frame = writer.Reserve(HeaderBytes + payload.Length);
        frame[0] = Version;
        frame[1] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[2..], method);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[4..], sender);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[12..], receiver);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[20..], call);
        payload.CopyTo(frame[HeaderBytes..]);
    }
}
