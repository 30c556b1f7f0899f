using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Host;

/// <summary>A node that stands alone, over the real seams.</summary>
internal sealed class RunningNode : IServedNode
{
    /// <summary>Rows are asked for by each request, bodies by some: the cache of rows is this part of the cache of chunks, or its own least size.</summary>
    private const int RowsShareOfCache = 4;

    private readonly HostSpawner _spawner;
    private readonly FileDisk _disk;
    private readonly TcpNetwork _network;
    private readonly StorageNode _node;

    private RunningNode(HostSpawner spawner, FileDisk disk, TcpNetwork network, StorageNode node) =>
        (_spawner, _disk, _network, _node) = (spawner, disk, network, node);

    /// <inheritdoc/>
    public IS3Gateway Gateway => _node.Gateway;

    /// <inheritdoc/>
    public IdentityDirectory Identities => _node.Identities;

    /// <inheritdoc/>
    public bool IsReady => true;

    /// <inheritdoc/>
    public IClusterAdministration? Administration => null;

    /// <summary>Recovers the store and starts the node.</summary>
    /// <exception cref="CommandFailedException">The store is damaged or of an unknown format, or the folder cannot be used.</exception>
    internal static async Task<RunningNode> StartAsync(DataFolder folder, Identity root, GatewayOptions gateway, ITrace trace)
    {
        var disk = new FileDisk(folder.StorePath, trace);
        var network = new TcpNetwork(new NodeId("node"), listen: null, credentials: null, trace);
        var spawner = new HostSpawner();
        var environment = new NodeEnvironment(new SystemClock(), network, disk, new SystemEntropy(), spawner, trace, NothingRare.Instance);
        try
        {
            var rows = new OrderedStoreOptions();
            rows = rows with { BlockCacheBytes = long.Max(rows.BlockCacheBytes, gateway.ChunkCacheBytes / RowsShareOfCache) };
            var store = new DiskStoreOptions { Rows = rows };
            StorageNode node = await StorageNode.StartAsync(environment, new NodeOptions { Root = root, Gateway = gateway, Store = store });
            return new RunningNode(spawner, disk, network, node);
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException)
        {
            await network.DisposeAsync();
            spawner.Dispose();
            disk.Dispose();
            throw new CommandFailedException(ExitCode.Failed, $"the store in {folder.StorePath} cannot be opened: {failure.Message}");
        }
    }

    /// <inheritdoc/>
    public Task HandOverAsync(TimeSpan patience) => Task.CompletedTask;

    /// <summary>Adds the node's series, the store's measured on its loop.</summary>
    public async Task WriteMetricsAsync(PrometheusText text)
    {
        text.Single("objectstore_identities", "gauge", "Identities that may sign requests, root included.", Identities.All.Count);
        ChunkCacheMetrics.WriteTo(text, _node.Gateway.MeasureChunkCache());
        LifecycleMetrics.WriteTo(text, _node.Lifecycle.Counts);
        AccessLogMetrics.WriteTo(text, _node.AccessLogs.Counts);
        EventMetrics.WriteTo(text, _node.Events.Counts, _node.Gateway.Events.UnknownTargets);
        (ChunkStoreUsage chunks, ulong applied, ulong durable, int damaged, int damagedRows, bool failed) = await _node.Loop.CallAsync(
            static store => ValueTask.FromResult(
                (store.Chunks.MeasureUsage(), store.Rows.AppliedSequence, store.Rows.DurableSequence, store.Chunks.Damaged.Count, store.DamagedRows.Count, store.Rows.Failure is not null)),
            _node.Store);
        text.Single("objectstore_extents", "gauge", "Extent files.", chunks.ExtentCount);
        text.Family("objectstore_extent_bytes", "gauge", "Bytes in extents by use; live, staged and garbage are parts of total.");
        text.Sample("objectstore_extent_bytes", chunks.TotalBytes, ("use", "total"));
        text.Sample("objectstore_extent_bytes", chunks.LiveBytes, ("use", "live"));
        text.Sample("objectstore_extent_bytes", chunks.StagedBytes, ("use", "staged"));
        text.Sample("objectstore_extent_bytes", chunks.GarbageBytes, ("use", "garbage"));
        text.Single("objectstore_damaged_chunks", "gauge", "Chunks that reading or scrubbing found damaged.", damaged);
        text.Single("objectstore_damaged_row_places", "gauge", "Places among rows, log, manifest and superblock that the last scrub found damaged.", damagedRows);
        text.Single("objectstore_commits_applied_total", "counter", "Sequence of the last commit taken into memory.", applied);
        text.Single("objectstore_commits_durable_total", "counter", "Sequence of the last commit that is synced.", durable);
        text.Single(
            "objectstore_log_failed", "gauge", "1 once the log failed and writes are refused until a restart.", failed ? 1 : 0);
        DiskTraffic.WriteTo(text, [_disk]);
    }

    /// <summary>Closes the store; nothing more is written after.</summary>
    public async ValueTask DisposeAsync()
    {
        _spawner.BeginStop();
        await _node.StopAsync();
        _node.Identities.Dispose();
        await _network.DisposeAsync();
        _spawner.Dispose();
        _disk.Dispose();
    }
}
