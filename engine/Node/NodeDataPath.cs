using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>A node's part in keeping bodies: its disks serve shards, its gateway writes and reads chunks, its workers heal. On the endpoint's loop.</summary>
internal sealed class NodeDataPath
{
    private readonly NodeEnvironment _environment;
    private readonly ClusterNodeOptions _options;
    private readonly RpcEndpoint _rpc;
    private readonly ShardService _service;
    private readonly ShardClient _client;
    private readonly ClusterGateway _gateway = new();
    private readonly List<DataDisk> _disks = [];
    private readonly IReadOnlyList<NodeDisk> _given;

    /// <summary>Registers its methods, so before the endpoint starts.</summary>
    internal NodeDataPath(NodeEnvironment environment, IReadOnlyList<NodeDisk> disks, ClusterNodeOptions options, RpcEndpoint rpc)
    {
        (_environment, _given, _options, _rpc) = (environment, disks, options, rpc);
        Root = new RootClient(environment, rpc, options.MetadataNodes, options.Map);
        Follower = new MapFollower(environment, Root, _gateway, options.Map);
        _service = new ShardService(environment, rpc, Follower);
        _client = new ShardClient(_service, Follower);
        var codec = new ChunkCodec(options.Layout, options.Io.ChunkSizeBytes, options.Io.IdleBufferBytesMax);
        Content = new ClusterContentStore(environment, _client, codec, Follower, options.Io);
        Deletion = new BlobDeletion(_client, options.Io);
        _gateway.Attach(environment, Follower, _service);
        _gateway.Attach(Content);
    }

    /// <summary>Finds the root leader.</summary>
    internal RootClient Root { get; }

    /// <summary>The map and the gateway's lease. Any thread.</summary>
    internal MapFollower Follower { get; }

    /// <summary>Who the gateway is. Any thread.</summary>
    internal IGatewayIdentity Identity => _gateway;

    /// <summary>Where bodies go. Any thread.</summary>
    internal ClusterContentStore Content { get; }

    /// <summary>Deletes what is stored of blobs. Any thread.</summary>
    internal BlobDeletion Deletion { get; }

    /// <summary>The disks in service, in order of their numbers.</summary>
    internal IReadOnlyList<ShardDisk> Disks => [.. _service.Disks];

    /// <summary>Adds what needs to know which blobs are named; before the endpoint starts.</summary>
    internal void AttachRepair(ILiveBlobs live)
    {
        var budget = new RateBudget(_environment.Clock, _options.Repair.BytesPerSecond);
        _ = new RepairService(_environment, _rpc, _client, Content, live, budget, _options.Repair);
        var healer = new DamageHealer(_environment, _service, _client, Content, budget, _options.Repair);
        var sweeper = new StraySweeper(_environment, _service, Follower, _options.Repair);
        _environment.Spawner.Spawn(_rpc.Loop, healer.Name, () => healer.RunAsync(CancellationToken.None));
        _environment.Spawner.Spawn(_rpc.Loop, sweeper.Name, () => sweeper.RunAsync(CancellationToken.None));
    }

    /// <summary>Joins the map, then serves: disks come into service and the gateway gets its epoch.</summary>
    internal async Task JoinAsync()
    {
        var join = new JoinNodeCommand(_rpc.Self, _options.Zone, _options.ClusterAddress, _options.S3Address);
        while (!await TryJoinAsync(join))
        {
            await _environment.Clock.DelayAsync(_options.DiskInterval);
        }

        Follower.Start(servesReads: true);
        foreach (NodeDisk given in _given)
        {
            var disk = new DataDisk(
                _environment with { Disk = given.Disk }, given.Path, _options.DataStore, Root, _service, _rpc.Self, _options.DiskInterval);
            _disks.Add(disk);
            _environment.Spawner.Spawn(_rpc.Loop, $"data-disk-{given.Path}", disk.RunAsync);
        }
    }

    /// <summary>Closes the disks.</summary>
    internal async Task CloseAsync()
    {
        foreach (DataDisk disk in _disks)
        {
            await disk.CloseAsync();
        }
    }

    private async ValueTask<bool> TryJoinAsync(JoinNodeCommand join)
    {
        try
        {
            MapResult result = await Root.ExecuteAsync(join);
            if (result.Status == MapStatus.Conflict)
            {
                _environment.Trace.Emit(TraceLevel.Error, "map", "other-zone", ("node", join.Node.Value), ("zone", join.Zone));
            }

            return result.Status == MapStatus.Done;
        }
        catch (StorageException)
        {
            // There is no leader yet.
            return false;
        }
    }
}
