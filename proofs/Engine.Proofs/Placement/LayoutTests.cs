using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Placement;
using Xunit;

namespace ObjectStore.Engine.Proofs.Placement;

/// <summary>Goal: what a layout survives is told exactly, and a promise that is accepted is kept. Method: against every placement and every failure, by brute force.</summary>
public sealed class LayoutTests
{
    private static readonly Topology ThreeZones = PlacementSamples.Build([[3, 3], [3, 3], [3, 3]]);

    [Fact]
    public void The_worst_loss_is_that_of_the_worst_placement_and_the_worst_failure() =>
        Gen.Select(PlacementSamples.Shapes, Gen.Int[1, 6], PlacementSamples.SmallLosses).Sample(
            (shape, shards, losses) =>
            {
                Topology topology = PlacementSamples.Build(shape);
                if (topology.Disks.Count < shards || topology.Disks.Count > 12)
                {
                    return;
                }

                Spread spread = Spread.Of(topology, shards)!.Value;
                List<HashSet<DiskId>> failures = [.. PlacementSamples.Failures(topology, losses)];
                int worst = 0;
                foreach (PlacementDisk[] placed in PlacementSamples.Subsets(topology.Disks.ToArray(), shards))
                {
                    bool isAllowed = placed.GroupBy(disk => disk.Zone).All(zone => zone.Count() <= spread.PerZone)
                        && placed.GroupBy(disk => disk.Node).All(node => node.Count() <= spread.PerNode);
                    worst = isAllowed ? Math.Max(worst, failures.Max(failed => placed.Count(disk => failed.Contains(disk.Id)))) : worst;
                }

                Assert.Equal(worst, spread.WorstLoss(topology, shards, losses));
            },
            iter: 150);

    [Fact]
    public void The_spread_is_the_most_even_one() =>
        PlacementSamples.Shapes.Sample(shape =>
        {
            Topology topology = PlacementSamples.Build(shape);
            for (int shards = 1; shards <= topology.Disks.Count; shards++)
            {
                Spread spread = Spread.Of(topology, shards)!.Value;
                bool allZonesFit = topology.Zones.All(zone => zone.DiskCount >= (shards + topology.Zones.Count - 1) / topology.Zones.Count);
                Assert.True(!allZonesFit || spread.PerZone == (shards + topology.Zones.Count - 1) / topology.Zones.Count);
            }

            Assert.Null(Spread.Of(topology, topology.Disks.Count + 1));
        });

    [Fact]
    public void Ten_and_four_over_three_zones_is_refused_and_nine_and_six_offered()
    {
        LayoutVerdict verdict = LayoutCheck.Judge(ThreeZones, new Layout(10, 4, new Losses(1, 0, 1), new Losses(1, 0, 0), 1));
        Assert.False(verdict.Keeps);
        Assert.Contains("which leaves 8, and 10 are needed", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal("9+6", verdict.Offer!.ToString());
        Assert.True(LayoutCheck.Judge(ThreeZones, verdict.Offer).Keeps);
    }

    [Fact]
    public void Without_a_further_disk_ten_and_five_is_offered()
    {
        LayoutVerdict verdict = LayoutCheck.Judge(ThreeZones, new Layout(10, 4, new Losses(1, 0, 0), default, 0));
        Assert.Equal("10+5", verdict.Offer!.ToString());
    }

    [Fact]
    public void Too_few_disks_are_told()
    {
        LayoutVerdict verdict = LayoutCheck.Judge(PlacementSamples.Build([[1]]), new Layout(4, 2, default, default, 0));
        Assert.Contains("needs 6 disks, there are 1", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal("1+0", verdict.Offer!.ToString());
    }

    [Fact]
    public void Every_offer_keeps_what_was_asked() =>
        Gen.Select(PlacementSamples.Shapes, Gen.Int[1, 8], Gen.Int[0, 4], PlacementSamples.SmallLosses).Sample(
            (shape, k, m, losses) =>
            {
                Topology topology = PlacementSamples.Build(shape);
                LayoutVerdict verdict = LayoutCheck.Judge(topology, new Layout(k, m, losses, losses with { Disks = 0 }, 0));
                Assert.True(verdict.Keeps || verdict.Reason.Length > 0);
                Assert.True(verdict.Offer is null || LayoutCheck.Judge(topology, verdict.Offer).Keeps);
            });

    [Fact]
    public void A_chunk_that_counts_as_written_survives_what_was_promised() =>
        Gen.Select(PlacementSamples.Shapes, Gen.Int[1, 5], Gen.Int[0, 4], PlacementSamples.SmallLosses, Gen.Int[0, 2], Gen.Int[0, int.MaxValue]).Sample(
            (shape, k, m, read, spareMin, seed) =>
            {
                Topology topology = PlacementSamples.Build(shape);
                var random = new Random(seed);
                var write = new Losses(random.Next(read.Zones + 1), random.Next(read.Nodes + 1), random.Next(read.Disks + 1));
                var layout = new Layout(k, m, read, write, Math.Min(spareMin, m));
                if (topology.Disks.Count > 12 || !LayoutCheck.Judge(topology, layout).Keeps)
                {
                    return;
                }

                DiskId[][] slots = [new DiskId[layout.TotalShards]];
                foreach (SlotMove move in SlotPlanner.Plan(topology, topology, layout.TotalShards, slots, static (_, _) => true, static _ => true, 100))
                {
                    slots[move.Group][move.Slot] = move.To;
                }

                PlacementDisk?[] places = [.. slots[0].Select(topology.Find)];
                bool[] acknowledged = [.. places.Select(_ => random.Next(4) > 0)];
                DiskId[] there = [.. slots[0].Where((_, slot) => acknowledged[slot])];
                DiskId[] missing = [.. slots[0].Where((_, slot) => !acknowledged[slot])];
                List<HashSet<DiskId>> covers = [.. PlacementSamples.Failures(topology, write).Where(failed => failed.IsSupersetOf(missing))];
                bool accepts = WriteQuorum.Accepts(layout, places, acknowledged);
                Assert.Equal(there.Length >= k + layout.SpareMin && covers.Count > 0, accepts);
                foreach (HashSet<DiskId> failed in accepts ? PlacementSamples.Failures(topology, read).Where(failed => failed.IsSupersetOf(missing)) : [])
                {
                    Assert.True(there.Count(disk => !failed.Contains(disk)) >= k, "a promised failure leaves fewer than k shards");
                }
            },
            iter: 400);
}
