using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Three nodes with a replica of each group and a gateway each; rows in memory survive crashes, consensus is a double.</summary>
internal sealed class ClusterRig : ILiveGateways
{
    internal static readonly MetadataLimits Limits = new() { PartSizeBytesMin = 5 };
    internal static readonly string[] Names = ["a", "b", "c"];
    private static readonly NodeId[] NodeIds = [.. Names.Select(name => new NodeId(name))];

    private readonly MemoryOrderedStore[] _stores = [new(), new(), new()];
    private readonly int _groupCount;
    private ulong _epochs;

    internal ClusterRig(ulong seed, int groupCount = 1, IReadOnlyList<IEventTarget>? targets = null)
    {
        Targets = targets ?? [];
        _groupCount = groupCount;
        Logs = [.. Enumerable.Range(1, groupCount).Select(id => new SharedLog(new GroupId((ulong)id)))];
        World = new SimWorld(new SeededChoices(seed), new SimOptions { StepLimit = 5_000_000 });
        Nodes = [.. Names.Select(name => World.CreateNode(name))];
        foreach (SharedLog log in Logs)
        {
            log.Leader = NodeIds[0];
        }
    }

    internal sealed class Life : IGatewayIdentity, IBlobReclaimer
    {
        internal required LocalGroups Groups { get; init; }

        internal required ILoop Loop { get; init; }

        internal required GroupClient Client { get; init; }

        internal required DirectoryCache Directory { get; init; }

        internal required ShardModule[] Shards { get; init; }

        internal required ClusterMetadata Metadata { get; init; }

        internal required OpenReads Reads { get; init; }

        internal required GatewayReads Grace { get; init; }

        internal required List<BlobRef> Deleted { get; init; }

        /// <summary>Null where there are no targets.</summary>
        internal EventDeliveries? Events { get; init; }

        /// <summary>Of the groups, where there are targets.</summary>
        internal List<GroupOutbox> Outboxes { get; } = [];

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

    internal SharedLog[] Logs { get; }

    internal SharedLog Log => Logs[0];

    /// <summary>Who is told of events.</summary>
    internal IReadOnlyList<IEventTarget> Targets { get; }

    internal List<BlobRef> Deleted { get; } = [];

    /// <summary>A planted bug: every piece of a range arrives without the first object in it.</summary>
    internal bool SplitsLoseAKey { get; set; }

    public Task<IReadOnlyList<NodeId>> ListAsync() => Task.FromResult<IReadOnlyList<NodeId>>([.. Nodes.Where(node => node.IsUp).Select(node => new NodeId(node.Name))]);

    internal static void Tell(ulong seed, Func<ClusterRig, Task> story, int groupCount = 1, IReadOnlyList<IEventTarget>? targets = null)
    {
        var rig = new ClusterRig(seed, groupCount, targets);
        rig.World.Run(async () =>
        {
            for (int i = 0; i < Names.Length; i++)
            {
                await rig.StartAsync(i);
            }

            for (int group = 2; group <= groupCount; group++)
            {
                await rig.On(0, async life => DirectoryCodec.DecodeAnswer((await life.Client.ProposeAsync(RangeDirectory.Root, DirectoryCodec.Encode(new AddGroupCommand([.. NodeIds.Select((node, i) => new RaftMember(new PeerId((ulong)i + 1), node))])))).Span));
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
        var groups = new LocalGroups(loop);
        ILoop rpcLoop = environment.Spawner.CreateLoop("rpc");
        var rpc = new RpcEndpoint(environment, rpcLoop);
        _ = new GroupService(rpc, groups);
        var reads = new OpenReads();
        var grace = new GatewayReads(environment, rpc, reads, this, TimeSpan.FromMilliseconds(20));
        var directory = new DirectoryCache(NodeIds);
        var client = new GroupClient(environment, environment.Spawner.CreateLoop("router"), rpc, directory, new GroupClientOptions());
        var identity = new Identity(() => Lives[Array.IndexOf(Names, environment.Network.Self.Value)], epoch);
        var shards = new ShardModule[_groupCount];
        var life = new Life
        {
            Groups = groups,
            Loop = loop,
            Client = client,
            Directory = directory,
            Shards = shards,
            Metadata = new ClusterMetadata(client, directory, identity, reads),
            Reads = reads,
            Grace = grace,
            Deleted = Deleted,
            Events = Targets.Count > 0 ? new EventDeliveries(environment, new EventOptions { Targets = Targets, MessageEventsMax = 3 }, "us-east-1") : null,
            Epoch = epoch,
        };
        for (int i = 0; i < _groupCount; i++)
        {
            shards[i] = await OpenGroupAsync(environment, loop, store, Logs[i], groups, client, life);
        }

        rpc.Start();
        return life;
    }

    private async Task<ShardModule> OpenGroupAsync(
        NodeEnvironment environment, ILoop loop, IOrderedStore store, SharedLog log, LocalGroups groups, GroupClient client, Life life)
    {
        bool isRoot = log.Group == RangeDirectory.Root;
        DirectoryModule? directory = isRoot ? new DirectoryModule() : null;
        var shard = new ShardModule(Limits, environment.Entropy.NextUInt64(), directory);
        IGroupModule[] modules = [shard];
        if (directory is not null)
        {
            directory.IsChanging = shard.IsChanging;
            modules = [shard, directory];
        }

        GroupMachine machine = await GroupMachine.OpenAsync(environment, loop, store, log.Group, modules);
        IRaftGroup raft = log.Open(environment, loop, machine);
        groups.Add(new LocalGroup(raft, machine));
        var reclaimer = new GroupReclaimer(environment, raft, machine, shard, life, new GroupReclaimerOptions { RowsMax = 3, BlobsMax = 2 });
        environment.Spawner.Spawn(loop, "reclaim", () => reclaimer.RunAsync(default));
        environment.Spawner.Spawn(loop, "reclaim-watch", reclaimer.WatchAsync);
        new RangeSender(environment, raft, machine, shard, new Courier(this, client), new RangeSenderOptions { PieceRows = 3, CommandBytes = 200, CleanRows = 3 }).Start(loop);
        if (life.Events is { } events)
        {
            var outbox = new GroupOutbox(environment, loop, raft, machine, shard);
            environment.Spawner.Spawn(loop, "events-watch", outbox.WatchAsync);
            events.Attach(outbox);
            life.Outboxes.Add(outbox);
        }

        if (directory is not null)
        {
            new TransferDriver(environment, raft, machine, directory, client, new TransferDriverOptions()).Start(loop);
            new BucketCoordinator(environment, raft, machine, shard, directory, client).Start(loop);
        }

        return shard;
    }

    /// <summary>Between a group that sends a range and the one that gets it.</summary>
    private sealed class Courier(ClusterRig rig, IGroupCalls calls) : IGroupCalls
    {
        public Task<ReadOnlyMemory<byte>> ProposeAsync(GroupId group, ReadOnlyMemory<byte> command) =>
            calls.ProposeAsync(group, rig.SplitsLoseAKey ? WithoutAKey(command) : command);

        public Task<ReadOnlyMemory<byte>> AskAsync(GroupId group, ReadOnlyMemory<byte> query) => calls.AskAsync(group, query);

        private static ReadOnlyMemory<byte> WithoutAKey(ReadOnlyMemory<byte> command)
        {
            if (ShardCommandCodec.Decode(command.Span) is not IngestCommand ingest)
            {
                return command;
            }

            var rows = ingest.Rows.ToList();
            int lost = rows.FindIndex(row => row.Key.Span[0] == Tables.Objects && row.Value is not null);
            if (lost >= 0)
            {
                rows.RemoveAt(lost);
            }

            var to = new ByteWriter();
            ShardCommandCodec.Encode(ingest with { Rows = rows }, to);
            return to.WrittenMemory;
        }
    }

    private sealed class Identity(Func<Life> life, ulong epoch) : IGatewayIdentity
    {
        public ulong Epoch => epoch;

        public ushort NextPlacementGroup() => 5;

        public void EpochWasClosed() => life().EpochWasClosed();

        public void Abandon(IReadOnlyList<StagedChunk> staged) => life().Abandon(staged);
    }
}
