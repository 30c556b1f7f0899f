using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Placement;

/// <summary>Decides when enough shards of a chunk are durable.</summary>
/// <remarks>
/// The rule: at least k and <see cref="Layout.SpareMin"/> are there, and what is missing could all be taken by failures within <see cref="Layout.Write"/>. Then the promise holds for the chunk as if it
/// were whole: failures within <see cref="Layout.Read"/> that include those that made the shards miss take nothing more from it than from a whole chunk, and of a whole chunk they leave k.
/// </remarks>
public static class WriteQuorum
{
    /// <summary>Whether a chunk counts as written.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="slots"><c>slots[k + m]</c>: the disk of each; null where the map has none, which is damage that is known and being repaired.</param>
    /// <param name="acknowledged"><c>acknowledged[k + m]</c>.</param>
    public static bool Accepts(Layout layout, IReadOnlyList<PlacementDisk?> slots, IReadOnlyList<bool> acknowledged)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(acknowledged);
        Invariant.Check(slots.Count == layout.TotalShards && acknowledged.Count == slots.Count, "a slot for every shard");
        int there = 0;
        var missing = new SortedDictionary<string, SortedDictionary<NodeId, int>>(StringComparer.Ordinal);
        for (int slot = 0; slot < slots.Count; slot++)
        {
            if (acknowledged[slot])
            {
                there++;
            }
            else if (slots[slot] is { } disk)
            {
                if (!missing.TryGetValue(disk.Zone, out SortedDictionary<NodeId, int>? nodes))
                {
                    missing.Add(disk.Zone, nodes = []);
                }

                nodes[disk.Node] = nodes.GetValueOrDefault(disk.Node) + 1;
            }
        }

        return there >= layout.DataShards + layout.SpareMin && Covers(layout.Write, [.. missing.Values], 0, layout.Write.Zones, []);
    }

    // Tries every choice of lost zones; the rest is covered best by the nodes that miss most.
    private static bool Covers(Losses losses, List<SortedDictionary<NodeId, int>> zones, int from, int zonesLeft, List<int> rest)
    {
        if (from == zones.Count)
        {
            rest.Sort();
            int disks = 0;
            for (int node = 0; node < rest.Count - losses.Nodes; node++)
            {
                disks += rest[node];
            }

            return disks <= losses.Disks;
        }

        return (zonesLeft > 0 && Covers(losses, zones, from + 1, zonesLeft - 1, [.. rest]))
            || Covers(losses, zones, from + 1, zonesLeft, [.. rest, .. zones[from].Values]);
    }
}
