using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Rpc;

namespace ObjectStore.Engine.Cluster;

/// <summary>What a node tells of a disk.</summary>
public readonly record struct DiskBeat(DiskId Disk, DiskCondition Condition);

/// <summary>What a node tells the root leader again and again.</summary>
/// <param name="Node">Who.</param>
/// <param name="Life">Random number of this start of the process.</param>
/// <param name="MapVersion">The map that it has.</param>
/// <param name="Epoch">The gateway epoch whose lease is to be renewed; 0 for none.</param>
/// <param name="OldestMapVersion">The oldest map that its writes may still use.</param>
/// <param name="Disks">Its disks.</param>
/// <param name="MissedGroups">Groups that miss shards which its gateway could not put, or did not find.</param>
public sealed record NodeBeat(
    NodeId Node, ulong Life, ulong MapVersion, ulong Epoch, ulong OldestMapVersion, IReadOnlyList<DiskBeat> Disks, IReadOnlyList<int> MissedGroups);

/// <summary>How a beat was taken. Wire format.</summary>
internal enum BeatStatus : byte
{
    /// <summary>By the leader.</summary>
    Taken = 0,

    /// <summary>This node does not lead.</summary>
    NotLeader = 1,

    /// <summary>The map does not know the node: it must join.</summary>
    Unknown = 2,
}

/// <summary>The answer.</summary>
/// <param name="Status">How it was taken.</param>
/// <param name="Leader">Who leads, when it is not the one who answers and it knows.</param>
/// <param name="IsRenewed">The lease of the epoch counts from the moment that the beat was sent.</param>
/// <param name="Update">The newer map; empty when there is none.</param>
internal readonly record struct BeatAnswer(BeatStatus Status, NodeId? Leader, bool IsRenewed, System.ReadOnlyMemory<byte> Update);

/// <summary>Beats, and map commands by way of the leader, as bytes.</summary>
internal static class MapMessages
{
    internal static readonly RpcMethod Beat = new(0x0411);
    internal static readonly RpcMethod Command = new(0x0412);
    internal static readonly RpcMethod Gateways = new(0x0413);

    private const byte Version = 1;

    internal static byte[] Encode(NodeBeat beat)
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.Text(beat.Node.Value);
        to.UInt64(beat.Life);
        to.UInt64(beat.MapVersion);
        to.UInt64(beat.Epoch);
        to.UInt64(beat.OldestMapVersion);
        to.VarUInt((ulong)beat.Disks.Count);
        foreach (DiskBeat disk in beat.Disks)
        {
            to.UInt32(disk.Disk.Value);
            to.Bool(disk.Condition.IsServing);
            to.UInt64((ulong)disk.Condition.TotalBytes);
            to.UInt64((ulong)disk.Condition.UsedBytes);
            to.UInt32((uint)disk.Condition.DamagedCount);
        }

        to.VarUInt((ulong)beat.MissedGroups.Count);
        foreach (int group in beat.MissedGroups)
        {
            to.VarUInt((ulong)group);
        }

        return to.ToArray();
    }

    internal static NodeBeat DecodeBeat(System.ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        Check(from.Byte());
        (string node, ulong life, ulong map, ulong epoch, ulong oldest) = (from.Text(), from.UInt64(), from.UInt64(), from.UInt64(), from.UInt64());
        var disks = new DiskBeat[from.Count()];
        for (int disk = 0; disk < disks.Length; disk++)
        {
            var id = new DiskId(from.UInt32());
            disks[disk] = new DiskBeat(id, new DiskCondition(from.Bool(), MapForm.ReadLong(ref from), MapForm.ReadLong(ref from), (int)uint.Min(from.UInt32(), int.MaxValue)));
        }

        int[] missed = new int[from.Count()];
        for (int group = 0; group < missed.Length; group++)
        {
            missed[group] = MapForm.ReadInt(ref from, ClusterMap.GroupCountMax);
        }

        from.End();
        return new NodeBeat(new NodeId(node), life, map, epoch, oldest, disks, missed);
    }

    internal static System.ReadOnlyMemory<byte> Encode(BeatStatus status, NodeId? leader, bool isRenewed, ClusterMap? map, ulong since)
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.Byte((byte)status);
        to.Text(leader?.Value ?? "");
        to.Bool(isRenewed);
        if (map is not null && map.Version > since)
        {
            MapUpdate.Encode(map, since, to);
        }

        return to.WrittenMemory;
    }

    internal static BeatAnswer DecodeAnswer(System.ReadOnlyMemory<byte> encoded)
    {
        var from = new ByteReader(encoded.Span);
        Check(from.Byte());
        byte status = from.Byte();
        string leader = from.Text();
        bool isRenewed = from.Bool();
        return status <= (byte)BeatStatus.Unknown
            ? new BeatAnswer((BeatStatus)status, leader.Length == 0 ? null : new NodeId(leader), isRenewed, encoded[^from.Remaining..])
            : throw new MalformedDataException($"beat status {status}");
    }

    internal static System.ReadOnlyMemory<byte> EncodeCommandAnswer(NodeId? leader, MapResult? result)
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.Text(leader?.Value ?? "");
        to.Bool(result is not null);
        if (result is { } decided)
        {
            MapCommandCodec.Encode(decided, to);
        }

        return to.WrittenMemory;
    }

    internal static (NodeId? Leader, MapResult? Result) DecodeCommandAnswer(System.ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        Check(from.Byte());
        string leader = from.Text();
        NodeId? hint = leader.Length == 0 ? null : new NodeId(leader);
        return from.Bool() ? (hint, MapCommandCodec.DecodeResult(from.Raw(from.Remaining))) : (hint, null);
    }

    internal static System.ReadOnlyMemory<byte> EncodeGateways(NodeId? leader, IReadOnlyList<NodeId>? gateways)
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.Text(leader?.Value ?? "");
        to.Bool(gateways is not null);
        to.VarUInt((ulong)(gateways?.Count ?? 0));
        foreach (NodeId node in gateways ?? [])
        {
            to.Text(node.Value);
        }

        return to.WrittenMemory;
    }

    internal static (NodeId? Leader, NodeId[]? Gateways) DecodeGateways(System.ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        Check(from.Byte());
        string leader = from.Text();
        bool known = from.Bool();
        var nodes = new NodeId[from.Count()];
        for (int node = 0; node < nodes.Length; node++)
        {
            nodes[node] = new NodeId(from.Text());
        }

        return (leader.Length == 0 ? null : new NodeId(leader), known ? nodes : null);
    }

    private static void Check(byte version)
    {
        if (version != Version)
        {
            throw new MalformedDataException($"message about the map of form {version}");
        }
    }
}
