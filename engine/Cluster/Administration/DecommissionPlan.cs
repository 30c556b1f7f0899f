using System.Collections.Generic;
using System.Globalization;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>What a decommissioning means as map commands, or why it is refused.</summary>
internal static class DecommissionPlan
{
    /// <exception cref="AdministrationException">It cannot be done; the message says why.</exception>
    internal static List<MapCommand> Of(ClusterMap map, IReadOnlyList<GroupStatus> groups, DecommissionRequest request)
    {
        List<NodeRecord> nodes = NodesOf(map, request);
        List<DiskRecord> disks = DisksOf(map, request, nodes);
        if (request.Cancel)
        {
            return Decide(nodes, disks, request.Kind, MemberState.In);
        }

        foreach (NodeRecord node in nodes)
        {
            RefuseVoter(node, groups);
        }

        if (!request.GiveUp)
        {
            RefuseBrokenPromise(map, disks, request);
            return Decide(nodes, disks, request.Kind, MemberState.Draining);
        }

        var commands = new List<MapCommand>();
        foreach (DiskRecord disk in disks)
        {
            // What is up is there: giving it up would throw shards away that drain as well.
            if (map.IsUp(disk.Id))
            {
                throw new AdministrationException($"disk {disk.Id} on node {disk.Node} is up: it can be emptied without giving up what is there");
            }

            commands.Add(new SetDiskStateCommand(disk.Id, MemberState.Out));
            commands.Add(new SetDiskStateCommand(disk.Id, MemberState.Removed));
        }

        foreach (NodeRecord node in nodes)
        {
            commands.Add(new SetNodeStateCommand(node.Name, MemberState.Removed));
        }

        return commands;
    }

    private static List<MapCommand> Decide(List<NodeRecord> nodes, List<DiskRecord> disks, DecommissionKind kind, MemberState state)
    {
        var commands = new List<MapCommand>();
        if (kind == DecommissionKind.Disk)
        {
            commands.Add(new SetDiskStateCommand(disks[0].Id, state));
        }

        foreach (NodeRecord node in nodes)
        {
            commands.Add(new SetNodeStateCommand(node.Name, state));
        }

        return commands;
    }

    private static void RefuseVoter(NodeRecord node, IReadOnlyList<GroupStatus> groups)
    {
        foreach (GroupStatus group in groups)
        {
            foreach (ReplicaStatus replica in group.Replicas)
            {
                if (replica.Node == node.Name.Value && replica.Votes)
                {
                    throw new AdministrationException($"node {node.Name} votes in metadata group {group.Group}: its data disks can be emptied one by one, the node itself is needed");
                }
            }
        }
    }

    private static void RefuseBrokenPromise(ClusterMap map, List<DiskRecord> disks, DecommissionRequest request)
    {
        var without = new List<DiskId>();
        foreach (DiskRecord disk in disks)
        {
            without.Add(disk.Id);
        }

        LayoutVerdict verdict = Decommission.Judge(map, without);
        if (!verdict.Keeps)
        {
            string offer = verdict.Offer is { } layout ? $"; the rest could keep it with {layout}" : "";
            throw new AdministrationException($"without {request.Name} the region cannot keep its promise: {verdict.Reason}{offer}");
        }
    }

    private static List<NodeRecord> NodesOf(ClusterMap map, DecommissionRequest request)
    {
        var nodes = new List<NodeRecord>();
        foreach (NodeRecord node in map.Nodes.Values)
        {
            bool isMeant = request.Kind == DecommissionKind.Node ? node.Name.Value == request.Name : request.Kind == DecommissionKind.Zone && node.Zone == request.Name;
            if (isMeant && node.State != MemberState.Removed)
            {
                nodes.Add(node);
            }
        }

        return nodes.Count > 0 || request.Kind == DecommissionKind.Disk
            ? nodes
            : throw new AdministrationException($"the region has no {request.Kind.ToString().ToLowerInvariant()} '{request.Name}'");
    }

    private static List<DiskRecord> DisksOf(ClusterMap map, DecommissionRequest request, List<NodeRecord> nodes)
    {
        var disks = new List<DiskRecord>();
        if (request.Kind == DecommissionKind.Disk)
        {
            disks.Add(
                uint.TryParse(request.Name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && map.FindDisk(new DiskId(number)) is { State: not MemberState.Removed } found
                    ? found
                    : throw new AdministrationException($"the region has no disk '{request.Name}'; 'admin disks' lists them"));
            return disks;
        }

        foreach (DiskRecord disk in map.Disks.Values)
        {
            if (disk.State != MemberState.Removed && nodes.Exists(node => node.Name == disk.Node))
            {
                disks.Add(disk);
            }
        }

        return disks;
    }
}
