using System;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>Records of the map as bytes, in rows and on the wire. Damaged bytes throw <see cref="MalformedDataException"/> only.</summary>
internal static class MapForm
{
    private const byte Version = 2;

    internal static void CheckVersion(ref ByteReader from)
    {
        if (from.Byte() is not Version and byte other)
        {
            throw new MalformedDataException($"cluster map of form {other}");
        }
    }

    internal static void WriteVersion(ByteWriter to) => to.Byte(Version);

    internal static void WriteHeader(ByteWriter to, ClusterMap map)
    {
        to.UInt64(map.Version);
        to.UInt64(map.NextEpoch);
        to.UInt32(map.NextDisk);
        to.Bool(map.Layout is not null);
        if (map.Layout is { } layout)
        {
            Write(to, layout);
            to.VarUInt((ulong)map.Groups.Length);
        }
    }

    /// <summary>Groups are made empty, to be filled from their own records.</summary>
    internal static ClusterMap ReadHeader(ref ByteReader from)
    {
        var map = new ClusterMap { Version = from.UInt64(), NextEpoch = from.UInt64(), NextDisk = from.UInt32() };
        if (!from.Bool())
        {
            return map;
        }

        Layout layout = ReadLayout(ref from);
        int count = ReadInt(ref from, ClusterMap.GroupCountMax);
        return map with { Layout = layout, Groups = [.. new PlacementGroup[count]] };
    }

    internal static void Write(ByteWriter to, Layout layout)
    {
        to.VarUInt((ulong)layout.DataShards);
        to.VarUInt((ulong)layout.ParityShards);
        Write(to, layout.Read);
        Write(to, layout.Write);
        to.VarUInt((ulong)layout.SpareMin);
    }

    internal static Layout ReadLayout(ref ByteReader from)
    {
        var layout = new Layout(
            ReadInt(ref from, Layout.ShardsMax), ReadInt(ref from, Layout.ShardsMax), ReadLosses(ref from), ReadLosses(ref from), ReadInt(ref from, Layout.ShardsMax));
        try
        {
            layout.Check();
            return layout;
        }
        catch (ArgumentException wrong)
        {
            throw new MalformedDataException(wrong.Message);
        }
    }

    internal static void Write(ByteWriter to, NodeRecord node)
    {
        to.Text(node.Name.Value);
        to.Text(node.Zone);
        to.Text(node.ClusterAddress);
        to.Text(node.S3Address);
        to.Byte((byte)node.State);
        to.Bool(node.IsUp);
        to.UInt64(node.Changed);
    }

    internal static NodeRecord ReadNode(ref ByteReader from) =>
        new(new NodeId(from.Text()), from.Text(), from.Text(), from.Text(), ReadState(ref from), from.Bool(), from.UInt64());

    internal static void Write(ByteWriter to, DiskRecord disk)
    {
        to.UInt32(disk.Id.Value);
        Write(to, disk.StoreId);
        to.Text(disk.Node.Value);
        to.Text(disk.Path);
        to.UInt64((ulong)disk.CapacityBytes);
        to.Byte((byte)disk.State);
        to.Bool(disk.IsUp);
        to.UInt64(disk.Changed);
    }

    internal static DiskRecord ReadDisk(ref ByteReader from) =>
        new(new DiskId(from.UInt32()), ReadStoreId(ref from), new NodeId(from.Text()), from.Text(), ReadLong(ref from), ReadState(ref from), from.Bool(), from.UInt64());

    internal static void Write(ByteWriter to, PlacementGroup group)
    {
        to.VarUInt((ulong)group.Number);
        to.VarUInt((ulong)group.Slots.Length);
        foreach (SlotRecord slot in group.Slots)
        {
            to.VarUInt(slot.Disk.Value);
            to.VarUInt(slot.Source.Value);
            to.Bool(slot.IsPartial);
        }

        to.UInt64(group.Version);
        to.UInt64(group.DirtySince);
        to.UInt64(group.CleanAt);
        to.UInt64(group.Changed);
    }

    internal static PlacementGroup ReadGroup(ref ByteReader from)
    {
        int number = ReadInt(ref from, ClusterMap.GroupCountMax - 1);
        var slots = new SlotRecord[from.Count()];
        for (int slot = 0; slot < slots.Length; slot++)
        {
            slots[slot] = new SlotRecord(ReadDiskId(ref from), ReadDiskId(ref from), from.Bool());
        }

        return new PlacementGroup(number, [.. slots], from.UInt64(), from.UInt64(), from.UInt64(), from.UInt64());
    }

    internal static void Write(ByteWriter to, GatewayEpoch epoch)
    {
        to.UInt64(epoch.Epoch);
        to.Text(epoch.Node.Value);
        to.UInt64(epoch.Life);
        to.Bool(epoch.IsExpired);
    }

    internal static GatewayEpoch ReadEpoch(ref ByteReader from) => new(from.UInt64(), new NodeId(from.Text()), from.UInt64(), from.Bool());

    internal static void Write(ByteWriter to, UInt128 storeId)
    {
        to.UInt64((ulong)(storeId >> 64));
        to.UInt64((ulong)(storeId & ulong.MaxValue));
    }

    internal static UInt128 ReadStoreId(ref ByteReader from) => ((UInt128)from.UInt64() << 64) | from.UInt64();

    internal static MemberState ReadState(ref ByteReader from) =>
        from.Byte() is >= (byte)MemberState.In and <= (byte)MemberState.Removed and byte state
            ? (MemberState)state
            : throw new MalformedDataException("no such state of a member");

    internal static DiskId ReadDiskId(ref ByteReader from)
    {
        ulong value = from.VarUInt();
        return value <= uint.MaxValue ? new DiskId((uint)value) : throw new MalformedDataException($"disk {value}");
    }

    internal static int ReadInt(ref ByteReader from, int max)
    {
        ulong value = from.VarUInt();
        return value <= (ulong)max ? (int)value : throw new MalformedDataException($"number {value} above {max}");
    }

    internal static long ReadLong(ref ByteReader from)
    {
        ulong value = from.UInt64();
        return value <= long.MaxValue ? (long)value : throw new MalformedDataException($"number {value}");
    }

    private static void Write(ByteWriter to, Losses losses)
    {
        to.VarUInt((ulong)losses.Zones);
        to.VarUInt((ulong)losses.Nodes);
        to.VarUInt((ulong)losses.Disks);
    }

    private static Losses ReadLosses(ref ByteReader from) => new(ReadInt(ref from, ushort.MaxValue), ReadInt(ref from, ushort.MaxValue), ReadInt(ref from, ushort.MaxValue));
}
