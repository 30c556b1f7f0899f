using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>A node of a cluster: a replica of the metadata where the topology says so, and a gateway. Composed alike for the server and for the simulator.</summary>
/// <remarks>It starts at once and serves when it can: until there is a cluster, a leader and an epoch, requests are answered with 503.</remarks>
public sealed class ClusterNode
{
    private static readonly GroupId Root = new(1);
    private static readonly TimeSpan ReadPoll = TimeSpan.FromMilliseconds(50);
    private static readonly RpcMethod RaftFrame = new(0x0101);

    private readonly NodeEnvironment _environment;
    private readonly ClusterNodeOptions _options;
    private readonly ILoop _loop;
    private readonly DiskStore _store;
    private readonly RpcEndpoint _rpc;
    private readonly RaftHost _raft;
    private readonly Founding _founding;
    private readonly LocalGroups _groups;
    private readonly GatewayAgent _agent;
    private readonly ShardGroups _shards;
    private GatewayKeeper? _keeper;
    private DirectoryModule? _directory;
    private ClusterIdentity? _identity;
    private bool _isOpening;

    private ClusterNode(
        NodeEnvironment environment, ClusterNodeOptions options, ILoop loop, DiskStore store, Func<RpcEndpoint, IClusterBodies> createBodies)
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

        var directory = new DirectoryCache(options.MetadataNodes);
        var client = new GroupClient(environment, rpcLoop, _rpc, directory, options.Client);
        var reads = new OpenReads();
        _agent = new GatewayAgent(environment, _rpc, client, directory, options.Leases);
        var gatewayReads = new GatewayReads(environment, _rpc, reads, _agent, ReadPoll);
        GatewayAgent.Serve(_rpc, loop, () => _keeper);
        IClusterBodies bodies = createBodies(_rpc);
        var shardOptions = options.Shards with { Limits = options.Limits, Reclaim = options.Reclaim, PeerInterval = options.PeerInterval };
        _shards = new ShardGroups(
            environment, _raft, loop, store.Rows, _groups, client, directory, _founding, new Reclaimer(gatewayReads, bodies), shardOptions);
        Metadata = new ClusterMetadata(client, directory, new GatewayIdentity(_agent, bodies), reads);
        _rpc.Start();
        environment.Spawner.Spawn(rpcLoop, "gateway-epoch", _agent.RunAsync);
        Identities = IdentityDirectory.Follow(Metadata, environment, rpcLoop, options.Root, options.IdentityInterval);
        Gateway = new S3Gateway(
            Metadata, bodies.Content, Identities, environment.Clock, environment.Entropy, environment.Trace, options.Gateway, () => _agent.IsServing);
    }

    /// <summary>The S3 API. Any thread.</summary>
    public IS3Gateway Gateway { get; }

    /// <summary>Who may call. Any thread.</summary>
    public IdentityDirectory Identities { get; }

    /// <summary>The cluster's metadata. Any thread.</summary>
    public ClusterMetadata Metadata { get; }

    /// <summary>True while requests are served. Any thread.</summary>
    public bool IsServing => _agent.IsServing;

    /// <summary>Opens the node's metadata disk, recovers, and starts its work; says nothing yet about whether it can serve.</summary>
    /// <param name="environment">The seams; the disk is the one for metadata.</param>
    /// <param name="options">Settings.</param>
    /// <param name="createBodies">Makes what keeps large bodies; it registers its methods with the endpoint, which starts after.</param>
    /// <exception cref="StorageException">The disk cannot be opened.</exception>
    public static Task<ClusterNode> StartAsync(NodeEnvironment environment, ClusterNodeOptions options, Func<RpcEndpoint, IClusterBodies> createBodies)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        ILoop loop = environment.Spawner.CreateLoop("metadata");
        return loop.CallAsync(
            static async start =>
            {
                DiskStore store = await DiskStore.OpenAsync(start.Environment, start.Loop, start.Options.Store);
                var node = new ClusterNode(start.Environment, start.Options, start.Loop, store, start.CreateBodies);
                start.Environment.Spawner.Spawn(start.Loop, "cluster-join", node.JoinAsync);
                return node;
            },
            (Environment: environment, Options: options, Loop: loop, CreateBodies: createBodies));
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

    /// <summary>Hands leadership on, and closes the disk after what is under way.</summary>
    public Task StopAsync() =>
        _loop.CallAsync(
            static async self =>
            {
                await self.HandLeadershipOnAsync();
                await self._store.CloseAsync();
                return true;
            },
            this);

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
        var gateways = new GatewayModule();
        GroupMachine machine = await GroupMachine.OpenAsync(_environment, _loop, _store.Rows, Root, [shard, directory, gateways]);
        RaftGroup group = found is null ? await _raft.OpenGroupAsync(Root, machine) : await _raft.CreateGroupAsync(Root, found, machine);
        var local = new LocalGroup(group, machine);
        _groups.Add(local);
        _keeper = new GatewayKeeper(_environment, group, gateways, _options.Leases);
        _environment.Spawner.Spawn(_loop, "gateway-keeper", _keeper.RunAsync);
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

    private sealed class GatewayIdentity(GatewayAgent agent, IClusterBodies bodies) : IGatewayIdentity
    {
        public ulong Epoch => agent.Epoch;

        public ushort NextPlacementGroup() => bodies.NextPlacementGroup();

        public void EpochWasClosed() => agent.EpochWasClosed();

        public void Abandon(IReadOnlyList<StagedChunk> staged) => bodies.Abandon(staged);
    }

    private sealed class Reclaimer(GatewayReads reads, IClusterBodies bodies) : IBlobReclaimer
    {
        public Task WaitForReadersAsync() => reads.WaitForReadersAsync();

        public Task DeleteAsync(IReadOnlyList<BlobRef> blobs) => bodies.DeleteAsync(blobs);
    }
}
