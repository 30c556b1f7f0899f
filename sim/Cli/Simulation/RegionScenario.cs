using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Placement;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Clients that run a workload against a region of several nodes in zones while troubles happen to it; then it must converge, everything is read back, and the history is checked.</summary>
internal sealed record RegionScenario
{
    private const int ThinkMillisecondsMax = 200;
    private const int ChunkSizeBytes = 24 * 1024;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Virtual time in which a region without troubles must serve on all nodes with all replicas caught up.</summary>
    private static readonly TimeSpan ConvergenceMax = TimeSpan.FromSeconds(60);

    /// <summary>What the clients do.</summary>
    internal required IWorkload Workload { get; init; }

    /// <summary>What goes wrong.</summary>
    internal RegionFaultPlan Faults { get; init; } = RegionFaultPlan.None;

    /// <summary>Nodes; spread over the zones in turn.</summary>
    internal int NodeCount { get; init; } = 5;

    /// <summary>Zones.</summary>
    internal int ZoneCount { get; init; } = 3;

    /// <summary>Disks for shards on each node, besides the one for metadata.</summary>
    internal int DataDiskCount { get; init; } = 2;

    /// <summary>How chunks are cut, and what that must survive.</summary>
    internal Layout Layout { get; init; } = new(3, 3, new Losses(1, 0, 1), new Losses(1, 0, 0), 1);

    /// <summary>Placement groups.</summary>
    internal int PlacementGroupCount { get; init; } = 8;

    /// <summary>Clients at the same time.</summary>
    internal int ClientCount { get; init; } = 4;

    /// <summary>Entries that a log keeps behind what is applied; few, so that replicas that were away need snapshots.</summary>
    internal int LogKeptEntries { get; init; } = 64 * 1024;

    /// <summary>Steps of each client.</summary>
    internal int StepCount { get; init; } = 15;

    /// <summary>When ranges of keys are split, put together and moved; by default never in a run as short as these.</summary>
    internal ShardGroupsOptions Shards { get; init; } = new();

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Workload.Description, Run) { Cost = 10 };

    private ScenarioRun Run(ScenarioContext context) =>
        context.Execute(
            new SimOptions { RareActivePerMillion = 300_000, TimeLimit = TimeSpan.FromHours(1), StepLimit = 20_000_000 },
            world => world.Run(() => DriveAsync(world)));

    private async Task DriveAsync(SimWorld world)
    {
        var raft = new RaftTraceChecker();
        var nodes = new List<RegionRunner>();
        var members = new List<RegionNode>();
        for (int number = 0; number < NodeCount; number++)
        {
            SimNode machine = world.CreateNode(NameOf(number), diskCount: 1 + DataDiskCount);
            nodes.Add(new RegionRunner(machine, Options(number), raft));
            members.Add(new RegionNode(machine, ZoneOf(number)));
        }

        foreach (RegionRunner node in nodes)
        {
            await node.StartAsync();
        }

        await ConvergeAsync(world, nodes, "a fresh region");
        var clients = new RecordedClients(world, nodes, Workload);
        await clients.PrepareAsync("region");
        List<Task> running = clients.Start(
            ClientCount, StepCount, LinkFaults.None, static draws => TimeSpan.FromMilliseconds(1 + draws.Next(ThinkMillisecondsMax, "think")));
        var driver = new RegionFaultDriver(
            world, members, Faults, member => nodes.Find(node => node.Machine == member.Machine)!.StartAsync(), () => IsWholeAsync(nodes));
        await driver.RunAsync();
        await Task.WhenAll(running);
        await ConvergeAsync(world, nodes, "all troubles are over");
        await RegionAudit.CheckAsync(world, nodes);
        await Workload.ReadBackAsync(clients.NewReader());
        clients.EmitCounts();
        raft.Check();
        clients.Check(pagesMayEndEarly: true, isDurable: true, servesSince: "all troubles are over");
    }

    private ClusterNodeOptions Options(int number)
    {
        NodeOptions small = SimNodeOptions.Small(RecordedClients.AccessKey, RecordedClients.SecretKey);
        return new ClusterNodeOptions
        {
            Root = small.Root,
            Zone = ZoneOf(number),
            MetadataNodes = [.. Enumerable.Range(0, NodeCount).Select(static number => new NodeId(NameOf(number)))],

            // Batches of a Raft log and of a snapshot are larger than those of a single node.
            Store = small.Store with { Rows = small.Store.Rows with { LogSegmentBytes = 4 * 1024 * 1024 } },
            Limits = small.Metadata.Limits,
            Shards = Shards,
            Gateway = small.Gateway,
            Raft = new RaftHostOptions { TickInterval = TimeSpan.FromMilliseconds(50), ElectionTicks = 10, HeartbeatTicks = 2, LogBatchBytesMax = 1024 * 1024, LogKeptEntries = LogKeptEntries },
            Client = new GroupClientOptions { Deadline = TimeSpan.FromSeconds(4), CommandTimeout = TimeSpan.FromSeconds(3), QueryTimeout = TimeSpan.FromMilliseconds(500) },
            Layout = Layout,
            GroupCount = PlacementGroupCount,
            DataStore = small.Store,
            Io = new ChunkIoOptions
            {
                ChunkSizeBytes = ChunkSizeBytes,
                PutTimeout = TimeSpan.FromMilliseconds(500),
                GetTimeout = TimeSpan.FromMilliseconds(300),
                WriteDeadline = TimeSpan.FromSeconds(4),
                ReadDeadline = TimeSpan.FromSeconds(4),
                LatePatience = TimeSpan.FromMilliseconds(50),
            },
            Map = new MapOptions
            {
                BeatInterval = TimeSpan.FromMilliseconds(200),
                BeatTimeout = TimeSpan.FromMilliseconds(400),
                DownAfter = TimeSpan.FromSeconds(1),
                OutAfter = TimeSpan.FromSeconds(5),
                LeaseDuration = TimeSpan.FromSeconds(3),
                KeepInterval = TimeSpan.FromMilliseconds(200),
                CommandTimeout = TimeSpan.FromSeconds(1),
            },
            Repair = new RepairOptions
            {
                LookInterval = TimeSpan.FromMilliseconds(200),
                RetryDelay = TimeSpan.FromSeconds(1),
                HealInterval = TimeSpan.FromSeconds(1),
                StrayInterval = TimeSpan.FromSeconds(2),
                SilenceMax = TimeSpan.FromSeconds(2),
                ListMax = 64,
                BlobsMax = 16,
            },
            DiskInterval = TimeSpan.FromMilliseconds(500),
        };
    }

    private string ZoneOf(int number) => $"zone{number % ZoneCount}";

    private static string NameOf(int number) => $"node{number}";

    private static async Task ConvergeAsync(SimWorld world, List<RegionRunner> nodes, string when)
    {
        TimeSpan end = world.Now + ConvergenceMax;
        while (!(nodes.TrueForAll(static node => node.IsServing) && await IsWholeAsync(nodes)))
        {
            if (world.Now > end)
            {
                string missing = string.Join(' ', nodes.Where(static node => !node.IsServing).Select(static node => node.Name));
                throw new PromiseBrokenException("converges", $"{when} for {ConvergenceMax}, and these nodes do not serve: {missing}; whole: {await IsWholeAsync(nodes)}");
            }

            await world.Clock.DelayAsync(Poll);
        }
    }

    /// <summary>Every group has one leader that every voter follows and has caught up with, and every shard is where it belongs.</summary>
    private static async Task<bool> IsWholeAsync(List<RegionRunner> nodes)
    {
        var leaders = new SortedDictionary<GroupId, RaftStatus?>();
        RepairOverview? redundancy = null;
        foreach (RegionRunner node in nodes)
        {
            IReadOnlyList<RaftStatus> statuses = await node.StatusesAsync();
            if (statuses.Count == 0)
            {
                return false;
            }

            foreach (RaftStatus status in statuses)
            {
                RaftStatus? known = leaders.GetValueOrDefault(status.Group);
                leaders[status.Group] = status.Role == RaftRole.Leader && (known is null || status.Term > known.Term) ? status : known;
            }

            redundancy = await node.RepairAsync() ?? redundancy;
        }

        return redundancy is { Groups: > 0, Dirty: 0, Degraded: 0 } && leaders.Values.All(leader => IsWhole(leader, nodes.Count));
    }

    private static bool IsWhole(RaftStatus? leading, int nodeCount) =>
        leading is { IsMembershipCommitted: true }
            && !leading.Membership.IsJoint
            && leading.Membership.Voters.Count == nodeCount
            && leading.Peers.Where(peer => peer.Peer != leading.Self).All(peer => peer.IsActive && peer.Match >= leading.Commit);
}
