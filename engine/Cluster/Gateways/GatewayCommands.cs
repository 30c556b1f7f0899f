using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>An epoch of a gateway that is open: one life of one gateway.</summary>
/// <param name="Epoch">Its number; never given twice.</param>
/// <param name="Node">Where the gateway is.</param>
public readonly record struct OpenGateway(ulong Epoch, NodeId Node);

/// <summary>Commands and questions about gateways, as bytes: <c>04</c>, a version, a kind, fields.</summary>
internal static class GatewayCommands
{
    internal const byte ModuleByte = 0x04;

    private const byte Version = 1;

    internal enum Kind : byte
    {
        /// <summary>Opens an epoch for a node, closing the one that it had.</summary>
        Open = 1,

        /// <summary>Closes an epoch.</summary>
        Close = 2,

        /// <summary>Lists what is open.</summary>
        List = 3,
    }

    internal static byte[] Open(NodeId node)
    {
        ByteWriter to = Start(Kind.Open);
        to.Text(node.Value);
        return to.ToArray();
    }

    internal static byte[] Close(ulong epoch)
    {
        ByteWriter to = Start(Kind.Close);
        to.UInt64(epoch);
        return to.ToArray();
    }

    internal static byte[] List() => Start(Kind.List).ToArray();

    internal static Kind ReadKind(ref ByteReader from)
    {
        if (from.Byte() != ModuleByte || from.Byte() != Version)
        {
            throw new MalformedDataException("nothing about gateways");
        }

        byte kind = from.Byte();
        return kind is >= (byte)Kind.Open and <= (byte)Kind.List ? (Kind)kind : throw new MalformedDataException($"gateway command {kind}");
    }

    internal static void WriteList(ByteWriter to, IReadOnlyCollection<OpenGateway> gateways)
    {
        to.VarUInt((ulong)gateways.Count);
        foreach (OpenGateway gateway in gateways)
        {
            to.UInt64(gateway.Epoch);
            to.Text(gateway.Node.Value);
        }
    }

    internal static IReadOnlyList<OpenGateway> ReadList(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        var gateways = new OpenGateway[from.Count()];
        for (int i = 0; i < gateways.Length; i++)
        {
            gateways[i] = new OpenGateway(from.UInt64(), new NodeId(from.Text()));
        }

        from.End();
        return gateways;
    }

    private static ByteWriter Start(Kind kind)
    {
        var to = new ByteWriter(32);
        to.Byte(ModuleByte);
        to.Byte(Version);
        to.Byte((byte)kind);
        return to;
    }
}
