using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Placement;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Measuring;

/// <summary>One node lost for good and its shards built again on the others. Times are virtual.</summary>
/// <param name="Detection">From the loss to the first shard being sent elsewhere.</param>
/// <param name="Rebuild">From there to every group being complete.</param>
/// <param name="Bytes">Of the shards built.</param>
/// <param name="PoolDisks">Disks that were left.</param>
internal sealed record MeasuredLoss(TimeSpan Detection, TimeSpan Rebuild, long Bytes, int PoolDisks);

/// <summary>What was seen of scrubbing.</summary>
/// <param name="Planted">Shards in which a bit was turned over, at rest.</param>
/// <param name="Found">Of those, found and mended within one period of scrubbing and a tenth.</param>
/// <param name="Passes">How long full passes over a disk took.</param>
internal sealed record MeasuredScrubbing(int Planted, int Found, IReadOnlyList<TimeSpan> Passes);

/// <summary>A region at the server's own paces, looked at while it loses a node for good, again and again, and while bits rot: how soon it notices, how fast it mends, what scrubbing finds.</summary>
internal sealed class MeasuredRegion(SimWorld world)
{
    /// <summary>Bytes per second that repair may move on each node: 20 MB/s of each disk, what the durability report assumes.</summary>
    internal const long RepairBytesPerSecond = 2 * DiskRepairBytesPerSecond;

    /// <summary>k.</summary>
    internal const int DataShards = 3;

    /// <summary>Bytes of objects that the region holds.</summary>
    internal const long DataBytes = (long)ObjectCount * ObjectBytes;

    private const int DiskRepairBytesPerSecond = 20_000_000;
    private const int NodeCount = 6;
    private const int DisksPerNode = 2;
    private const int ObjectCount = 160;
    private const int ObjectBytes = 1 << 20;
    private const int RotDistanceBytes = 1 << 19;

    /// <summary>Time in which scrubbing reads everything once; short, for the days of the server's default say nothing that minutes do not.</summary>
    internal static readonly TimeSpan ScrubPeriod = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromHours(3);

    private readonly SimRegion _region = new(world, new RegionShape
    {
        NodeCount = NodeCount,
        DataDiskCount = DisksPerNode,
        Layout = new Layout(DataShards, 3, new Losses(1, 0, 1), new Losses(1, 0, 0), 1),
        PlacementGroupCount = 48,
        ChunkSizeBytes = ObjectBytes,
        HasServerPaces = true,
        RepairBytesPerSecond = RepairBytesPerSecond,
        ScrubPeriod = ScrubPeriod,
    });

    private readonly SortedSet<(long Disk, long Number, long Index)> _healed = [];
    private readonly SortedDictionary<string, List<TimeSpan>> _roundEnds = [];
    private long _built;

    internal async Task<(IReadOnlyList<MeasuredLoss> Losses, MeasuredScrubbing Scrubbing)> RunAsync(int incidents)
    {
        world.Log.Heard = Hear;
        await _region.StartAsync();
        var objects = new ColdObjects(world, _region, ObjectCount, ObjectBytes);
        await objects.WriteAsync();

        // First, for then every shard that is written is one that counts.
        MeasuredScrubbing scrubbing = await ScrubAsync();
        var losses = new List<MeasuredLoss>();
        for (int incident = 0; incident < incidents; incident++)
        {
            losses.Add(await LoseNodeAsync(_region.Nodes[incident % NodeCount]));
        }

        SortedSet<int> lost = await objects.ReadAsync();
        if (lost.Count > 0)
        {
            throw new PromiseBrokenException("durable", $"{lost.Count} of {ObjectCount} objects are lost after {incidents} nodes, one at a time");
        }

        return (losses, scrubbing);
    }

    private async Task<MeasuredLoss> LoseNodeAsync(RegionRunner node)
    {
        ClusterMap before = _region.Map;
        SortedSet<DiskId> gone = [.. before.Disks.Values.Where(disk => disk.Node.Value == node.Name && disk.State == MemberState.In).Select(static disk => disk.Id)];
        int others = before.Disks.Values.Count(disk => disk.State == MemberState.In) - gone.Count;
        _built = 0;
        TimeSpan failed = world.Now;
        world.Fault("node-lost", node.Name);
        node.Machine.Crash();
        await UntilAsync(() => _region.Map.Groups.Any(group => Uses(before.Groups[group.Number], gone) && !Uses(group, gone)));
        TimeSpan detected = world.Now;
        await UntilAsync(() => _region.Map.Groups.All(group => group.IsClean && !Uses(group, gone)));
        TimeSpan whole = world.Now;
        long built = _built;
        for (int disk = 1; disk <= DisksPerNode; disk++)
        {
            node.Machine.WipeDisk(disk);
        }

        await node.StartAsync();

        // The empty disks are given their share a little later.
        await world.Clock.DelayAsync(Settling);
        await UntilAsync(() => _region.Nodes.All(static other => other.IsServing) && _region.Map.Groups.All(static group => group.IsClean));
        while (!await _region.IsWholeAsync())
        {
            await world.Clock.DelayAsync(Poll);
        }

        return new MeasuredLoss(detected - failed, whole - detected, built, others);
    }

    private static bool Uses(PlacementGroup group, SortedSet<DiskId> disks) => disks.Any(group.Uses);

    private async Task<MeasuredScrubbing> ScrubAsync()
    {
        _roundEnds.Clear();
        int planted = 0;
        SimDisk[] disks = [.. _region.Nodes.SelectMany(static node => node.Machine.Disks.Skip(1))];
        for (int number = 0; number < disks.Length; number++)
        {
            // Disks are filled in the same order, so each gets its own stretch: else the shards of one chunk would rot on more disks than any layout survives.
            List<(string Name, long Offset)> places = Places(disks[number]);
            foreach ((string name, long offset) in places.Skip(places.Count * number / disks.Length).Take((places.Count / disks.Length) - 1))
            {
                disks[number].Rot(name, offset);
                planted++;
            }
        }

        await world.Clock.DelayAsync(ScrubPeriod * 1.1);
        int found = _healed.Count;

        // Two more, so that there are some from end to end.
        await world.Clock.DelayAsync(ScrubPeriod * 2.2);
        return new MeasuredScrubbing(planted, found, [.. _roundEnds.Values.SelectMany(static ends => ends.Skip(DisksPerNode).Select((end, before) => end - ends[before]))]);
    }

    /// <summary>Places with shards, in the order written, so far apart that no two are in one shard.</summary>
    private static List<(string Name, long Offset)> Places(SimDisk disk)
    {
        var places = new List<(string, long)>();
        foreach (string name in disk.Names.Where(static name => name.StartsWith("extent-", StringComparison.Ordinal)))
        {
            for (long offset = RotDistanceBytes / 2; offset < disk.LengthBytes(name); offset += RotDistanceBytes)
            {
                if (disk.HasContent(name, offset))
                {
                    places.Add((name, offset));
                }
            }
        }

        return places;
    }

    private void Hear(TraceEvent heard)
    {
        if (heard is { Area: "repair", Name: "healed" })
        {
            _healed.Add((Number(heard, "disk"), Number(heard, "number"), Number(heard, "index")));
        }
        else if (heard is { Area: "repair", Name: "pass-ended" })
        {
            _built += Number(heard, "bytes");
        }
        else if (heard is { Area: "extents", Name: "scrub-round" } && Number(heard, "bytes") > 0)
        {
            // The disks of a node end their passes in turn, for all take the same time.
            if (!_roundEnds.TryGetValue(heard.Node, out List<TimeSpan>? ends))
            {
                _roundEnds.Add(heard.Node, ends = []);
            }

            ends.Add(heard.At);
        }
    }

    private static long Number(TraceEvent heard, string field) => heard.Fields.First(known => known.Name == field).Number;

    private async Task UntilAsync(Func<bool> isTrue)
    {
        TimeSpan end = world.Now + Patience;
        while (!isTrue())
        {
            if (world.Now > end)
            {
                throw new PromiseBrokenException("converges", $"not whole again {Patience} after the loss of a node");
            }

            await world.Clock.DelayAsync(Poll);
        }
    }
}
