using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Placement;
using Xunit;

namespace ObjectStore.Engine.Proofs.Placement;

/// <summary>Goal: slots are spread as the layout counts on, evenly, and move only where they must. Method: random topologies; disks come and go.</summary>
public sealed class SlotPlannerTests
{
    private const int Groups = 24;

    private static readonly Gen<(int[][] Shape, int Shards)> Cases =
        Gen.Select(PlacementSamples.Shapes, Gen.Int[1, 8]).Select(draw => (draw.Item1, Math.Min(draw.Item2, draw.Item1.Sum(zone => zone.Sum()))));

    [Fact]
    public void No_disk_node_or_zone_takes_more_of_a_group_than_its_share() =>
        Cases.Sample(draw =>
        {
            Topology topology = PlacementSamples.Build(draw.Shape);
            AssertSpread(topology, draw.Shards, Settle(topology, topology, Empty(draw.Shards)));
        });

    [Fact]
    public void Equal_disks_of_equal_zones_hold_nearly_equal_numbers_of_slots() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 9]).Sample((zones, nodes, disks, shards) =>
        {
            int[][] shape = [.. Enumerable.Repeat(Enumerable.Repeat(disks, nodes).ToArray(), zones)];
            Topology topology = PlacementSamples.Build(shape);
            shards = Math.Min(shards, topology.Disks.Count);
            SortedDictionary<DiskId, int> loads = Loads(topology, Settle(topology, topology, Empty(shards)));
            // Not one: a last slot may have no disk left that is in no other slot of its group.
            Assert.True(loads.Values.Max() - loads.Values.Min() <= 2, string.Join(' ', loads.Values));
        });

    [Fact]
    public void A_disk_twice_as_large_holds_about_twice_as_much()
    {
        Topology topology = PlacementSamples.Build([[4], [4], [4]], number => number % 2 + 1);
        SortedDictionary<DiskId, int> loads = Loads(topology, Settle(topology, topology, Empty(3, groups: 120)));
        Assert.All(topology.Disks, disk => Assert.InRange(loads[disk.Id], (20 * disk.Weight) - 1, (20 * disk.Weight) + 1));
    }

    [Fact]
    public void Only_the_slots_of_a_disk_that_goes_have_to_move() =>
        Cases.Sample(draw =>
        {
            Topology topology = PlacementSamples.Build(draw.Shape);
            DiskId[][] before = Settle(topology, topology, Empty(draw.Shards));
            DiskId gone = topology.Disks.First().Id;
            var rest = new Topology(topology.Disks.Where(disk => disk.Id != gone));
            IReadOnlyList<SlotMove> moves = SlotPlanner.Plan(topology, rest, draw.Shards, before, static (_, _) => false, static _ => true, int.MaxValue);
            Assert.All(moves, move => Assert.Equal(gone, before[move.Group][move.Slot]));
            Assert.Equal(moves.Count, moves.DistinctBy(move => (move.Group, move.Slot)).Count());

            // Each gets another disk unless every other one is in its group already.
            Assert.True(rest.Disks.Count < draw.Shards || moves.Count == before.Sum(group => group.Count(disk => disk == gone)));
            Assert.All(Apply(before, moves), group => Assert.Equal(group.Count(disk => disk != gone), group.Where(disk => disk != gone).Distinct().Count()));
        });

    [Fact]
    public void A_disk_that_comes_only_receives()
    {
        Topology large = PlacementSamples.Build([[2, 2], [2, 2], [2, 2]]);
        DiskId fresh = large.Disks.Last().Id;
        var small = new Topology(large.Disks.Where(disk => disk.Id != fresh));
        DiskId[][] before = Settle(small, small, Empty(6, groups: 60));
        IReadOnlyList<SlotMove> moves = SlotPlanner.Plan(large, large, 6, before, static (_, _) => true, static _ => true, int.MaxValue);
        Assert.NotEmpty(moves);
        Assert.All(moves, move => Assert.Equal(fresh, move.To));
        AssertSpread(large, 6, Apply(before, moves));
    }

    [Fact]
    public void A_lost_zone_crowds_the_others_only_where_there_is_no_other_way()
    {
        Topology topology = PlacementSamples.Build([[3], [3], [3]]);
        DiskId[][] before = Settle(topology, topology, Empty(6));
        var rest = new Topology(topology.Disks.Where(disk => disk.Zone != "z2"));
        DiskId[][] after = Apply(before, SlotPlanner.Plan(topology, rest, 6, before, static (_, _) => true, static _ => true, int.MaxValue));
        Assert.All(after, group => Assert.Equal(6, group.Distinct().Count(disk => rest.Find(disk) is not null)));

        // The zone comes back: its share moves back.
        DiskId[][] healed = Settle(topology, topology, after);
        AssertSpread(topology, 6, healed);
    }

    [Fact]
    public void Disks_that_do_not_answer_keep_their_slots_and_get_none()
    {
        Topology topology = PlacementSamples.Build([[3], [3], [3]]);
        DiskId silent = topology.Disks.First().Id;
        DiskId[][] slots = Empty(3);
        IReadOnlyList<SlotMove> moves = SlotPlanner.Plan(topology, topology, 3, slots, static (_, _) => true, disk => disk != silent, int.MaxValue);
        Assert.DoesNotContain(moves, move => move.To == silent);
        Assert.Equal(3 * Groups, moves.Count);
    }

    private static void AssertSpread(Topology topology, int shards, DiskId[][] slots)
    {
        Spread spread = Spread.Of(topology, shards)!.Value;
        foreach (DiskId[] group in slots)
        {
            PlacementDisk[] disks = [.. group.Select(disk => topology.Find(disk)!)];
            Assert.Equal(shards, disks.Distinct().Count());
            Assert.All(disks.GroupBy(disk => disk.Zone), zone => Assert.True(zone.Count() <= spread.PerZone, $"zone {zone.Key} has {zone.Count()}"));
            Assert.All(disks.GroupBy(disk => disk.Node), node => Assert.True(node.Count() <= spread.PerNode, $"node {node.Key} has {node.Count()}"));
        }
    }

    private static DiskId[][] Empty(int shards, int groups = Groups) => [.. Enumerable.Range(0, groups).Select(_ => new DiskId[shards])];

    /// <summary>Plans until nothing is left to do.</summary>
    private static DiskId[][] Settle(Topology members, Topology usable, DiskId[][] slots)
    {
        while (SlotPlanner.Plan(members, usable, slots[0].Length, slots, static (_, _) => true, static _ => true, 50) is { Count: > 0 } moves)
        {
            slots = Apply(slots, moves);
        }

        return slots;
    }

    private static DiskId[][] Apply(DiskId[][] slots, IReadOnlyList<SlotMove> moves)
    {
        DiskId[][] after = [.. slots.Select(group => group.ToArray())];
        foreach (SlotMove move in moves)
        {
            after[move.Group][move.Slot] = move.To;
        }

        return after;
    }

    private static SortedDictionary<DiskId, int> Loads(Topology topology, DiskId[][] slots)
    {
        var loads = new SortedDictionary<DiskId, int>(topology.Disks.ToDictionary(disk => disk.Id, _ => 0));
        foreach (DiskId disk in slots.SelectMany(group => group))
        {
            loads[disk]++;
        }

        return loads;
    }
}
