using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Faults;

/// <summary>A node of a region as the driver sees it.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Zone">Its zone.</param>
public sealed record RegionNode(SimNode Machine, string Zone);

/// <summary>Lets the troubles of a plan happen to a region, at moments drawn from the choices, several at once.</summary>
/// <remarks>
/// Within the promise, so that any loss is a bug: power losses keep what was synced and may hit everything; what is lost for good (a wiped disk) is one thing at a time, the next only
/// when <paramref name="isWhole"/> says that full redundancy is restored.
/// </remarks>
/// <param name="world">The world.</param>
/// <param name="nodes">The region.</param>
/// <param name="plan">What may happen.</param>
/// <param name="restart">Starts a node again; ends when its process runs, which says nothing about whether it can serve.</param>
/// <param name="isWhole">True when every shard is where it should be.</param>
public sealed class RegionFaultDriver(
    SimWorld world, IReadOnlyList<RegionNode> nodes, RegionFaultPlan plan, Func<RegionNode, Task> restart, Func<Task<bool>> isWhole)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private readonly SortedDictionary<(string From, string To), int> _cuts = [];
    private bool _isWiping;

    /// <summary>Runs the whole plan. Afterwards all nodes are up and all links and disks are healthy; clocks stay as they are.</summary>
    public async Task RunAsync()
    {
        world.Network.Default = world.Network.Default with { LossPerMillion = plan.LossPerMillion, RepeatPerMillion = plan.RepeatPerMillion };
        if (plan.DriftPerMillionMax > 0)
        {
            foreach (RegionNode node in nodes)
            {
                node.Machine.Clock.DriftPerMillion = world.Choices.Between(-plan.DriftPerMillionMax, plan.DriftPerMillionMax, "fault.drift");
            }
        }

        var troubles = new List<Task>();
        Add(plan.CrashCountMax, "fault.crashes", CrashAsync);
        Add(plan.ZoneOutageCountMax, "fault.zone-outages", ZoneOutageAsync);
        Add(plan.PartitionCountMax, "fault.partitions", () => PartitionAsync(oneWay: false));
        Add(plan.OneWayPartitionCountMax, "fault.one-way-partitions", () => PartitionAsync(oneWay: true));
        Add(plan.PairCutCountMax, "fault.pair-cuts", CutPairAsync);
        Add(plan.WipeCountMax, "fault.wipes", WipeAsync);
        Add(plan.SlowDiskCountMax, "fault.slow-disks", SlowDiskAsync);
        Add(plan.PauseCountMax, "fault.pauses", PauseAsync);
        Add(plan.WallJumpCountMax, "fault.wall-jumps", JumpAsync);
        if (plan.RotPerMillion > 0)
        {
            troubles.Add(RotAsync());
        }

        await Task.WhenAll(troubles);
        await HealAsync();

        void Add(int countMax, string what, Func<Task> trouble)
        {
            int count = countMax == 0 ? 0 : world.Choices.Next(countMax + 1, what);
            for (int index = 0; index < count; index++)
            {
                troubles.Add(trouble());
            }
        }
    }

    /// <summary>Takes every trouble away and starts what is down. What was lost stays lost.</summary>
    public async Task HealAsync()
    {
        _cuts.Clear();
        world.Network.Heal();
        world.Network.Default = new LinkOptions();
        foreach (RegionNode node in nodes)
        {
            foreach (SimDisk disk in node.Machine.Disks)
            {
                disk.Faults.Heal();
            }

            node.Machine.Resume();
            await UpAsync(node);
        }
    }

    private async Task CrashAsync()
    {
        await BeginAsync();
        RegionNode node = Draw("fault.crash-node");
        node.Machine.Crash();
        await LastAsync();
        await UpAsync(node);
    }

    private async Task ZoneOutageAsync()
    {
        await BeginAsync();
        string[] zones = [.. nodes.Select(static node => node.Zone).Distinct(StringComparer.Ordinal)];
        string zone = zones[world.Choices.Next(zones.Length, "fault.zone")];
        world.Trace.Emit(TraceLevel.Info, "fault", "zone-outage", ("zone", zone));
        foreach (RegionNode node in nodes.Where(node => node.Zone == zone))
        {
            node.Machine.Crash();
        }

        await LastAsync();
        foreach (RegionNode node in nodes.Where(node => node.Zone == zone))
        {
            await UpAsync(node);
        }
    }

    private async Task PartitionAsync(bool oneWay)
    {
        await BeginAsync();
        var left = new List<string>();
        var right = new List<string>();
        foreach (RegionNode node in nodes)
        {
            (world.Choices.Next(2, "fault.side") == 0 ? left : right).Add(node.Machine.Name);
        }

        world.Trace.Emit(
            TraceLevel.Info, "fault", oneWay ? "one-way-partition" : "partition", ("left", string.Join(' ', left)), ("right", string.Join(' ', right)));
        var cut = new List<(string From, string To)>();
        foreach (string from in left)
        {
            foreach (string to in right)
            {
                cut.Add((from, to));
                if (!oneWay)
                {
                    cut.Add((to, from));
                }
            }
        }

        await CutWhileAsync(cut);
    }

    private async Task CutPairAsync()
    {
        await BeginAsync();
        string first = Draw("fault.pair-first").Machine.Name;
        string second = Draw("fault.pair-second").Machine.Name;
        if (first != second)
        {
            world.Trace.Emit(TraceLevel.Info, "fault", "pair-cut", ("first", first), ("second", second));
            await CutWhileAsync([(first, second), (second, first)]);
        }
    }

    private async Task CutWhileAsync(List<(string From, string To)> links)
    {
        foreach ((string From, string To) link in links)
        {
            _cuts[link] = _cuts.GetValueOrDefault(link) + 1;
            world.Network[link.From, link.To] = world.Network[link.From, link.To] with { Cut = true };
        }

        await LastAsync();

        // Troubles overlap: a link is whole again when the last one that cut it has ended.
        foreach ((string From, string To) link in links)
        {
            _cuts[link]--;
            if (_cuts[link] == 0)
            {
                world.Network[link.From, link.To] = world.Network.Default;
            }
        }
    }

    private async Task WipeAsync()
    {
        await BeginAsync();
        while (_isWiping || !await isWhole())
        {
            await world.Clock.DelayAsync(Poll);
        }

        _isWiping = true;
        RegionNode node = Draw("fault.wipe-node");
        int disk = world.Choices.Next(node.Machine.Disks.Count, "fault.wipe-disk");
        node.Machine.Crash();
        node.Machine.WipeDisk(disk);
        await LastAsync();
        await UpAsync(node);
        while (!await isWhole())
        {
            await world.Clock.DelayAsync(Poll);
        }

        world.Trace.Mark("region-whole-after-wipe");
        _isWiping = false;
    }

    private async Task SlowDiskAsync()
    {
        const int FactorMax = 200;
        await BeginAsync();
        RegionNode node = Draw("fault.slow-node");
        int disk = world.Choices.Next(node.Machine.Disks.Count, "fault.slow-disk");
        node.Machine.Disks[disk].Faults.SlowFactor = 2 + world.Choices.Next(FactorMax, "fault.slow-factor");
        world.Trace.Emit(TraceLevel.Info, "fault", "slow-disk", ("node", node.Machine.Name), ("number", disk));
        await LastAsync();
        node.Machine.Disks[disk].Faults.SlowFactor = 1;
    }

    private async Task PauseAsync()
    {
        await BeginAsync();
        RegionNode node = Draw("fault.pause-node");
        node.Machine.Pause();
        await LastAsync();
        node.Machine.Resume();
    }

    private async Task JumpAsync()
    {
        const int SecondsMax = 600;
        await BeginAsync();
        Draw("fault.jump-node").Machine.Clock.WallOffset = TimeSpan.FromSeconds(world.Choices.Next((2 * SecondsMax) + 1, "fault.jump") - SecondsMax);
    }

    private async Task RotAsync()
    {
        RegionNode node = Draw("fault.rot-node");
        foreach (SimDisk disk in node.Machine.Disks.Skip(1))
        {
            disk.Faults.RotPerMillion = plan.RotPerMillion;
            disk.Faults.Spares = FaultAtlas.Spares;
        }

        await world.Clock.DelayAsync(plan.Window);
        foreach (SimDisk disk in node.Machine.Disks.Skip(1))
        {
            disk.Faults.RotPerMillion = 0;
        }
    }

    private Task UpAsync(RegionNode node) => node.Machine.IsUp ? Task.CompletedTask : restart(node);

    private RegionNode Draw(string what) => nodes[world.Choices.Next(nodes.Count, what)];

    private ValueTask BeginAsync() => DrawnDelayAsync(plan.Window, "fault.at");

    private ValueTask LastAsync() => DrawnDelayAsync(plan.DurationMax, "fault.for");

    private ValueTask DrawnDelayAsync(TimeSpan max, string what) =>
        world.Clock.DelayAsync(TimeSpan.FromMilliseconds(1 + world.Choices.Next((int)max.TotalMilliseconds, what)));
}
