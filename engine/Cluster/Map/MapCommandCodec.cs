using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>Map commands and their results as bytes: <c>02</c>, a version, a kind, fields. Kinds are never used again for something else.</summary>
public static class MapCommandCodec
{
    /// <summary>First byte of map commands among all commands of the root group.</summary>
    public const byte CommandKind = 0x02;

    private enum Kind : byte
    {
        Found = 1,
        JoinNode = 2,
        RegisterDisk = 3,
        SetNodeState = 4,
        SetDiskState = 5,
        SetLiveness = 6,
        AssignSlots = 7,
        MarkDirty = 8,
        MarkClean = 9,
        OpenGateway = 10,
        ExpireGateways = 11,
        CloseGateways = 12,
    }

    /// <summary>Appends a command.</summary>
    public static void Encode(MapCommand command, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        switch (command)
        {
            case FoundMapCommand found:
                Start(to, Kind.Found);
                MapForm.Write(to, found.Layout);
                to.VarUInt((ulong)found.GroupCount);
                break;
            case JoinNodeCommand join:
                Start(to, Kind.JoinNode);
                to.Text(join.Node.Value);
                to.Text(join.Zone);
                to.Text(join.ClusterAddress);
                to.Text(join.S3Address);
                break;
            case RegisterDiskCommand register:
                Start(to, Kind.RegisterDisk);
                MapForm.Write(to, register.StoreId);
                to.Text(register.Node.Value);
                to.Text(register.Path);
                to.UInt64((ulong)register.CapacityBytes);
                break;
            case SetNodeStateCommand set:
                Start(to, Kind.SetNodeState);
                to.Text(set.Node.Value);
                to.Byte((byte)set.State);
                break;
            case SetDiskStateCommand set:
                Start(to, Kind.SetDiskState);
                to.VarUInt(set.Disk.Value);
                to.Byte((byte)set.State);
                break;
            case SetLivenessCommand set:
                Start(to, Kind.SetLiveness);
                Write(to, set);
                break;
            case AssignSlotsCommand assign:
                Start(to, Kind.AssignSlots);
                Write(to, assign);
                break;
            case MarkDirtyCommand mark:
                Start(to, Kind.MarkDirty);
                to.VarUInt((ulong)mark.Groups.Count);
                foreach (int group in mark.Groups)
                {
                    to.VarUInt((ulong)group);
                }

                break;
            case MarkCleanCommand mark:
                Start(to, Kind.MarkClean);
                to.VarUInt((ulong)mark.Group);
                to.UInt64(mark.DirtySince);
                break;
            case OpenGatewayCommand open:
                Start(to, Kind.OpenGateway);
                to.Text(open.Node.Value);
                to.UInt64(open.Life);
                break;
            case ExpireGatewaysCommand expire:
                Start(to, Kind.ExpireGateways);
                Write(to, expire.Epochs);
                break;
            case CloseGatewaysCommand close:
                Start(to, Kind.CloseGateways);
                Write(to, close.Epochs);
                break;
            default:
                throw new InvariantViolationException($"no such command: {command?.GetType().Name}");
        }
    }

    /// <summary>Reads a command; all of <paramref name="encoded"/> must be one.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static MapCommand Decode(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        if (from.Byte() != CommandKind)
        {
            throw new MalformedDataException("no map command");
        }

        MapForm.CheckVersion(ref from);
        MapCommand command = (Kind)from.Byte() switch
        {
            Kind.Found => new FoundMapCommand(MapForm.ReadLayout(ref from), MapForm.ReadInt(ref from, ClusterMap.GroupCountMax)),
            Kind.JoinNode => new JoinNodeCommand(new NodeId(from.Text()), from.Text(), from.Text(), from.Text()),
            Kind.RegisterDisk => new RegisterDiskCommand(MapForm.ReadStoreId(ref from), new NodeId(from.Text()), from.Text(), MapForm.ReadLong(ref from)),
            Kind.SetNodeState => new SetNodeStateCommand(new NodeId(from.Text()), MapForm.ReadState(ref from)),
            Kind.SetDiskState => new SetDiskStateCommand(MapForm.ReadDiskId(ref from), MapForm.ReadState(ref from)),
            Kind.SetLiveness => ReadLiveness(ref from),
            Kind.AssignSlots => ReadAssign(ref from),
            Kind.MarkDirty => ReadMarkDirty(ref from),
            Kind.MarkClean => new MarkCleanCommand(MapForm.ReadInt(ref from, ClusterMap.GroupCountMax), from.UInt64()),
            Kind.OpenGateway => new OpenGatewayCommand(new NodeId(from.Text()), from.UInt64()),
            Kind.ExpireGateways => new ExpireGatewaysCommand(ReadEpochs(ref from)),
            Kind.CloseGateways => new CloseGatewaysCommand(ReadEpochs(ref from)),
            var other => throw new MalformedDataException($"map command of kind {other}"),
        };
        from.End();
        return command;
    }

    /// <summary>Appends a result.</summary>
    public static void Encode(MapResult result, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Byte((byte)result.Status);
        to.UInt64(result.Value);
        to.UInt64(result.Version);
    }

    /// <summary>Reads a result.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static MapResult DecodeResult(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        byte status = from.Byte();
        var result = new MapResult((MapStatus)status, from.UInt64(), from.UInt64());
        from.End();
        return status <= (byte)MapStatus.Refused ? result : throw new MalformedDataException($"result {status} of a map command");
    }

    private static void Start(ByteWriter to, Kind kind)
    {
        to.Byte(CommandKind);
        MapForm.WriteVersion(to);
        to.Byte((byte)kind);
    }

    private static void Write(ByteWriter to, SetLivenessCommand set)
    {
        to.VarUInt((ulong)set.Nodes.Count);
        foreach ((NodeId node, bool isUp) in set.Nodes)
        {
            to.Text(node.Value);
            to.Bool(isUp);
        }

        to.VarUInt((ulong)set.Disks.Count);
        foreach ((DiskId disk, bool isUp) in set.Disks)
        {
            to.VarUInt(disk.Value);
            to.Bool(isUp);
        }
    }

    private static SetLivenessCommand ReadLiveness(ref ByteReader from)
    {
        var nodes = new (NodeId, bool)[from.Count()];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = (new NodeId(from.Text()), from.Bool());
        }

        var disks = new (DiskId, bool)[from.Count()];
        for (int i = 0; i < disks.Length; i++)
        {
            disks[i] = (MapForm.ReadDiskId(ref from), from.Bool());
        }

        return new SetLivenessCommand(nodes, disks);
    }

    private static void Write(ByteWriter to, AssignSlotsCommand assign)
    {
        to.VarUInt((ulong)assign.Changes.Count);
        foreach (SlotChange change in assign.Changes)
        {
            to.VarUInt((ulong)change.Group);
            to.VarUInt((ulong)change.Slot);
            to.VarUInt(change.From.Value);
            to.VarUInt(change.To.Value);
        }
    }

    private static AssignSlotsCommand ReadAssign(ref ByteReader from)
    {
        var changes = new SlotChange[from.Count()];
        for (int i = 0; i < changes.Length; i++)
        {
            changes[i] = new SlotChange(
                MapForm.ReadInt(ref from, ClusterMap.GroupCountMax), MapForm.ReadInt(ref from, Layout.ShardsMax), MapForm.ReadDiskId(ref from), MapForm.ReadDiskId(ref from));
        }

        return new AssignSlotsCommand(changes);
    }

    private static MarkDirtyCommand ReadMarkDirty(ref ByteReader from)
    {
        int[] groups = new int[from.Count()];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i] = MapForm.ReadInt(ref from, ClusterMap.GroupCountMax);
        }

        return new MarkDirtyCommand(groups);
    }

    private static void Write(ByteWriter to, IReadOnlyList<ulong> epochs)
    {
        to.VarUInt((ulong)epochs.Count);
        foreach (ulong epoch in epochs)
        {
            to.UInt64(epoch);
        }
    }

    private static ulong[] ReadEpochs(ref ByteReader from)
    {
        ulong[] epochs = new ulong[from.Count()];
        for (int i = 0; i < epochs.Length; i++)
        {
            epochs[i] = from.UInt64();
        }

        return epochs;
    }
}
