using System;
using System.Collections.Immutable;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>The map as rows of the root group: one for each node, disk, placement group and gateway, so that a command writes only what it changes.</summary>
/// <remarks>
/// <code>
/// key                    value, after a version byte
/// 40                     version, next numbers, layout, number of placement groups
/// 41 name                node
/// 42 number (4)          disk
/// 43 number (4)          placement group
/// 44 epoch (8)           gateway
/// </code>
/// Numbers in keys are big-endian.
/// </remarks>
public static class MapRows
{
    private const byte HeaderTable = 0x40;
    private const byte NodeTable = 0x41;
    private const byte DiskTable = 0x42;
    private const byte GroupTable = 0x43;
    private const byte EpochTable = 0x44;

    /// <summary>Reads a map; <see cref="ClusterMap.Empty"/> when there is none.</summary>
    /// <exception cref="StorageException">A row cannot be read.</exception>
    /// <exception cref="MalformedDataException">A row is damaged.</exception>
    public static async ValueTask<ClusterMap> LoadAsync(IReadView state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (await state.GetAsync(new[] { HeaderTable }) is not { } header)
        {
            return ClusterMap.Empty;
        }

        ClusterMap map = ReadHeader(header.Span);
        ImmutableSortedDictionary<NodeId, NodeRecord>.Builder nodes = ImmutableSortedDictionary.CreateBuilder<NodeId, NodeRecord>();
        ImmutableSortedDictionary<DiskId, DiskRecord>.Builder disks = ImmutableSortedDictionary.CreateBuilder<DiskId, DiskRecord>();
        ImmutableSortedDictionary<ulong, GatewayEpoch>.Builder epochs = ImmutableSortedDictionary.CreateBuilder<ulong, GatewayEpoch>();
        ImmutableArray<PlacementGroup>.Builder groups = map.Groups.ToBuilder();
        using IScan scan = state.Scan(new[] { NodeTable }, new[] { (byte)(EpochTable + 1) });
        while (await scan.NextAsync())
        {
            ReadRow(scan.Key.Span[0], scan.Value.Span, nodes, disks, groups, epochs);
        }

        foreach (PlacementGroup? group in groups)
        {
            if (group is null)
            {
                throw new MalformedDataException("a placement group without a row");
            }
        }

        return map with { Nodes = nodes.ToImmutable(), Disks = disks.ToImmutable(), Groups = groups.ToImmutable(), Epochs = epochs.ToImmutable() };
    }

    /// <summary>Adds what changed from one map to the next.</summary>
    public static void Write(WriteBatch batch, ClusterMap before, ClusterMap after)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (ReferenceEquals(before, after))
        {
            return;
        }

        batch.Put(new[] { HeaderTable }, Row(to => MapForm.WriteHeader(to, after)));
        foreach (NodeRecord node in after.Nodes.Values)
        {
            if (node.Changed == after.Version)
            {
                var key = new ByteWriter();
                key.Byte(NodeTable);
                key.Raw(System.Text.Encoding.UTF8.GetBytes(node.Name.Value));
                batch.Put(key.ToArray(), Row(to => MapForm.Write(to, node)));
            }
        }

        foreach (DiskRecord disk in after.Disks.Values)
        {
            if (disk.Changed == after.Version)
            {
                batch.Put(Key(DiskTable, disk.Id.Value), Row(to => MapForm.Write(to, disk)));
            }
        }

        foreach (PlacementGroup group in after.Groups)
        {
            if (group.Changed == after.Version)
            {
                batch.Put(Key(GroupTable, (uint)group.Number), Row(to => MapForm.Write(to, group)));
            }
        }

        foreach (GatewayEpoch epoch in after.Epochs.Values)
        {
            if (!before.Epochs.TryGetValue(epoch.Epoch, out GatewayEpoch? known) || known != epoch)
            {
                batch.Put(EpochKey(epoch.Epoch), Row(to => MapForm.Write(to, epoch)));
            }
        }

        foreach (ulong epoch in before.Epochs.Keys)
        {
            if (!after.Epochs.ContainsKey(epoch))
            {
                batch.Delete(EpochKey(epoch));
            }
        }
    }

    private static ClusterMap ReadHeader(ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        MapForm.CheckVersion(ref from);
        ClusterMap map = MapForm.ReadHeader(ref from);
        from.End();
        return map;
    }

    private static void ReadRow(
        byte table,
        ReadOnlySpan<byte> row,
        ImmutableSortedDictionary<NodeId, NodeRecord>.Builder nodes,
        ImmutableSortedDictionary<DiskId, DiskRecord>.Builder disks,
        ImmutableArray<PlacementGroup>.Builder groups,
        ImmutableSortedDictionary<ulong, GatewayEpoch>.Builder epochs)
    {
        var from = new ByteReader(row);
        MapForm.CheckVersion(ref from);
        switch (table)
        {
            case NodeTable:
                NodeRecord node = MapForm.ReadNode(ref from);
                nodes[node.Name] = node;
                break;
            case DiskTable:
                DiskRecord disk = MapForm.ReadDisk(ref from);
                disks[disk.Id] = disk;
                break;
            case GroupTable:
                PlacementGroup group = MapForm.ReadGroup(ref from);
                groups[group.Number < groups.Count ? group.Number : throw new MalformedDataException($"placement group {group.Number}")] = group;
                break;
            default:
                GatewayEpoch epoch = MapForm.ReadEpoch(ref from);
                epochs[epoch.Epoch] = epoch;
                break;
        }

        from.End();
    }

    private static byte[] Row(Action<ByteWriter> write)
    {
        var to = new ByteWriter();
        MapForm.WriteVersion(to);
        write(to);
        return to.ToArray();
    }

    private static byte[] Key(byte table, uint number)
    {
        var key = new ByteWriter();
        key.Byte(table);
        key.UInt32BigEndian(number);
        return key.ToArray();
    }

    private static byte[] EpochKey(ulong epoch)
    {
        var key = new ByteWriter();
        key.Byte(EpochTable);
        key.UInt64BigEndian(epoch);
        return key.ToArray();
    }
}
