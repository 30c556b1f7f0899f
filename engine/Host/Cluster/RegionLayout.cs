using System.Collections.Generic;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Host;

/// <summary>The layout that a topology file asks for, and whether its disks can keep what it promises.</summary>
internal static class RegionLayout
{
    /// <remarks>
    /// Chunks are acknowledged through the loss of the promised zones, and keep the promised disks to spare even then. Where no zone may be lost, all disks to spare would have to be up for
    /// every write, and one failed disk would stop them: there one shard to spare is enough for an acknowledgement, and the rest is left to repair.
    /// </remarks>
    internal static Layout Of(TopologyLayout layout)
    {
        var read = new Losses(layout.ZonesLost, 0, layout.DisksLost);
        return layout.ZonesLost > 0 || layout.DisksLost == 0
            ? new Layout(layout.DataShards, layout.ParityShards, read, new Losses(layout.ZonesLost, 0, 0), layout.DisksLost)
            : new Layout(layout.DataShards, layout.ParityShards, read, new Losses(0, 0, layout.DisksLost - 1), 1);
    }

    /// <exception cref="CommandFailedException">The disks of the topology cannot keep the promise; the message says why, and names a layout that can.</exception>
    internal static void Require(TopologyFile topology)
    {
        var disks = new List<PlacementDisk>();
        foreach (TopologyNode node in topology.Nodes)
        {
            foreach (string _ in node.Disks)
            {
                disks.Add(new PlacementDisk(new DiskId((uint)disks.Count + 1), node.Name, node.Zone, 1));
            }
        }

        LayoutVerdict verdict = LayoutCheck.Judge(new Topology(disks), Of(topology.Layout));
        if (!verdict.Keeps)
        {
            throw new CommandFailedException(
                ExitCode.Failed, $"the layout does not keep its promise: {verdict.Reason}; {(verdict.Offer is { } offer ? $"{offer} does" : "no layout does on these disks")}");
        }
    }
}
