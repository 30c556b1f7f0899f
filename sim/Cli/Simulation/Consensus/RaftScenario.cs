using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>
/// One Raft group over real ordered stores and a table: clients that count keys up and read them on any replica, readers that never rest, an operator who moves leadership and members, troubles;
/// then all replicas must come together and hold what was acknowledged. Raft's own safety is watched in the trace.
/// </summary>
internal sealed record RaftScenario
{
    private static readonly TimeSpan ConvergenceMax = TimeSpan.FromSeconds(30);
    /// <summary>Two election timeouts, by the slowest clock, and the way of a message.</summary>
    private static readonly TimeSpan SteppingDownMax = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>One line for people.</summary>
    internal required string Description { get; init; }

    /// <summary>What goes wrong.</summary>
    internal RegionFaultPlan Faults { get; init; } = RegionFaultPlan.None;

    /// <summary>Nodes, each with a replica.</summary>
    internal int NodeCount { get; init; } = 3;

    /// <summary>How often the operator moves leadership or members.</summary>
    internal int MoveCount { get; init; }

    /// <summary>Whether leaders answer reads from their lease.</summary>
    internal bool LeaseReads { get; init; } = true;

    /// <summary>Ticks of 10 ms between two words of a leader; an election timeout has ten of them.</summary>
    internal int HeartbeatTicks { get; init; } = 2;

    /// <summary>Entries of one message, in bytes: few, so that a follower hears of a log in pieces.</summary>
    internal int AppendBytesMax { get; init; } = 4 * 1024;

    /// <summary>How far the clocks of the nodes may run apart, in millionths: what leases allow for.</summary>
    internal int ClockDriftPerMillionMax { get; init; } = 50_000;

    /// <summary>Clients, each with a key of its own.</summary>
    internal int ClientCount { get; init; } = 3;

    /// <summary>Requests of each client.</summary>
    internal int StepCount { get; init; } = 25;

    /// <summary>Rows that each client writes besides its key, which nobody reads: what makes a table large.</summary>
    internal int RowsPerClient { get; init; }

    /// <summary>How long the slowest machine takes for a command; how slow each is, is drawn.</summary>
    internal TimeSpan ApplyMax { get; init; }

    /// <summary>Entries that the log keeps when it is cut.</summary>
    internal int LogKeptEntries { get; init; } = 12;

    /// <summary>One piece of a snapshot, in bytes, if pieces are not whole rows.</summary>
    internal int SnapshotChunkBytes { get; init; } = 50;

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Description, Run);

    private ScenarioRun Run(ScenarioContext context) => context.Execute(
        new SimOptions { RareActivePerMillion = 200_000, TimeLimit = TimeSpan.FromHours(1), StepLimit = 5_000_000 },
        world => world.Run(() => DriveAsync(world)));

    private async Task DriveAsync(SimWorld world)
    {
        bool standsStill = Faults.PauseCountMax > 0 || Faults.SlowLinkCountMax > 0;
        var checker = new RaftTraceChecker { StepsDown = standsStill ? null : (SteppingDownMax, world.Clock) };
        RaftHostOptions options = Options();
        var states = new TableStates(checker.Break);

        // Disks from fast to so slow that an election is over before a vote is durable.
        var disk = new SimDiskOptions { SyncLatencyFactor = world.Choices.OneOf("shape.sync", 5, 5, 25, 100) }.WithDrawnPace(world.Choices);
        var nodes = new List<RaftRunner>();
        for (int number = 0; number < NodeCount; number++)
        {
            nodes.Add(new RaftRunner(world.CreateNode($"node{number}", disk), options, Rows(), checker, Table(world, $"node{number}", states)));
        }

        checker.FirstCommit = (node, index) => DurableOn(nodes, node, index);
        foreach (RaftRunner node in nodes)
        {
            await node.StartAsync();
        }

        var all = new RaftMembership(nodes.Select(static node => node.Member), []);
        foreach (RaftRunner node in nodes)
        {
            await node.FoundAsync(all);
        }

        await ConvergeAsync(world, nodes, checker, all, "a fresh group");

        // Who was cut off can only be elected again while nothing was written meanwhile.
        int leisure = world.Choices.Next(3, "shape.leisure") == 2 ? 15 : 1;
        RaftClient[] clients = [.. Enumerable.Range(0, ClientCount).Select(number => new RaftClient(world, nodes, number, RowsPerClient))];
        List<Task> running = [.. clients.Select(client => client.RunAsync(StepCount, leisure)), OperateAsync(world, nodes)];
        bool isOver = false;
        List<Task> watching = [.. nodes.Select(node => clients[0].WatchAsync(node, () => isOver))];
        var driver = new RegionFaultDriver(
            world,
            [.. nodes.Select(static node => new RegionNode(node.Machine, node.Machine.Name))],
            Faults,
            member => nodes.Find(node => node.Machine == member.Machine)!.StartAsync(),
            static () => Task.FromResult(false));
        checker.Elections = driver.Seen;
        await driver.RunAsync();
        await Task.WhenAll(running);
        isOver = true;
        await Task.WhenAll(watching);
        checker.Check();
        await RestoreAsync(world, nodes, all);
        await ConvergeAsync(world, nodes, checker, all, "all troubles are over");
        string table = await nodes[0].TableAsync();
        foreach (RaftRunner node in nodes)
        {
            if (await node.TableAsync() is var own && own != table)
            {
                throw new PromiseBrokenException("replicas-agree", $"node0 holds\n{table}\nand {node.Machine.Name}\n{own}");
            }
        }

        foreach (RaftClient client in clients)
        {
            client.CheckEnd(await nodes[0].ReadAsync(client.Key));
        }

        checker.Check();
    }

    private RaftHostOptions Options() => new()
    {
        TickInterval = TimeSpan.FromMilliseconds(10),
        ElectionTicks = 10,
        HeartbeatTicks = HeartbeatTicks,
        LogBatchBytesMax = 32 * 1024,
        AppendBytesMax = AppendBytesMax,
        LogCacheBytes = 1024,
        LogKeptBytes = 2 * 1024,
        LogKeptEntries = LogKeptEntries,
        SnapshotChunkBytes = SnapshotChunkBytes,
        LeaseReads = LeaseReads,
        ClockDriftPerMillionMax = ClockDriftPerMillionMax,
    };

    /// <summary>A table whose replicas differ in pace, and that sends rows or bytes, as drawn.</summary>
    private TableOptions Table(SimWorld world, string node, TableStates states)
    {
        var table = new TableOptions { Node = node, States = states };
        if (ApplyMax <= TimeSpan.Zero)
        {
            return table;
        }

        TimeSpan work = ApplyMax * world.Choices.Next(4, $"shape.{node}.work?") / 3;
        return table with
        {
            SendsWholeRows = world.Choices.Next(2, $"shape.{node}.rows") == 1,
            WorkAsync = () => world.Clock.DelayAsync(work),
        };
    }

    /// <summary>
    /// What is committed was durable on a majority of the voters: looked at when the first replica applies it. Who is down counts as having it, for its disk cannot be asked; a membership that
    /// is being changed is left out.
    /// </summary>
    private static string? DurableOn(List<RaftRunner> nodes, string first, long index)
    {
        RaftStatus? status = nodes.Find(node => node.Machine.Name == first)!.StatusNow();
        if (status is null || !status.IsMembershipCommitted || status.Membership.IsJoint)
        {
            return null;
        }

        List<string> lacking =
            [.. nodes.Where(node => status.Membership.Voters.Any(voter => voter.Peer == node.Peer) && node.StatusNow() is { } other && (long)other.Durable.Value < index).Select(static node => node.Machine.Name)];
        return 2 * (status.Membership.Voters.Count - lacking.Count) > status.Membership.Voters.Count
            ? null
            : $"{first} applies entry {index}, and it is not durable on {string.Join(", ", lacking)} of {status.Membership}";
    }

    private static OrderedStoreOptions Rows() => new()
    {
        MemtableBytes = 16 * 1024,
        LogSegmentBytes = 64 * 4096,
        LogSegmentsPerMemtable = 2,
        LogSegmentsSpareMax = 1,
        BlockBytes = 1024,
        BlockCacheBytes = 16 * 1024,
        LogSealDelay = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>Moves leadership, takes a member out or down to a learner, and brings it back.</summary>
    private async Task OperateAsync(SimWorld world, List<RaftRunner> nodes)
    {
        for (int move = 0; move < MoveCount; move++)
        {
            await world.Clock.DelayAsync(TimeSpan.FromMilliseconds(1 + world.Choices.Next(300, $"operator.{move}.pause")));
            if (world.Choices.Next(5, $"operator.{move}.act?") == 0 || await LeaderAsync(nodes) is not { } leading)
            {
                continue;
            }

            RaftRunner chosen = nodes[world.Choices.Next(nodes.Count, $"operator.{move}.node")];
            RaftMember[] voters = [.. nodes.Where(node => node != chosen).Select(static node => node.Member)];
            switch (world.Choices.Next(4, $"operator.{move}.what"))
            {
                case 0:
                    await leading.TransferAsync(chosen.Peer);
                    break;
                case 1:
                    await leading.ChangeMembershipAsync(new RaftMembership(voters, []));
                    break;
                case 2:
                    await leading.ChangeMembershipAsync(new RaftMembership(voters, [chosen.Member]));
                    break;
                default:
                    await leading.ChangeMembershipAsync(new RaftMembership(nodes.Select(static node => node.Member), []));
                    break;
            }
        }
    }

    private static async Task<RaftRunner?> LeaderAsync(List<RaftRunner> nodes)
    {
        RaftRunner? leading = null;
        Term term = default;
        foreach (RaftRunner node in nodes)
        {
            if (await node.StatusAsync() is { Role: RaftRole.Leader } status && (leading is null || status.Term > term))
            {
                (leading, term) = (node, status.Term);
            }
        }

        return leading;
    }

    private static async Task RestoreAsync(SimWorld world, List<RaftRunner> nodes, RaftMembership all)
    {
        TimeSpan end = world.Now + ConvergenceMax;
        while (world.Now < end)
        {
            if (await LeaderAsync(nodes) is { } leading && await leading.ChangeMembershipAsync(all) == MembershipOutcome.Done)
            {
                return;
            }

            await world.Clock.DelayAsync(Poll);
        }

        throw new PromiseBrokenException("converges", $"{ConvergenceMax} without trouble, and the group takes no members back");
    }

    private static async Task ConvergeAsync(SimWorld world, List<RaftRunner> nodes, RaftTraceChecker checker, RaftMembership all, string when)
    {
        TimeSpan end = world.Now + ConvergenceMax;
        while (!await IsWholeAsync(nodes, all))
        {
            checker.Check();
            if (world.Now > end)
            {
                var states = new List<string>();
                foreach (RaftRunner node in nodes)
                {
                    states.Add($"{node.Machine.Name} {(await node.StatusAsync())?.ToString() ?? "down"}");
                }

                throw new PromiseBrokenException("converges", $"{when} for {ConvergenceMax}, and the replicas have not come together: {string.Join("; ", states)}");
            }

            await world.Clock.DelayAsync(Poll);
        }
    }

    private static async Task<bool> IsWholeAsync(List<RaftRunner> nodes, RaftMembership all)
    {
        RaftStatus? first = null;
        bool isLed = false;
        foreach (RaftRunner node in nodes)
        {
            RaftStatus? status = await node.StatusAsync();
            if (status is null || !status.Membership.Equals(all) || status.Applied != status.LogEnd || (first is not null && status.Applied != first.Applied))
            {
                return false;
            }

            isLed |= status.Role == RaftRole.Leader;
            first = status;
        }

        return isLed;
    }
}
