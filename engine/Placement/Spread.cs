using System;

namespace ObjectStore.Engine.Placement;

/// <summary>The most even spread of a chunk's shards over a topology: no zone, and no node within it, takes more than its share.</summary>
/// <param name="PerZone">Most shards of one chunk in one zone.</param>
/// <param name="PerNode">Most shards of one chunk on one node.</param>
/// <remarks>
/// The allowed sets of disks are the independent sets of a laminar matroid (a disk once, a node and a zone up to their caps), so any allowed set of fewer shards can be
/// completed, whichever disks were taken first; and what a set of failed disks can hold at most is its rank. Source: Oxley, "Matroid Theory", chapter 1 (laminar families).
/// </remarks>
public readonly record struct Spread(int PerZone, int PerNode)
{
    /// <summary>The spread of so many shards; null when there are fewer disks than shards.</summary>
    public static Spread? Of(Topology topology, int shards)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        if (topology.Disks.Count < shards)
        {
            return null;
        }

        int perZone = 1;
        while (new Spread(perZone, shards).Room(topology) < shards)
        {
            perZone++;
        }

        int perNode = 1;
        while (new Spread(perZone, perNode).Room(topology) < shards)
        {
            perNode++;
        }

        return new Spread(perZone, perNode);
    }

    /// <summary>The most of <paramref name="shards"/> shards of one chunk, placed in any allowed way, that these failures can take: exact, over all choices of what fails.</summary>
    public int WorstLoss(Topology topology, int shards, Losses losses)
    {
        ArgumentNullException.ThrowIfNull(topology);

        // More failures of a kind than shards take no more.
        int zones = int.Min(losses.Zones, topology.Zones.Count);
        int nodes = int.Min(losses.Nodes, shards);
        int disks = int.Min(losses.Disks, shards);
        var best = new int[zones + 1, nodes + 1, disks + 1];
        foreach (PlacementZone zone in topology.Zones)
        {
            AddZone(best, Contributions(zone), zones, nodes, disks);
        }

        return int.Min(best[zones, nodes, disks], shards);
    }

    /// <summary>Most shards of one chunk that the topology takes.</summary>
    private int Room(Topology topology)
    {
        int room = 0;
        foreach (PlacementZone zone in topology.Zones)
        {
            room += ZoneRoom(Contributions(zone));
        }

        return room;
    }

    private int ZoneRoom(int[] contributions)
    {
        int room = 0;
        foreach (int node in contributions)
        {
            room += node;
        }

        return int.Min(room, PerZone);
    }

    // What each node can hold of one chunk, most first.
    private int[] Contributions(PlacementZone zone)
    {
        var each = new int[zone.Nodes.Count];
        for (int node = 0; node < each.Length; node++)
        {
            each[node] = int.Min(PerNode, zone.Nodes[node].Disks.Count);
        }

        Array.Sort(each);
        Array.Reverse(each);
        return each;
    }

    private void AddZone(int[,,] best, int[] contributions, int zones, int nodes, int disks)
    {
        int whole = ZoneRoom(contributions);
        int[,] partial = PartialLosses(contributions, nodes, disks);

        // From large budgets to small, so that the zone counts once.
        for (int z = zones; z >= 0; z--)
        {
            for (int n = nodes; n >= 0; n--)
            {
                for (int d = disks; d >= 0; d--)
                {
                    int most = z > 0 ? best[z - 1, n, d] + whole : 0;
                    for (int a = 0; a <= n; a++)
                    {
                        for (int b = 0; b <= d; b++)
                        {
                            most = int.Max(most, best[z, n - a, d - b] + partial[a, b]);
                        }
                    }

                    best[z, n, d] = most;
                }
            }
        }
    }

    private int[,] PartialLosses(int[] contributions, int nodes, int disks)
    {
        int all = 0;
        foreach (int node in contributions)
        {
            all += node;
        }

        var partial = new int[nodes + 1, disks + 1];
        int lost = 0;
        for (int a = 0; a <= nodes; a++)
        {
            lost += a > 0 && a <= contributions.Length ? contributions[a - 1] : 0;
            for (int b = 0; b <= disks; b++)
            {
                partial[a, b] = int.Min(PerZone, lost + int.Min(b, all - lost));
            }
        }

        return partial;
    }
}
