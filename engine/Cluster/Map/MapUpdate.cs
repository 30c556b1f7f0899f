using System.Collections.Generic;
using System.Collections.Immutable;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>What changed between a version of the map and another, as bytes: whole records of what changed, and all open gateways, of which there are few.</summary>
public static class MapUpdate
{
    /// <summary>Appends what somebody who has version <paramref name="since"/> of the same cluster's map needs to have <paramref name="map"/>; 0 for everything.</summary>
    public static void Encode(ClusterMap map, ulong since, ByteWriter to)
    {
        System.ArgumentNullException.ThrowIfNull(map);
        System.ArgumentNullException.ThrowIfNull(to);
        MapForm.WriteVersion(to);
        MapForm.WriteHeader(to, map);
        var nodes = new List<NodeRecord>();
        foreach (NodeRecord node in map.Nodes.Values)
        {
            if (node.Changed > since)
            {
                nodes.Add(node);
            }
        }

        var disks = new List<DiskRecord>();
        foreach (DiskRecord disk in map.Disks.Values)
        {
            if (disk.Changed > since)
            {
                disks.Add(disk);
            }
        }

        var groups = new List<PlacementGroup>();
        foreach (PlacementGroup group in map.Groups)
        {
            if (group.Changed > since)
            {
                groups.Add(group);
            }
        }

        to.VarUInt((ulong)nodes.Count);
        nodes.ForEach(node => MapForm.Write(to, node));
        to.VarUInt((ulong)disks.Count);
        disks.ForEach(disk => MapForm.Write(to, disk));
        to.VarUInt((ulong)groups.Count);
        groups.ForEach(group => MapForm.Write(to, group));
        to.VarUInt((ulong)map.Epochs.Count);
        foreach (GatewayEpoch epoch in map.Epochs.Values)
        {
            MapForm.Write(to, epoch);
        }
    }

    /// <summary>The map after an update; <paramref name="map"/> itself when the update is older.</summary>
    /// <exception cref="MalformedDataException">It is no update, or not one for this map.</exception>
    public static ClusterMap Apply(ClusterMap map, ref ByteReader from)
    {
        System.ArgumentNullException.ThrowIfNull(map);
        MapForm.CheckVersion(ref from);
        ClusterMap header = MapForm.ReadHeader(ref from);
        ImmutableSortedDictionary<NodeId, NodeRecord>.Builder nodes = map.Nodes.ToBuilder();
        for (int left = from.Count(); left > 0; left--)
        {
            NodeRecord node = MapForm.ReadNode(ref from);
            nodes[node.Name] = node;
        }

        ImmutableSortedDictionary<DiskId, DiskRecord>.Builder disks = map.Disks.ToBuilder();
        for (int left = from.Count(); left > 0; left--)
        {
            DiskRecord disk = MapForm.ReadDisk(ref from);
            disks[disk.Id] = disk;
        }

        ImmutableArray<PlacementGroup>.Builder groups = (map.Groups.Length == header.Groups.Length ? map.Groups : header.Groups).ToBuilder();
        for (int left = from.Count(); left > 0; left--)
        {
            PlacementGroup group = MapForm.ReadGroup(ref from);
            if (group.Number >= groups.Count || header.Layout is null || group.Slots.Length != header.Layout.TotalShards)
            {
                throw new MalformedDataException($"placement group {group.Number} of {group.Slots.Length} slots");
            }

            groups[group.Number] = group;
        }

        ImmutableSortedDictionary<ulong, GatewayEpoch>.Builder epochs = ImmutableSortedDictionary.CreateBuilder<ulong, GatewayEpoch>();
        for (int left = from.Count(); left > 0; left--)
        {
            GatewayEpoch epoch = MapForm.ReadEpoch(ref from);
            epochs[epoch.Epoch] = epoch;
        }

        if (header.Version <= map.Version)
        {
            return map;
        }

        foreach (PlacementGroup? group in groups)
        {
            if (group is null)
            {
                throw new MalformedDataException("an update of a map that is not known");
            }
        }

        return header with { Nodes = nodes.ToImmutable(), Disks = disks.ToImmutable(), Groups = groups.ToImmutable(), Epochs = epochs.ToImmutable() };
    }
}
