using System;
using System.Collections.Generic;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>Judges whether disks may be emptied for good.</summary>
public static class Decommission
{
    /// <summary>Whether the layout keeps its promise on what is left without these disks.</summary>
    public static LayoutVerdict Judge(ClusterMap map, IReadOnlyCollection<DiskId> without)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(without);
        if (map.Layout is not { } layout)
        {
            return new LayoutVerdict(true, "", null);
        }

        var gone = new SortedSet<DiskId>(without);
        var left = new List<PlacementDisk>();
        foreach (PlacementDisk disk in map.ToTopology(usableOnly: true).Disks)
        {
            if (!gone.Contains(disk.Id))
            {
                left.Add(disk);
            }
        }

        return LayoutCheck.Judge(new Topology(left), layout);
    }
}
