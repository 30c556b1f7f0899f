using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;

namespace ObjectStore.Engine.Proofs.Consensus.Driver;

/// <summary>Some simulated nodes, each with a real ordered store, a host and a few groups of tables, over the simulated network.</summary>
internal sealed class RaftRig
{
    internal static readonly OrderedStoreOptions SmallStore = new()
    {
        MemtableBytes = 64 * 1024,
        LogSegmentBytes = 64 * 4096,
        LogSegmentsPerMemtable = 2,
        LogSegmentsSpareMax = 1,
        BlockBytes = 1024,
        BlockCacheBytes = 64 * 1024,
        LogSealDelay = TimeSpan.FromMilliseconds(100),
    };

    internal RaftRig(ulong seed, int nodes, RaftHostOptions? options = null, int rarePerMillion = 0)
    {
        Choices = new SeededChoices(seed);
        World = new SimWorld(Choices, new SimOptions { StepLimit = 20_000_000, RareActivePerMillion = rarePerMillion });
        Options = options ?? new RaftHostOptions
        {
            TickInterval = TimeSpan.FromMilliseconds(10),
            ElectionTicks = 10,
            HeartbeatTicks = 2,
            LogBatchBytesMax = 32 * 1024,
            AppendBytesMax = 16 * 1024,
            LogCacheBytes = 2 * 1024,
            LogKeptBytes = 8 * 1024,
            LogKeptEntries = 50,
            SnapshotChunkBytes = 300,
        };
        Nodes = [.. Enumerable.Range(1, nodes).Select(number => new RaftNode(this, World.CreateNode($"n{number}")))];
    }

    internal SeededChoices Choices { get; }

    internal SimWorld World { get; }

    internal RaftHostOptions Options { get; }

    internal RaftTraceChecker Checker { get; } = new();

    internal IReadOnlyList<RaftNode> Nodes { get; }

    internal static RaftMembership MembershipOf(IEnumerable<RaftNode> voters, params RaftNode[] learners) =>
        new(voters.Select(static node => node.Member), learners.Select(static node => node.Member));

    /// <summary>Starts all nodes and creates the groups 1 to <paramref name="groups"/> with all of them as voters.</summary>
    internal async Task StartAsync(int groups, int voters = int.MaxValue)
    {
        foreach (RaftNode node in Nodes)
        {
            await node.StartAsync();
        }

        RaftMembership membership = MembershipOf(Nodes.Take(voters));
        foreach (RaftNode node in Nodes)
        {
            for (ulong group = 1; group <= (ulong)groups; group++)
            {
                await node.CreateAsync(group, membership.Contains(node.Peer) ? membership : RaftMembership.Empty);
            }
        }
    }

    internal Task DelayAsync(int milliseconds) => World.Clock.DelayAsync(TimeSpan.FromMilliseconds(milliseconds)).AsTask();

    /// <summary>The node that leads a group, waited for.</summary>
    internal async Task<RaftNode> LeaderAsync(ulong group = 1)
    {
        for (int wait = 0; wait < 3000; wait++)
        {
            foreach (RaftNode node in Nodes)
            {
                if (node.Sim.IsUp && node.Host?.Find(new GroupId(group)) is { IsLeader: true } found && found.Core.HasCommittedInTerm)
                {
                    return node;
                }
            }

            await DelayAsync(10);
        }

        throw new PromiseBrokenException("converges", "no leader");
    }

    /// <summary>Tries, at whoever leads, until the command is applied; only for commands that may be applied twice.</summary>
    internal async Task<ProposalOutcome> ProposeAsync(string command, ulong group = 1, int tries = 300)
    {
        for (int attempt = 0; attempt < tries; attempt++)
        {
            RaftNode leader = await LeaderAsync(group);
            ProposalOutcome outcome = await leader.ProposeAsync(group, command);
            if (outcome.Status == ProposalStatus.Applied)
            {
                return outcome;
            }

            await DelayAsync(20);
        }

        throw new PromiseBrokenException("converges", $"{command} was never applied");
    }

    /// <summary>Waits until all given nodes hold the same table with everything applied.</summary>
    internal async Task<SortedDictionary<string, string>> ConvergeAsync(ulong group, params RaftNode[] nodes)
    {
        SortedDictionary<string, string> first = [];
        for (int wait = 0; wait < 2000; wait++)
        {
            var all = new List<SortedDictionary<string, string>>();
            foreach (RaftNode node in nodes)
            {
                all.Add(await node.AllAsync(group));
            }

            first = all[0];
            LogIndex[] applied = [.. nodes.Select(node => node.Group(group).Applied)];
            if (applied.All(index => index == applied[0]) && all.All(table => table.SequenceEqual(first))
                && nodes.All(node => node.Group(group).Applied == node.Group(group).Core.Log.Last))
            {
                return first;
            }

            await DelayAsync(20);
        }

        throw new PromiseBrokenException("converges", "the replicas did not come together: " + string.Join("; ", nodes.Select(node => node.Group(group).Status())));
    }
}

/// <summary>One simulated node.</summary>
internal sealed class RaftNode(RaftRig rig, SimNode sim)
{
    internal SimNode Sim => sim;

    internal PeerId Peer { get; private set; }

    internal RaftMember Member => new(Peer, new NodeId(sim.Name));

    internal RaftHost? Host { get; private set; }

    internal OrderedStore Store { get; private set; } = null!;

    internal SortedDictionary<ulong, ProbedTable> Machines { get; } = [];

    internal bool CutsSnapshots { get; set; }

    /// <summary>Frames and bytes handed to the network.</summary>
    internal (int Frames, long Bytes) Sent { get; private set; }

    internal ILoop Loop { get; private set; } = null!;

    internal RaftGroup Group(ulong group) => Host!.Find(new GroupId(group))!;

    internal async Task StartAsync()
    {
        Host = null;
        await sim.Start(async environment =>
        {
            NodeEnvironment watched = environment with { Trace = new WatchedTrace(environment.Trace, rig.Checker) };
            Loop = watched.Spawner.CreateLoop("store");
            return await Loop.CallAsync(static async call => await call.Node.OpenAsync(call.Environment), (Node: this, Environment: watched));
        });
    }

    internal Task CreateAsync(ulong group, RaftMembership membership) => OnLoopAsync(async () =>
    {
        var id = new GroupId(group);
        await Host!.CreateGroupAsync(id, membership, await OpenTableAsync(id));
        return true;
    });

    internal void Crash()
    {
        Host = null;
        sim.Crash();
    }

    internal Task<ProposalOutcome> ProposeAsync(ulong group, string command) =>
        OnLoopAsync(() => Group(group).ProposeAsync(Encoding.UTF8.GetBytes(command)));

    /// <summary>A linearizable read; null status text when it could not be made.</summary>
    internal Task<(ReadStatus Status, string? Value)> ReadAsync(ulong group, string key) => OnLoopAsync(async () =>
    {
        ReadOutcome outcome = await Group(group).ReadIndexAsync();
        return (outcome.Status, outcome.Status == ReadStatus.Ok ? await Machines[group].Table.GetAsync(key) : null);
    });

    internal Task<SortedDictionary<string, string>> AllAsync(ulong group) => OnLoopAsync(() => Machines[group].Table.AllAsync());

    internal Task<T> OnLoopAsync<T>(Func<Task<T>> body) =>
        sim.CallAsync(() => Loop.CallAsync(static async work => await work(), body));

    private async Task<ProbedTable> OpenTableAsync(GroupId group) =>
        Machines[group.Value] = new ProbedTable(await TableMachine.OpenAsync(Store, group)) { CutsSnapshots = CutsSnapshots };

    private async ValueTask<bool> OpenAsync(NodeEnvironment environment)
    {
        Store = await OrderedStore.OpenAsync(environment, Loop, RaftRig.SmallStore);
        Peer = PeerId.OfStore(Store.StoreId);
        var host = new RaftHost(environment, Loop, Store, Peer, new Transport(this, environment.Network), rig.Options);
        Machines.Clear();
        foreach (GroupId group in await host.ListGroupsAsync())
        {
            await host.OpenGroupAsync(group, await OpenTableAsync(group));
        }

        Host = host;
        environment.Spawner.Spawn(Loop, "receive", async () =>
        {
            while (true)
            {
                NetworkFrame frame = await environment.Network.ReceiveAsync();
                host.Receive(frame.From, frame.Payload);
            }
        });
        return true;
    }

    private sealed class Transport(RaftNode node, INetwork network) : IRaftTransport
    {
        public void Send(NodeId to, ReadOnlySpan<byte> frame)
        {
            node.Sent = (node.Sent.Frames + 1, node.Sent.Bytes + frame.Length);
            network.Send(to, frame);
        }
    }
}
