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
    private TriggeredOutages? _triggered;
    private bool _isWiping;

    /// <summary>What may trigger an outage was told by a node; may be called from within the engine's own events.</summary>
    public void Seen(string node) => _triggered?.Seen(node);

    /// <summary>Runs the whole plan. Afterwards all nodes are up and all links and disks are healthy; clocks stay as they are.</summary>
    public async Task RunAsync()
    {
        _triggered = plan.TriggeredOutageCountMax > 0 ? new TriggeredOutages(world, nodes, plan.TriggeredOutageCountMax, UpAsync) : null;
        Task triggered = _triggered?.RunAsync() ?? Task.CompletedTask;
        world.Network.Default = world.Network.Default with { LossPerMillion = plan.LossPerMillion, RepeatPerMillion = plan.RepeatPerMillion };
        if (plan.DriftPerMillionMax > 0)
        {
            foreach (RegionNode node in nodes)
            {
                int drift = FaultDriver.Signed(world.Choices.Next((2 * plan.DriftPerMillionMax) + 1, $"fault.drift.{node.Machine.Name}?"));
                if (drift != 0)
                {
                    world.Fault("drift", node.Machine.Name, new TraceField("perMillion", drift, Text: null));
                    node.Machine.Clock.DriftPerMillion = drift;
                }
            }
        }

        var troubles = new List<Task>();
        Add(plan.CrashCountMax, "fault.crash", CrashAsync);
        Add(plan.ZoneOutageCountMax, "fault.zone-outage", ZoneOutageAsync);
        Add(plan.OutageCountMax, "fault.outage", OutageAsync);
        Add(plan.PartitionCountMax, "fault.partition", what => PartitionAsync(what, oneWay: false));
        Add(plan.OneWayPartitionCountMax, "fault.one-way-partition", what => PartitionAsync(what, oneWay: true));
        Add(plan.PairCutCountMax, "fault.pair-cut", CutPairAsync);
        Add(plan.SlowLinkCountMax, "fault.slow-link", SlowLinkAsync);
        Add(plan.WipeCountMax, "fault.wipe", WipeAsync);
        Add(plan.SlowDiskCountMax, "fault.slow-disk", SlowDiskAsync);
        Add(plan.AwayDiskCountMax, "fault.away-disk", AwayDiskAsync);
        Add(plan.SickDiskCountMax, "fault.sick-disk", SickDiskAsync);
        Add(plan.PauseCountMax, "fault.pause", PauseAsync);
        Add(plan.WallJumpCountMax, "fault.wall-jump", JumpAsync);
        if (plan.RotPerMillion > 0)
        {
            troubles.Add(RotAsync());
        }

        await Task.WhenAll(troubles);
        await HealAsync();
        _triggered?.End();
        await triggered;

        void Add(int countMax, string what, Func<string, Task> trouble)
        {
            for (int index = 0; index < countMax; index++)
            {
                if (world.Choices.Next(2, $"{what}?") != 0)
                {
                    troubles.Add(trouble($"{what}.{index}"));
                }
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

    private async Task CrashAsync(string what)
    {
        await BeginAsync(what);
        RegionNode node = Draw(what + ".node");
        world.Fault("crash", node.Machine.Name);
        node.Machine.Crash();
        await LastAsync(what);
        await UpAsync(node);
    }

    private async Task ZoneOutageAsync(string what)
    {
        await BeginAsync(what);
        string[] zones = [.. nodes.Select(static node => node.Zone).Distinct(StringComparer.Ordinal)];
        string zone = zones[world.Choices.Next(zones.Length, what + ".zone")];
        world.Trace.Emit(TraceLevel.Info, "fault", "zone-outage", ("zone", zone));
        foreach (RegionNode node in nodes.Where(node => node.Zone == zone))
        {
            node.Machine.Crash();
        }

        await LastAsync(what);
        foreach (RegionNode node in nodes.Where(node => node.Zone == zone))
        {
            await UpAsync(node);
        }
    }

    private async Task OutageAsync(string what)
    {
        const int FlickersMax = 3;
        const int LightMilliseconds = 400;
        await BeginAsync(what);
        int flickers = 1 + world.Choices.Next(FlickersMax, what + ".flickers");
        for (int flicker = 0; flicker < flickers; flicker++)
        {
            world.Trace.Emit(TraceLevel.Info, "fault", "outage", ("nodes", nodes.Count));
            foreach (RegionNode node in nodes)
            {
                node.Machine.Crash();
            }

            await Task.WhenAll(nodes.Select(async node =>
            {
                await LastAsync($"{what}.{flicker}.{node.Machine.Name}");
                await UpAsync(node);
            }));
            await DrawnDelayAsync(TimeSpan.FromMilliseconds(LightMilliseconds), $"{what}.{flicker}.light");
        }
    }

    private async Task PartitionAsync(string what, bool oneWay)
    {
        await BeginAsync(what);
        var left = new List<string>();
        var right = new List<string>();
        foreach (RegionNode node in nodes)
        {
            (world.Choices.Next(2, what + ".side") == 0 ? left : right).Add(node.Machine.Name);
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

        await CutWhileAsync(what, cut);
    }

    private async Task CutPairAsync(string what)
    {
        await BeginAsync(what);
        string first = Draw(what + ".first").Machine.Name;
        string second = Draw(what + ".second").Machine.Name;
        if (first != second)
        {
            world.Trace.Emit(TraceLevel.Info, "fault", "pair-cut", ("first", first), ("second", second));
            await CutWhileAsync(what, [(first, second), (second, first)]);
        }
    }

    private async Task CutWhileAsync(string what, List<(string From, string To)> links)
    {
        foreach ((string From, string To) link in links)
        {
            _cuts[link] = _cuts.GetValueOrDefault(link) + 1;
            world.Network[link.From, link.To] = world.Network[link.From, link.To] with { Cut = true };
        }

        await LastAsync(what);

        // Troubles overlap: a link is whole again when the last one that cut it has ended.
        foreach ((string From, string To) link in links)
        {
            _cuts[link]--;
            if (_cuts[link] == 0)
            {
                world.Network[link.From, link.To] = world.Network[link.From, link.To] with { Cut = false };
            }
        }
    }

    private async Task SlowLinkAsync(string what)
    {
        const int MillisecondsMax = 300;
        await BeginAsync(what);
        string slow = Draw(what + ".node").Machine.Name;
        bool isTowards = world.Choices.Next(2, what + ".direction") == 0;
        int milliseconds = 4 + world.Choices.Next(MillisecondsMax, what + ".delay");
        (string From, string To)[] links =
        [
            .. nodes.Select(static node => node.Machine.Name).Where(name => name != slow).Select(name => isTowards ? (name, slow) : (slow, name)),
        ];
        world.Trace.Emit(TraceLevel.Info, "fault", "slow-link", ("node", slow), ("milliseconds", milliseconds), ("towards", isTowards ? 1 : 0));
        Delay(TimeSpan.FromMilliseconds(milliseconds / 2), TimeSpan.FromMilliseconds(milliseconds));
        await LastAsync(what);
        Delay(world.Network.Default.DelayMin, world.Network.Default.DelayMax);

        void Delay(TimeSpan min, TimeSpan max)
        {
            foreach ((string from, string to) in links)
            {
                world.Network[from, to] = world.Network[from, to] with { DelayMin = min, DelayMax = max };
            }
        }
    }

    private async Task WipeAsync(string what)
    {
        await BeginAsync(what);
        while (_isWiping)
        {
            await world.Clock.DelayAsync(Poll);
        }

        _isWiping = true;
        try
        {
            await WholeAsync("before a disk is replaced");
            RegionNode node = Draw(what + ".node");
            int disk = world.Choices.Next(node.Machine.Disks.Count, what + ".disk");
            world.Fault("wipe", node.Machine.Name, new TraceField("number", disk, Text: null));
            node.Machine.Crash();
            node.Machine.WipeDisk(disk);
            await LastAsync(what);
            await UpAsync(node);
            await WholeAsync($"a disk of {node.Machine.Name} was replaced");
            world.Trace.Mark("region-whole-after-wipe");
        }
        finally
        {
            _isWiping = false;
        }
    }

    private async Task WholeAsync(string when)
    {
        TimeSpan end = world.Now + plan.WholeWithin;
        while (!await isWhole())
        {
            if (world.Now > end)
            {
                throw new PromiseBrokenException("converges", $"{when}, and in {plan.WholeWithin} the region does not become whole");
            }

            await world.Clock.DelayAsync(Poll);
        }
    }

    private async Task SlowDiskAsync(string what)
    {
        const int FactorMax = 200;
        await BeginAsync(what);
        RegionNode node = Draw(what + ".node");
        int disk = world.Choices.Next(node.Machine.Disks.Count, what + ".disk");
        node.Machine.Disks[disk].Faults.SlowFactor = 2 + world.Choices.Next(FactorMax, what + ".factor");
        world.Trace.Emit(TraceLevel.Info, "fault", "slow-disk", ("node", node.Machine.Name), ("number", disk));
        await LastAsync(what);
        node.Machine.Disks[disk].Faults.SlowFactor = 1;
    }

    private async Task AwayDiskAsync(string what)
    {
        await BeginAsync(what);
        (RegionNode node, int disk) = DrawDataDisk(what);
        world.Trace.Emit(TraceLevel.Info, "fault", "away-disk", ("node", node.Machine.Name), ("number", disk));
        node.Machine.Disks[disk].Faults.Gone = true;
        await LastAsync(what);
        node.Machine.Disks[disk].Faults.Gone = false;
    }

    private async Task SickDiskAsync(string what)
    {
        const int FailsPerMillion = 200_000;
        await BeginAsync(what);
        (RegionNode node, int disk) = DrawDataDisk(what);
        world.Trace.Emit(TraceLevel.Info, "fault", "sick-disk", ("node", node.Machine.Name), ("number", disk));
        node.Machine.Disks[disk].Faults.WriteFailsPerMillion = FailsPerMillion;
        await LastAsync(what);
        node.Machine.Disks[disk].Faults.WriteFailsPerMillion = 0;
    }

    private async Task PauseAsync(string what)
    {
        await BeginAsync(what);
        RegionNode node = Draw(what + ".node");
        world.Fault("pause", node.Machine.Name);
        node.Machine.Pause();
        await LastAsync(what);
        node.Machine.Resume();
    }

    private async Task JumpAsync(string what)
    {
        const int SecondsMax = 600;
        await BeginAsync(what);
        RegionNode node = Draw(what + ".node");
        int seconds = FaultDriver.Signed(world.Choices.Next((2 * SecondsMax) + 1, what + ".by"));
        world.Fault("wall-jump", node.Machine.Name, new TraceField("seconds", seconds, Text: null));
        node.Machine.Clock.WallOffset = TimeSpan.FromSeconds(seconds);
    }

    private async Task RotAsync()
    {
        RegionNode node = Draw("fault.rot-node");
        SimDiskFaults faults = node.Machine.Disks[1 + world.Choices.Next(node.Machine.Disks.Count - 1, "fault.rot-disk")].Faults;
        faults.RotPerMillion = plan.RotPerMillion;
        faults.Spares = FaultAtlas.Spares;
        await world.Clock.DelayAsync(plan.Window);
        faults.RotPerMillion = 0;
    }

    private Task UpAsync(RegionNode node) => node.Machine.IsUp ? Task.CompletedTask : restart(node);

    private RegionNode Draw(string what) => nodes[world.Choices.Next(nodes.Count, what)];

    private (RegionNode Node, int Disk) DrawDataDisk(string what)
    {
        RegionNode node = Draw(what + ".node");
        return (node, 1 + world.Choices.Next(node.Machine.Disks.Count - 1, what + ".disk"));
    }

    private ValueTask BeginAsync(string what) => DrawnDelayAsync(plan.Window, what + ".at");

    /// <summary>Half of the troubles last up to the whole time, the others up to an eighth or a sixty-fourth of it.</summary>
    private ValueTask LastAsync(string what)
    {
        ReadOnlySpan<int> parts = [64, 8, 1, 1];
        return DrawnDelayAsync(plan.DurationMax / parts[world.Choices.Next(parts.Length, what + ".scale")], what + ".for");
    }

    private ValueTask DrawnDelayAsync(TimeSpan max, string what) =>
        world.Clock.DelayAsync(TimeSpan.FromMilliseconds(1 + world.Choices.Next((int)max.TotalMilliseconds, what)));
}
