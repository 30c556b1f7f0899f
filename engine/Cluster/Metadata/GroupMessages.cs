using System;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;

namespace ObjectStore.Engine.Cluster;

/// <summary>How a replica answers what was asked of its group.</summary>
internal enum GroupReplyKind : byte
{
    /// <summary>Decided; the rest is the module's answer.</summary>
    Answer = 0,

    /// <summary>Nothing was done: this replica does not lead. The rest names who does, if anybody is known.</summary>
    NotLeader = 1,

    /// <summary>Nothing was done: too much is waiting, or leadership is just changing.</summary>
    Retry = 2,

    /// <summary>Nothing was done: no space.</summary>
    Full = 3,

    /// <summary>Nothing was done: no replica of the group here.</summary>
    NoSuchGroup = 4,

    /// <summary>It may happen, now or later.</summary>
    Unknown = 5,
}

/// <summary>Requests to a group and its replies as bytes.</summary>
internal static class GroupMessages
{
    /// <summary>Proposes a command.</summary>
    internal static readonly RpcMethod Propose = new(0x0201);

    /// <summary>Asks a question about the newest state.</summary>
    internal static readonly RpcMethod Ask = new(0x0202);

    private const byte Version = 1;

    internal static byte[] Request(GroupId group, ReadOnlySpan<byte> content)
    {
        var to = new ByteWriter(1 + sizeof(ulong) + content.Length);
        to.Byte(Version);
        to.UInt64(group.Value);
        to.Raw(content);
        return to.ToArray();
    }

    internal static (GroupId Group, ReadOnlyMemory<byte> Content) ReadRequest(ReadOnlyMemory<byte> request)
    {
        var from = new ByteReader(request.Span);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("request to a group of an unknown form");
        }

        var group = new GroupId(from.UInt64());
        return (group, request[^from.Remaining..]);
    }

    internal static ReadOnlyMemory<byte> Reply(GroupReplyKind kind, NodeId? leader = null)
    {
        var to = new ByteWriter();
        to.Byte((byte)kind);
        to.Text(leader?.Value ?? "");
        return to.WrittenMemory;
    }

    internal static ByteWriter StartAnswer()
    {
        var to = new ByteWriter();
        to.Byte((byte)GroupReplyKind.Answer);
        return to;
    }

    internal static GroupReply ReadReply(ReadOnlyMemory<byte> reply)
    {
        var from = new ByteReader(reply.Span);
        byte kind = from.Byte();
        if (kind == (byte)GroupReplyKind.Answer)
        {
            return new GroupReply(GroupReplyKind.Answer, null, reply[1..]);
        }

        string leader = from.Text();
        return kind <= (byte)GroupReplyKind.Unknown
            ? new GroupReply((GroupReplyKind)kind, leader.Length == 0 ? null : new NodeId(leader), default)
            : throw new MalformedDataException($"reply {kind} of a group");
    }
}

/// <summary>A reply as read.</summary>
internal readonly record struct GroupReply(GroupReplyKind Kind, NodeId? Leader, ReadOnlyMemory<byte> Answer);
