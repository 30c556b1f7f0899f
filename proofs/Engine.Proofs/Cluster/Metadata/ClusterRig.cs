using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Three nodes with a replica of the one group and a gateway each; rows in memory survive crashes, consensus is a double.</summary>
internal sealed class ClusterRig : ILiveGateways
{
    internal static readonly string[] Names = ["a", "b", "c"];
    private readonly MemoryOrderedStore[] _stores = [new(), new(), new()];
    private ulong _epochs;

    internal ClusterRig(ulong seed)
    {
        World = new SimWorld(new SeededChoices(seed), new SimOptions { StepLimit = 5_000_000 });
        Nodes = [.. Names.Select(name => World.CreateNode(name))];
        Log.Leader = new NodeId("a");
    }

    internal sealed class Life : IGatewayIdentity, IBlobReclaimer
    {
        internal required LocalGroup Group { get; init; }

        internal required ClusterMetadata Metadata { get; init; }

        internal required OpenReads Reads { get; init; }

        internal required GatewayReads Grace { get; init; }

        internal required List<BlobRef> Deleted { get; init; }

        internal int Fenced { get; private set; }

        internal List<StagedChunk> Abandoned { get; } = [];

        public ulong Epoch { get; init; }

        public ushort NextPlacementGroup() => 5;

        public void EpochWasClosed() => Fenced++;

        public void Abandon(IReadOnlyList<StagedChunk> staged) => Abandoned.AddRange(staged);

        public Task WaitForReadersAsync() => Grace.WaitForReadersAsync();

        public Task DeleteAsync(IReadOnlyList<BlobRef> blobs)
        {
            Deleted.AddRange(blobs);
            return Task.CompletedTask;
        }
    }

    internal SimWorld World { get; }

    internal SimNode[] Nodes { get; }

    internal Life[] Lives { get; } = new Life[3];

    internal SharedLog Log { get; } = new(new GroupId(1));

    internal List<BlobRef> Deleted { get; } = [];

    public Task<IReadOnlyList<NodeId>> ListAsync() => Task.FromResult<IReadOnlyList<NodeId>>([.. Nodes.Where(node => node.IsUp).Select(node => new NodeId(node.Name))]);

    internal static void Tell(ulong seed, Func<ClusterRig, Task> story)
    {
        var rig = new ClusterRig(seed);
        rig.World.Run(async () =>
        {
            for (int i = 0; i < Names.Length; i++)
            {
                await rig.StartAsync(i);
            }

            await story(rig);
        });
    }

    internal async Task StartAsync(int i)
    {
        ulong epoch = ++_epochs;
        Lives[i] = await Nodes[i].Start(environment =>
        {
            ILoop loop = environment.Spawner.CreateLoop("store");
            return loop.CallAsync(call => call.Self.OpenAsync(environment, loop, call.Store, call.Epoch), (Self: this, Store: _stores[i], Epoch: epoch));
        });
    }

    internal Task<T> On<T>(int node, Func<Life, Task<T>> body)
    {
        Life life = Lives[node];
        return Nodes[node].CallAsync(() => body(life));
    }

    internal Task<CommandResult> DoAsync(int node, MetadataCommand command, IReadOnlyList<StagedChunk>? staged = null) =>
        On(node, life => life.Metadata.ExecuteAsync(command, staged));

    internal Task RestAsync(int milliseconds) => World.Clock.DelayAsync(TimeSpan.FromMilliseconds(milliseconds)).AsTask();

    private async ValueTask<Life> OpenAsync(NodeEnvironment environment, ILoop loop, IOrderedStore store, ulong epoch)
    {
        var shard = new ShardModule(new MetadataLimits { PartSizeBytesMin = 5 });
        GroupMachine machine = await GroupMachine.OpenAsync(environment, loop, store, new GroupId(1), [shard]);
        IRaftGroup raft = Log.Open(environment, loop, machine);
        var groups = new LocalGroups(loop);
        groups.Add(new LocalGroup(raft, machine));
        ILoop rpcLoop = environment.Spawner.CreateLoop("rpc");
        var rpc = new RpcEndpoint(environment, rpcLoop);
        _ = new GroupService(rpc, groups);
        var reads = new OpenReads();
        var grace = new GatewayReads(environment, rpc, reads, this, TimeSpan.FromMilliseconds(20));
        var client = new GroupClient(
            environment, environment.Spawner.CreateLoop("router"), rpc, new FixedGroupLocator([.. Names.Select(name => new NodeId(name))]), new GroupClientOptions());
        var identity = new Identity(() => Lives[Array.IndexOf(Names, environment.Network.Self.Value)], epoch);
        var life = new Life
        {
            Group = new LocalGroup(raft, machine),
            Metadata = new ClusterMetadata(client, identity, reads),
            Reads = reads,
            Grace = grace,
            Deleted = Deleted,
            Epoch = epoch,
        };
        var reclaimer = new GroupReclaimer(environment, raft, machine, shard, life, new GroupReclaimerOptions { RowsMax = 3, BlobsMax = 2 });
        environment.Spawner.Spawn(loop, "reclaim", () => reclaimer.RunAsync(default));
        environment.Spawner.Spawn(loop, "reclaim-watch", reclaimer.WatchAsync);
        rpc.Start();
        return life;
    }

    private sealed class Identity(Func<Life> life, ulong epoch) : IGatewayIdentity
    {
        public ulong Epoch => epoch;

        public ushort NextPlacementGroup() => 5;

        public void EpochWasClosed() => life().EpochWasClosed();

        public void Abandon(IReadOnlyList<StagedChunk> staged) => life().Abandon(staged);
    }
}
