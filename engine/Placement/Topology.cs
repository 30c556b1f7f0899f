using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Placement;

/// <summary>A disk and what it fails together with.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Node">The node that it is in.</param>
/// <param name="Zone">The zone that the node is in.</param>
/// <param name="Weight">Its share of slots in proportion to other disks; 1 or more, such as its capacity in GiB.</param>
public sealed record PlacementDisk(DiskId Id, NodeId Node, string Zone, long Weight);

/// <summary>A node with its disks.</summary>
public sealed record PlacementNode(NodeId Name, IReadOnlyList<PlacementDisk> Disks);

/// <summary>A zone with its nodes.</summary>
public sealed record PlacementZone(string Name, IReadOnlyList<PlacementNode> Nodes)
{
    /// <summary>Disks of all its nodes.</summary>
    public int DiskCount
    {
        get
        {
            int count = 0;
            foreach (PlacementNode node in Nodes)
            {
                count += node.Disks.Count;
            }

            return count;
        }
    }
}

/// <summary>Zones, nodes and disks that shards may be put on, in the order of their names. Immutable.</summary>
public sealed class Topology
{
    private readonly SortedDictionary<DiskId, PlacementDisk> _disks = [];

    /// <summary>Builds it from its disks.</summary>
    /// <exception cref="ArgumentException">A disk comes twice, a weight is not positive, or a node is in two zones.</exception>
    public Topology(IEnumerable<PlacementDisk> disks)
    {
        ArgumentNullException.ThrowIfNull(disks);
        var zones = new SortedDictionary<string, SortedDictionary<NodeId, List<PlacementDisk>>>(StringComparer.Ordinal);
        var zoneOf = new SortedDictionary<NodeId, string>();
        foreach (PlacementDisk disk in disks)
        {
            if (!disk.Id.IsSome || disk.Weight < 1 || !_disks.TryAdd(disk.Id, disk))
            {
                throw new ArgumentException($"disk {disk.Id} of node {disk.Node}: no number, no weight, or there twice", nameof(disks));
            }

            if (!zoneOf.TryAdd(disk.Node, disk.Zone) && zoneOf[disk.Node] != disk.Zone)
            {
                throw new ArgumentException($"node {disk.Node} is in zones {zoneOf[disk.Node]} and {disk.Zone}", nameof(disks));
            }
        }

        foreach (PlacementDisk disk in _disks.Values)
        {
            if (!zones.TryGetValue(disk.Zone, out SortedDictionary<NodeId, List<PlacementDisk>>? nodes))
            {
                zones.Add(disk.Zone, nodes = []);
            }

            if (!nodes.TryGetValue(disk.Node, out List<PlacementDisk>? mates))
            {
                nodes.Add(disk.Node, mates = []);
            }

            mates.Add(disk);
        }

        var built = new List<PlacementZone>();
        foreach ((string name, SortedDictionary<NodeId, List<PlacementDisk>> nodes) in zones)
        {
            var members = new List<PlacementNode>();
            foreach ((NodeId node, List<PlacementDisk> mates) in nodes)
            {
                members.Add(new PlacementNode(node, mates));
            }

            built.Add(new PlacementZone(name, members));
        }

        Zones = built;
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<PlacementZone> Zones { get; }

    /// <summary>By number.</summary>
    public IReadOnlyCollection<PlacementDisk> Disks => _disks.Values;

    /// <summary>The disk of that number; null when there is none.</summary>
    public PlacementDisk? Find(DiskId disk) => _disks.GetValueOrDefault(disk);
}
