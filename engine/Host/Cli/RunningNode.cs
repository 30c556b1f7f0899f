using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>The engine over the real seams.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly HostSpawner _spawner;
    private readonly FileDisk _disk;
    private readonly TcpNetwork _network;
    private readonly IS3Gateway? _gateway;

    private RunningNode(HostSpawner spawner, FileDisk disk, TcpNetwork network, IS3Gateway? gateway) =>
        (_spawner, _disk, _network, _gateway) = (spawner, disk, network, gateway);

    /// <summary>Answers requests.</summary>
    internal IS3Gateway Gateway => _gateway ?? throw new CommandFailedException(ExitCode.Failed, "the storage node is not part of this build yet");

    /// <summary>Recovers the store and starts the node.</summary>
    /// <exception cref="Storage.StorageException">The store is damaged or of an unknown format.</exception>
    internal static Task<RunningNode> StartAsync(DataFolder folder, ServerOptions options, IIdentityDirectory identities, ITrace trace)
    {
        _ = options;
        _ = identities;
        var node = new RunningNode(new HostSpawner(), new FileDisk(folder.StorePath, trace), new TcpNetwork(new NodeId("node"), listen: null, trace), gateway: null);
        return Task.FromResult(node);
    }

    /// <summary>Adds the node's series.</summary>
    internal void WriteMetrics(PrometheusText text) => text.Single("objectstore_up", "gauge", "1 while the node runs.", _gateway is null ? 0 : 1);

    /// <summary>Stops the node: nothing more is written.</summary>
    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        _spawner.Dispose();
        _disk.Dispose();
    }
}
