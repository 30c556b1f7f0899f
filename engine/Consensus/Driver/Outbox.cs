using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>Collects what all groups have to say to each node in one turn and sends it as one frame: one heartbeat frame a tick between two nodes.</summary>
/// <remarks>Frame: version (1 byte, 1), then for each message group (8, little-endian), length (4) and the message.</remarks>
internal sealed class Outbox(IRaftTransport transport)
{
    private const byte FormatVersion = 1;
    private const int KeptCapacityBytes = 1024 * 1024;

    private readonly SortedDictionary<NodeId, ByteWriter> _frames = [];
    private readonly List<NodeId> _waiting = [];

    internal void Add(NodeId to, GroupId group, RaftMessage message)
    {
        if (!_frames.TryGetValue(to, out ByteWriter? frame))
        {
            frame = new ByteWriter();
            _frames.Add(to, frame);
        }

        int before = frame.Length;
        if (before == 0)
        {
            frame.Byte(FormatVersion);
            _waiting.Add(to);
        }

        Write(frame, group, message);
        if (frame.Length <= IRaftTransport.FrameSizeBytesMax)
        {
            return;
        }

        // One too many: what was there goes, this one begins the next frame.
        Invariant.Check(before > 0, "a message fits into a frame");
        transport.Send(to, frame.Written[..before]);
        frame.Clear();
        frame.Byte(FormatVersion);
        Write(frame, group, message);
        Invariant.Check(frame.Length <= IRaftTransport.FrameSizeBytesMax, "a message fits into a frame");
    }

    internal void Flush()
    {
        foreach (NodeId to in _waiting)
        {
            ByteWriter frame = _frames[to];
            transport.Send(to, frame.Written);
            if (frame.Length > KeptCapacityBytes)
            {
                _frames[to] = new ByteWriter();
            }
            else
            {
                frame.Clear();
            }
        }

        _waiting.Clear();
    }

    /// <summary>The messages of a frame.</summary>
    /// <exception cref="MalformedDataException">It is no frame; messages before the damage were read.</exception>
    internal static void Read(ReadOnlyMemory<byte> frame, Action<GroupId, RaftMessage> take)
    {
        if (frame.Length == 0 || frame.Span[0] != FormatVersion)
        {
            throw new MalformedDataException("frame of another version");
        }

        int at = 1;
        while (at < frame.Length)
        {
            var head = new ByteReader(frame.Span[at..]);
            var group = new GroupId(head.UInt64());
            uint length = head.UInt32();
            at += 12;
            if (length > frame.Length - at)
            {
                throw new MalformedDataException($"message of {length} bytes");
            }

            take(group, RaftMessageCodec.Read(frame.Slice(at, (int)length)));
            at += (int)length;
        }
    }

    private static void Write(ByteWriter frame, GroupId group, RaftMessage message)
    {
        frame.UInt64(group.Value);
        int lengthAt = frame.Length;
        frame.UInt32(0);
        RaftMessageCodec.Write(frame, message);

        // The length is known only now; the writer is this object's own.
        Span<byte> written = MemoryMarshal.AsMemory(frame.WrittenMemory).Span;
        BinaryPrimitives.WriteUInt32LittleEndian(written[lengthAt..], (uint)(frame.Length - lengthAt - 4));
    }
}
