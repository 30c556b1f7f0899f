using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Proofs.Placement;

/// <summary>Topologies and failures to try.</summary>
internal static class PlacementSamples
{
    /// <summary>Disks by zone and node: <c>shape[zone][node]</c> is a number of disks.</summary>
    internal static readonly Gen<int[][]> Shapes = Gen.Int[1, 3].Array[1, 3].Array[1, 4];

    internal static readonly Gen<Losses> SmallLosses = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], (z, n, d) => new Losses(z, n, d));

    internal static Topology Build(int[][] shape, Func<int, long>? weight = null)
    {
        var disks = new List<PlacementDisk>();
        for (int zone = 0; zone < shape.Length; zone++)
        {
            for (int node = 0; node < shape[zone].Length; node++)
            {
                for (int disk = 0; disk < shape[zone][node]; disk++)
                {
                    int number = disks.Count + 1;
                    disks.Add(new PlacementDisk(new DiskId((uint)number), new NodeId($"n{zone}{node}"), $"z{zone}", weight?.Invoke(number) ?? 1));
                }
            }
        }

        return new Topology(disks);
    }

    /// <summary>Every set of disks that failures within the budget can take, maximal ones only.</summary>
    internal static IEnumerable<HashSet<DiskId>> Failures(Topology topology, Losses losses)
    {
        string[] zones = [.. topology.Zones.Select(zone => zone.Name)];
        foreach (string[] lostZones in Subsets(zones, losses.Zones))
        {
            PlacementNode[] nodes = [.. topology.Zones.Where(zone => !lostZones.Contains(zone.Name)).SelectMany(zone => zone.Nodes)];
            foreach (PlacementNode[] lostNodes in Subsets(nodes, losses.Nodes))
            {
                PlacementDisk[] rest = [.. nodes.Except(lostNodes).SelectMany(node => node.Disks)];
                foreach (PlacementDisk[] lostDisks in Subsets(rest, losses.Disks))
                {
                    yield return
                    [
                        .. topology.Disks.Where(disk => lostZones.Contains(disk.Zone) || lostNodes.Any(node => node.Name == disk.Node)).Select(disk => disk.Id),
                        .. lostDisks.Select(disk => disk.Id),
                    ];
                }
            }
        }
    }

    internal static IEnumerable<T[]> Subsets<T>(T[] items, int size)
    {
        size = Math.Min(size, items.Length);
        return Of(0, size);

        IEnumerable<T[]> Of(int from, int left)
        {
            if (left == 0)
            {
                yield return [];
                yield break;
            }

            for (int first = from; first <= items.Length - left; first++)
            {
                foreach (T[] others in Of(first + 1, left - 1))
                {
                    yield return [items[first], .. others];
                }
            }
        }
    }
}
