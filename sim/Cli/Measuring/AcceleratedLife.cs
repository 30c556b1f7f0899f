using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Measuring;

/// <summary>A layout, and how often disks fail while it is tried.</summary>
/// <param name="Code">As the reports name it, such as <c>2+1</c>.</param>
/// <param name="Layout">As the engine has it.</param>
/// <param name="MeanLife">Of a disk; tens of times as long as a repair, so that stripes are lost in minutes and the model's assumptions still hold.</param>
internal sealed record AcceleratedLayout(string Code, Layout Layout, TimeSpan MeanLife)
{
    /// <summary>What is tried unless told otherwise: one and two losses to spare, copies and codes.</summary>
    internal static readonly IReadOnlyList<AcceleratedLayout> All =
    [
        new("1+1", new Layout(1, 1, new Losses(0, 0, 1), default, 0), TimeSpan.FromMinutes(8)),
        new("2+1", new Layout(2, 1, new Losses(0, 0, 1), default, 0), TimeSpan.FromMinutes(12)),
        new("2+2", new Layout(2, 2, new Losses(0, 0, 2), default, 0), TimeSpan.FromMinutes(2)),
    ];
}

/// <summary>What came of one life. Times are virtual.</summary>
/// <param name="Losses">Objects, a stripe each, that the engine could not give back.</param>
/// <param name="StripeTime">Sum over the stripes of how long each was watched.</param>
/// <param name="DiskFailures">Disks that lost everything.</param>
/// <param name="DiskTime">Sum over the disks of the time in which they could fail: not between a failure and its repair.</param>
/// <param name="RepairTimes">Of each failure: from it until a shard of the disk was whole again elsewhere, the mean of its shards.</param>
/// <param name="GroupsLost">Placement groups of which, by the map, more shards were gone than the layout has parity; whether an object was in them is chance.</param>
internal sealed record LifeOutcome(int Losses, TimeSpan StripeTime, int DiskFailures, TimeSpan DiskTime, IReadOnlyList<TimeSpan> RepairTimes, int GroupsLost);

/// <summary>
/// One region of the engine from its founding to its first loss: objects are written, then disks fail for good at a rate many thousand times the real one, each at exponential times and
/// replaced by an empty one, until a stripe is lost. Then all is read back through the API, and what is not served is lost.
/// </summary>
internal sealed class AcceleratedLife(SimWorld world, AcceleratedLayout layout)
{
    private const int NodeCount = 3;
    private const int DisksPerNode = 4;
    private const int GroupCount = 12;
    private const int ObjectCount = 24;
    private const int ObjectBytes = 6_000;
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(2);
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PowerCycle = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    private readonly SimRegion _region = new(world, new RegionShape
    {
        NodeCount = NodeCount,
        ZoneCount = NodeCount,
        DataDiskCount = DisksPerNode,
        Layout = layout.Layout,
        PlacementGroupCount = GroupCount,
        HasServerPaces = true,
        OutAfter = GivenUpAfter,
    });

    private readonly SortedDictionary<int, int> _gone = [];
    private readonly SortedSet<int> _lost = [];
    private readonly List<TimeSpan> _repairs = [];
    private TimeSpan _diskTime;
    private int _failures;
    private TimeSpan? _end;

    internal async Task<LifeOutcome> RunAsync()
    {
        await _region.StartAsync();
        var objects = new ColdObjects(world, _region, ObjectCount, ObjectBytes);
        await objects.WriteAsync();
        TimeSpan begin = world.Now;
        var lives = new List<Task>();
        for (int node = 0; node < NodeCount; node++)
        {
            for (int disk = 1; disk <= DisksPerNode; disk++)
            {
                lives.Add(LiveAsync(_region.Nodes[node], disk, begin + LongestLife));
            }
        }

        await Task.WhenAll(lives);
        TimeSpan end = _end ?? world.Now;
        await world.Clock.DelayAsync(Settling);
        SortedSet<int> lost = await objects.ReadAsync();

        // Whatever is lost is lost within the last moments: the first group that goes ends the life.
        TimeSpan watched = (end - begin) * ObjectCount;
        return new LifeOutcome(lost.Count, watched, _failures, _diskTime, _repairs, _lost.Count);
    }

    /// <summary>Lets one disk fail again and again until a stripe is lost or time is up.</summary>
    private async Task LiveAsync(RegionRunner node, int disk, TimeSpan last)
    {
        while (true)
        {
            // Exponential, so a rest that is cut off at the end of the life needs no correction.
            TimeSpan due = world.Now + (layout.MeanLife * -Math.Log(1 - Uniform()));
            while (world.Now < due && _end is null && world.Now < last)
            {
                TimeSpan rest = due - world.Now < Poll ? due - world.Now : Poll;
                await world.Clock.DelayAsync(rest);
                _diskTime += rest;
            }

            if (_end is not null || world.Now >= last)
            {
                return;
            }

            // A machine that another disk takes down just now is up again in a moment.
            while (!node.Machine.IsUp)
            {
                await world.Clock.DelayAsync(Poll);
            }

            await FailAsync(node, disk);
        }
    }

    private async Task FailAsync(RegionRunner node, int disk)
    {
        TimeSpan failed = world.Now;
        ClusterMap map = _region.Map;
        string path = $"data{disk - 1}";
        DiskId old = map.Disks.Values.Where(record => record.Node.Value == node.Name && record.Path == path && record.State != MemberState.Removed).MaxBy(static record => record.Id)?.Id ?? DiskId.None;
        List<(int Group, int Slot)> missing = [.. map.Groups.SelectMany(group =>
            Enumerable.Range(0, group.Slots.Length).Where(slot => Holds(group.Slots[slot], old)).Select(slot => (group.Number, slot)))];
        _failures++;
        world.Fault("wipe", node.Name, new TraceField("number", disk, Text: null));
        node.Machine.Crash();
        node.Machine.WipeDisk(disk);
        Lose(missing);
        await world.Clock.DelayAsync(PowerCycle);
        await node.StartAsync();
        var moved = new SortedDictionary<(int Group, int Slot), ulong>();
        TimeSpan sum = TimeSpan.Zero;
        int count = missing.Count;
        while (missing.Count > 0 && _end is null)
        {
            await world.Clock.DelayAsync(Poll);
            map = _region.Map;
            foreach ((int Group, int Slot) shard in missing.ToArray())
            {
                PlacementGroup group = map.Groups[shard.Group];
                if (group.Slots[shard.Slot].Disk == old)
                {
                    continue;
                }

                // Elsewhere, and whole when a repair pass that began after that has ended.
                moved.TryAdd(shard, group.DirtySince);
                if (group.CleanAt >= moved[shard])
                {
                    missing.Remove(shard);
                    _gone[shard.Group]--;
                    sum += world.Now - failed;
                }
            }
        }

        if (count > 0 && missing.Count == 0)
        {
            _repairs.Add(sum / count);
        }
    }

    /// <summary>The shards of a slot that is being filled are still where they were.</summary>
    private static bool Holds(SlotRecord slot, DiskId disk) => slot.Source.IsSome ? slot.Source == disk : slot.Disk == disk;

    private void Lose(List<(int Group, int Slot)> shards)
    {
        foreach ((int group, _) in shards)
        {
            _gone[group] = _gone.GetValueOrDefault(group) + 1;
            if (_gone[group] > layout.Layout.ParityShards && _lost.Add(group))
            {
                _end ??= world.Now;
            }
        }
    }

    private double Uniform() => (world.Entropy.NextUInt64() >> 11) * (1.0 / (1UL << 53));
}
