using System;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Workloads.Benchmarks.Metadata;

/// <summary>The engine's own cluster node on a folder of this machine, alone in its cluster: consensus of one, log synced, and as many groups as its settings ask for.</summary>
internal sealed class MetadataNode : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    private readonly FileDisk _disk;
    private readonly TcpNetwork _network;
    private readonly HostSpawner _spawner;
    private readonly ClusterNode _node;

    private MetadataNode(FileDisk disk, TcpNetwork network, HostSpawner spawner, ClusterNode node) =>
        (_disk, _network, _spawner, _node) = (disk, network, spawner, node);

    internal ClusterMetadata Metadata => _node.Metadata;

    /// <summary>Opens the folder; ends when the node serves.</summary>
    internal static async Task<MetadataNode> StartAsync(string folder, DiskStoreOptions store, BalanceOptions balance)
    {
        var trace = new Silence();
        var self = new NodeId("alone");
        var disk = new FileDisk(folder, trace);
        var network = new TcpNetwork(self, listen: null, credentials: null, trace);
        var spawner = new HostSpawner();
        var environment = new NodeEnvironment(new SystemClock(), network, disk, new SystemEntropy(), spawner, trace, NothingRare.Instance);
        var options = new ClusterNodeOptions
        {
            Root = new Identity("root", "benchmark", "benchmark-secret", new string('a', 64), "", IsRoot: true),
            MetadataNodes = [self],

            // Metadata only: bodies are named and never written, so there is no disk for them.
            Zone = "here",
            Layout = new Layout(1, 0, default, default, 0),
            GroupCount = 1,
            Store = store,
            Gateway = new GatewayOptions(),
            Shards = new ShardGroupsOptions { Balance = balance, Meter = new RangeMeterOptions { Interval = TimeSpan.FromSeconds(2), StepRest = TimeSpan.FromMilliseconds(2) } },
        };
        ClusterNode node = await ClusterNode.StartAsync(environment, [], options);
        while (!node.IsServing)
        {
            await Task.Delay(Poll);
        }

        return new MetadataNode(disk, network, spawner, node);
    }

    /// <summary>Ranges, and groups that have some.</summary>
    internal async Task<(int Ranges, int Groups)> ShardsAsync() =>
        await _node.DirectoryAsync() is { } directory ? (directory.Ranges.Count, directory.Ranges.Select(static placed => placed.Group).Distinct().Count()) : (0, 0);

    /// <summary>Ends when no range moves any more.</summary>
    internal async Task RestAsync()
    {
        while (await _node.DirectoryAsync() is { Transfers.Count: > 0 })
        {
            await Task.Delay(Poll);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _spawner.BeginStop();
        await _node.StopAsync();
        _node.Identities.Dispose();
        await _network.DisposeAsync();
        _spawner.Dispose();
        _disk.Dispose();
    }

    /// <summary>Nobody reads it here.</summary>
    private sealed class Silence : ITrace
    {
        public bool IsEnabled(TraceLevel level) => false;

        public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields)
        {
            // Nothing is kept.
        }
    }
}
