using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Host;

/// <summary>The engine over the real seams.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly HostSpawner _spawner;
    private readonly FileDisk _disk;
    private readonly TcpNetwork _network;
    private readonly StorageNode _node;

    private RunningNode(HostSpawner spawner, FileDisk disk, TcpNetwork network, StorageNode node) =>
        (_spawner, _disk, _network, _node) = (spawner, disk, network, node);

    /// <summary>Answers requests.</summary>
    internal IS3Gateway Gateway => _node.Gateway;

    /// <summary>Who may call.</summary>
    internal IdentityDirectory Identities => _node.Identities;

    /// <summary>Recovers the store and starts the node.</summary>
    /// <exception cref="CommandFailedException">The store is damaged or of an unknown format, or the folder cannot be used.</exception>
    internal static async Task<RunningNode> StartAsync(DataFolder folder, Identity root, GatewayOptions gateway, ITrace trace)
    {
        var disk = new FileDisk(folder.StorePath, trace);
        var network = new TcpNetwork(new NodeId("node"), listen: null, trace);
        var spawner = new HostSpawner();
        var environment = new NodeEnvironment(new SystemClock(), network, disk, new SystemEntropy(), spawner, trace, NothingRare.Instance);
        try
        {
            StorageNode node = await StorageNode.StartAsync(environment, new NodeOptions { Root = root, Gateway = gateway });
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

    /// <summary>Adds the node's series.</summary>
    internal void WriteMetrics(PrometheusText text) =>
        text.Single("objectstore_identities", "gauge", "Identities that may sign requests, root included.", Identities.All.Count);

    /// <summary>Closes the store; nothing more is written after.</summary>
    public async ValueTask DisposeAsync()
    {
        _spawner.BeginStop();
        await _node.StopAsync();
        await _network.DisposeAsync();
        _spawner.Dispose();
        _disk.Dispose();
    }
}
