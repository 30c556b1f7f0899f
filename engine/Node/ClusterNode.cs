using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>A node of a cluster: a replica of the metadata where the topology says so, shards on its data disks, and a gateway. Composed alike for the server and for the simulator.</summary>
/// <remarks>It starts at once and serves when it can: until there is a cluster, a leader and an epoch, requests are answered with 503.</remarks>
public sealed class ClusterNode
{
    private static readonly GroupId Root = new(1);
    private static readonly TimeSpan ReadPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan HandOverPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);
    private static readonly RpcMethod RaftFrame = new(0x0101);

    private readonly NodeEnvironment _environment;
    private readonly ClusterNodeOptions _options;
    private readonly ILoop _loop;
    private readonly DiskStore _store;
    private readonly RpcEndpoint _rpc;
    private readonly RaftHost _raft;
    private readonly Founding _founding;
    private readonly LocalGroups _groups;
    private readonly NodeDataPath _data;
    private readonly RootService _rootService;
    private readonly ShardGroups _shards;
    private readonly RootAdministration _administration;
    private readonly SortedDictionary<NodeId, string> _learned = [];
    private RepairCoordinator? _coordinator;
    private LifecycleWorker? _lifecycle;
    private DirectoryModule? _directory;
    private ClusterIdentity? _identity;
    private bool _isOpening;
    private int _nextMetadataNode;

    private ClusterNode(NodeEnvironment environment, IReadOnlyList<NodeDisk> dataDisks, ClusterNodeOptions options, ILoop loop, DiskStore store)
    {
        (_environment, _options, _loop, _store) = (environment, options, loop, store);
        var peer = PeerId.OfStore(store.Rows.StoreId);
        ILoop rpcLoop = environment.Spawner.CreateLoop("rpc");
        _rpc = new RpcEndpoint(environment, rpcLoop);
        _groups = new LocalGroups(loop);
        _founding = new Founding(environment, _rpc, loop, store.Rows, peer.Value, options.MetadataNodes);
        _raft = new RaftHost(environment, loop, store.Rows, peer, new RaftTransport(_rpc), options.Raft) { UnknownGroup = TakenIn };
        _rpc.Receive(RaftFrame, (from, frame) => loop.Post(static item => ((ArrivedFrame)item!).Take(), new ArrivedFrame(_raft, from, frame)));
        _ = new GroupService(_rpc, _groups);
        _rootService = new RootService(environment, _rpc);
        _data = new NodeDataPath(environment, dataDisks, options, _rpc);
        _administration = new RootAdministration(environment, _groups, _rootService, options.Repair, options.Gateway.Region);
        Administration = new AdministrationEndpoint(environment.Clock, _rpc, NextMetadataNode, _administration);
        _data.Follower.MapChanged = LearnNodes;

        Events = new EventDeliveries(environment, options.Gateway.Events, options.Gateway.Region);
        var directory = new DirectoryCache(options.MetadataNodes);
        var client = new GroupClient(environment, rpcLoop, _rpc, directory, options.Client);
        var reads = new OpenReads();
        var gatewayReads = new GatewayReads(environment, _rpc, reads, new MapGateways(_data.Root), ReadPoll);
        var shardOptions = options.Shards with { Limits = options.Limits, Reclaim = options.Reclaim, PeerInterval = options.PeerInterval };
        _shards = new ShardGroups(
            environment, _raft, loop, store.Rows, _groups, client, directory, _founding, new ClusterReclaim(gatewayReads, _data.Deletion), shardOptions)
        {
            Events = Events.HasTargets ? Events.Attach : null,
        };
        Metadata = new ClusterMetadata(client, directory, _data.Identity, reads);
        _data.AttachRepair(new MetadataLiveBlobs(Metadata));
        _rpc.Start();
        environment.Spawner.Spawn(rpcLoop, "map-join", _data.JoinAsync);
        Identities = IdentityDirectory.Follow(Metadata, environment, rpcLoop, options.Root, options.IdentityInterval);
        Gateway = new S3Gateway(
            Metadata,
            _data.Content,
            Identities,
            environment.Clock,
            environment.Entropy,
            environment.Trace,
            options.Gateway,
            () => IsServing,
            environment.Spawner.CreateLoop("access-log"));
        AccessLogs.Start(environment.Spawner);
    }

    /// <summary>The S3 API. Any thread.</summary>
    public S3Gateway Gateway { get; }

    /// <summary>Who may call. Any thread.</summary>
    public IdentityDirectory Identities { get; }

    /// <summary>The cluster's metadata. Any thread.</summary>
    public ClusterMetadata Metadata { get; }

    /// <summary>True while requests are served: the node holds its lease, and the map that it knows has groups for bodies (a young cluster has none yet). Any thread.</summary>
    public bool IsServing => _data.Follower.MayRead && Map.Groups.Length > 0;

    /// <summary>The newest cluster map that this node knows. Any thread.</summary>
    public ClusterMap Map => _data.Follower.Current;

    /// <summary>Opens the node's metadata disk, recovers, and starts its work; says nothing yet about whether it can serve.</summary>
    /// <param name="environment">The seams; the disk is the one for metadata.</param>
    /// <param name="dataDisks">Disks for shards. One that cannot be opened is tried again and again; the node serves without it.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="StorageException">The metadata disk cannot be opened.</exception>
    public static Task<ClusterNode> StartAsync(NodeEnvironment environment, IReadOnlyList<NodeDisk> dataDisks, ClusterNodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(dataDisks);
        ArgumentNullException.ThrowIfNull(options);
        ILoop loop = environment.Spawner.CreateLoop("metadata");
        return loop.CallAsync(
            static async start =>
            {
                DiskStore store = await DiskStore.OpenAsync(start.Environment, start.Loop, start.Options.Store);
                var node = new ClusterNode(start.Environment, start.Disks, start.Options, start.Loop, store);
                start.Environment.Spawner.Spawn(start.Loop, "cluster-join", node.JoinAsync);
                return node;
            },
            (Environment: environment, Disks: dataDisks, Options: options, Loop: loop));
    }

    /// <summary>State of this node's replica of the root group; null while it has none.</summary>
    public Task<RaftStatus?> StatusAsync() =>
        _loop.CallAsync(static self => ValueTask.FromResult(self._groups.Find(Root)?.Raft.Status()), this);

    /// <summary>State of all of this node's replicas, in order of their groups.</summary>
    public Task<IReadOnlyList<RaftStatus>> StatusesAsync() =>
        _loop.CallAsync(static self => ValueTask.FromResult<IReadOnlyList<RaftStatus>>([.. self._groups.All.Select(static local => local.Raft.Status())]), this);

    /// <summary>Ranges and groups as this node's replica of the root group knows them; null while it has none.</summary>
    public Task<RangeDirectory?> DirectoryAsync() =>
        _loop.CallAsync(static self => ValueTask.FromResult(self._directory?.Directory), this);

    /// <summary>The data disks in service now, in order of their numbers: for audits of what is where. Any thread.</summary>
    public Task<IReadOnlyList<ShardDisk>> DisksAsync() =>
        _rpc.Loop.CallAsync(static self => ValueTask.FromResult(self._data.Disks), this);

    /// <summary>Administration of the whole cluster. Any thread.</summary>
    public IClusterAdministration Administration { get; }

    /// <summary>How redundancy stands, as this node's replica of the root group knows; null while it has none or does not lead.</summary>
    public Task<RepairOverview?> RepairAsync() =>
        _loop.CallAsync(
            static self => ValueTask.FromResult(self._groups.Find(Root)?.Raft.IsLeader == true ? self._coordinator?.Overview() : null), this);

    /// <summary>What this node did of what lifecycle rules ask for, while it led the root group; null while it has no replica of it. Any thread.</summary>
    public LifecycleCounts? Lifecycle => Volatile.Read(ref _lifecycle)?.Counts;

    /// <summary>Tells targets of what happened to objects, as the groups that this node leads know it.</summary>
    public EventDeliveries Events { get; }

    /// <summary>Delivers access logs of what this node serves, on a loop of its own.</summary>
    public AccessLogWorker AccessLogs => Gateway.AccessLogs!;

    /// <summary>Has others lead what this node leads; ends when it leads nothing, or after <paramref name="patience"/>. Requests are served meanwhile.</summary>
    public Task HandOverAsync(TimeSpan patience) =>
        _loop.CallAsync(
            static async call =>
            {
                TimeSpan deadline = call.Self._environment.Clock.Now + call.Patience;
                while (call.Self._groups.Find(Root)?.Raft is { IsLeader: true } && call.Self._environment.Clock.Now < deadline)
                {
                    await call.Self.HandLeadershipOnAsync();
                    await call.Self._environment.Clock.DelayAsync(HandOverPause);
                }

                return true;
            },
            (Self: this, Patience: patience));

    /// <summary>Delivers access logs, hands leadership on, and closes the disks after what is under way.</summary>
    public async Task StopAsync()
    {
        await Events.StopAsync();
        await AccessLogs.StopAsync();
        await HandOverAsync(StopPatience);
        await _rpc.Loop.CallAsync(
            static async data =>
            {
                await data.CloseAsync();
                return true;
            },
            _data);
        await _loop.CallAsync(
            static async store =>
            {
                await store.CloseAsync();
                return true;
            },
            _store);
    }

    private NodeId? NextMetadataNode() =>
        _options.MetadataNodes[(int)((uint)Interlocked.Increment(ref _nextMetadataNode) % (uint)_options.MetadataNodes.Count)];

    // On the endpoint's loop.
    private void LearnNodes(ClusterMap map)
    {
        foreach (NodeRecord node in map.Nodes.Values)
        {
            bool isNew = !_learned.TryGetValue(node.Name, out string? known) || known != node.ClusterAddress;
            if (isNew && node.Name != _rpc.Self && node.ClusterAddress.Length > 0)
            {
                _learned[node.Name] = node.ClusterAddress;
                _options.NodeLearned(node.Name, node.ClusterAddress);
            }
        }
    }

    private async Task JoinAsync()
    {
        ClusterIdentity identity = await _founding.RunAsync();
        _identity = identity;
        await _shards.OpenHeldAsync();
        bool isHere = (await _raft.ListGroupsAsync()).Contains(Root);
        if (isHere)
        {
            await OpenRootAsync(null);
        }
        else if (identity.IsFounder(_raft.Self.Value))
        {
            await OpenRootAsync(new RaftMembership(identity.Voters.Select(static voter => new RaftMember(new PeerId(voter.Peer), voter.Node)), []));
        }
    }

    // A leader sends to this node's peer: it was taken into the group after its disk was replaced. Or it is a founder that has not got that far: then it must not begin as anybody else.
    private void TakenIn(GroupId group, NodeId from)
    {
        if (_identity is not { } identity)
        {
            return;
        }

        if (group != Root)
        {
            _shards.TakenIn(group);
        }
        else if (!_isOpening && !identity.IsFounder(_raft.Self.Value))
        {
            _environment.Spawner.Spawn(_loop, "cluster-taken-in", TakeInAsync);
        }
    }

    private async Task TakeInAsync()
    {
        if (!_isOpening && !(await _raft.ListGroupsAsync()).Contains(Root))
        {
            await OpenRootAsync(RaftMembership.Empty);
        }
    }

    private async Task OpenRootAsync(RaftMembership? found)
    {
        if (_isOpening)
        {
            return;
        }

        _isOpening = true;
        var directory = new DirectoryModule();
        var shard = new ShardModule(_options.Limits, _environment.Entropy.NextUInt64(), directory);
        directory.IsChanging = shard.IsChanging;
        var map = new MapModule();
        GroupMachine machine = await GroupMachine.OpenAsync(_environment, _loop, _store.Rows, Root, [shard, directory, map]);
        RaftGroup group = found is null ? await _raft.OpenGroupAsync(Root, machine) : await _raft.CreateGroupAsync(Root, found, machine);
        var local = new LocalGroup(group, machine);
        _groups.Add(local);
        var root = new ReplicatedRoot(_loop, group, map);
        _rootService.Attach(root);
        var keeper = new RootKeeper(_environment, root, _rootService, new MetadataFence(Metadata), _options.Map);
        var founder = new MapFounder(_environment, root, _options.Layout, _options.GroupCount, _options.Map.KeepInterval);
        var coordinator = new RepairCoordinator(_environment, root, _rootService, _rpc, _options.Repair);
        _coordinator = coordinator;
        _administration.Attach(root, coordinator, _identity!.ClusterId);
        _environment.Spawner.Spawn(_loop, "map-founder", founder.RunAsync);
        _environment.Spawner.Spawn(_loop, keeper.Name, () => keeper.RunAsync(CancellationToken.None));
        _environment.Spawner.Spawn(_loop, coordinator.Name, () => coordinator.RunAsync(CancellationToken.None));
        var lifecycle = new LifecycleWorker(_environment, Metadata, _options.Gateway.Lifecycle, () => group.IsLeader, Gateway.Events);
        Volatile.Write(ref _lifecycle, lifecycle);
        _environment.Spawner.Spawn(_loop, lifecycle.Name, () => lifecycle.RunAsync(CancellationToken.None));
        _directory = directory;
        _shards.StartRoot(local, shard, directory);
    }

    private async ValueTask HandLeadershipOnAsync()
    {
        foreach (LocalGroup local in _groups.All.ToArray())
        {
            if (!local.Raft.IsLeader)
            {
                continue;
            }

            RaftStatus status = local.Raft.Status();
            PeerStatus? best = status.Peers.Where(peer => peer.IsVoter && peer.IsActive && peer.Peer != status.Self).MaxBy(static peer => peer.Match);
            if (best is not null)
            {
                await local.Raft.TransferLeadershipAsync(best.Peer);
            }
        }
    }

    private sealed class RaftTransport(RpcEndpoint rpc) : IRaftTransport
    {
        public void Send(NodeId to, ReadOnlySpan<byte> frame) => rpc.Send(to, RaftFrame, frame);
    }

    private sealed record ArrivedFrame(RaftHost Host, NodeId From, ReadOnlyMemory<byte> Frame)
    {
        internal void Take() => Host.Receive(From, Frame);
    }
}
