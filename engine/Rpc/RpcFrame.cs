using System;
using System.Buffers.Binary;

namespace ObjectStore.Engine.Rpc;

internal enum RpcFrameKind : byte
{
    /// <summary>Asks for a session with the receiver's present life.</summary>
    Hello = 1,

    /// <summary>Gives it: the payload is its number, 8 bytes.</summary>
    HelloAnswer = 2,

    /// <summary>A call.</summary>
    Request = 3,

    /// <summary>Its end.</summary>
    Response = 4,

    /// <summary>A message that nobody answers.</summary>
    OneWay = 5,

    /// <summary>The receiver knows no such session, so it did not run this frame of the call now.</summary>
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
/// 12      8     requests: the session; answers of all kinds: the instance that they are meant for; else 0
/// 20      8     number of the call, growing within an instance of the caller; greetings: number of the greeting
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

    /// <summary>The session, or the instance that an answer is meant for.</summary>
    internal ulong Target { get; private init; }

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
            Target = BinaryPrimitives.ReadUInt64LittleEndian(frame[12..]),
            Call = BinaryPrimitives.ReadUInt64LittleEndian(frame[20..]),
        };
        return true;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="header"><see cref="HeaderBytes"/> bytes.</param>
    internal static void Write(Span<byte> header, RpcFrameKind kind, ushort method, ulong sender, ulong target, ulong call)
    {
        header[0] = Version;
        header[1] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], method);
        BinaryPrimitives.WriteUInt64LittleEndian(header[4..], sender);
        BinaryPrimitives.WriteUInt64LittleEndian(header[12..], target);
        BinaryPrimitives.WriteUInt64LittleEndian(header[20..], call);
    }
}
