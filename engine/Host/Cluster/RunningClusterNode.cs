using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Host;

/// <summary>A node of a region, over the real seams: a disk for metadata, a disk for each data path, one network.</summary>
internal sealed class RunningClusterNode : IServedNode
{
    private readonly HostSpawner _spawner;
    private readonly List<FileDisk> _disks;
    private readonly TcpNetwork _network;
    private readonly NodeCredentials? _credentials;
    private readonly IClusterNode _node;

    private RunningClusterNode(HostSpawner spawner, List<FileDisk> disks, TcpNetwork network, NodeCredentials? credentials, IClusterNode node) =>
        (_spawner, _disks, _network, _credentials, _node) = (spawner, disks, network, credentials, node);

    /// <inheritdoc/>
    public IS3Gateway Gateway => _node.Gateway;

    /// <inheritdoc/>
    public IdentityDirectory Identities => _node.Identities;

    /// <inheritdoc/>
    public bool IsReady => _node.IsReady;

    /// <inheritdoc/>
    public IClusterAdministration? Administration => _node.Administration;

    /// <summary>Opens the disks, joins the network and starts the node.</summary>
    /// <param name="folder">Its identity and secrets.</param>
    /// <param name="option">Which node of which region.</param>
    /// <param name="root">The identity that may do everything.</param>
    /// <param name="gateway">The S3 API.</param>
    /// <param name="start">Composes the node.</param>
    /// <param name="trace">The log.</param>
    /// <exception cref="CommandFailedException">A certificate, address or disk cannot be used.</exception>
    internal static async Task<RunningClusterNode> StartAsync(
        DataFolder folder, TopologyOption option, Identity root, GatewayOptions gateway, Func<ClusterNodeSetup, Task<IClusterNode>> start, ITrace trace)
    {
        TopologyNode self = option.Node;
        NodeCredentials? credentials = option.Insecure ? null : RegionFiles.LoadCredentials(folder, self.Name);
        TcpNetwork network = Listen(option, credentials, trace);
        var spawner = new HostSpawner();
        var disks = new List<FileDisk>();
        try
        {
            disks.Add(new FileDisk(self.Metadata, trace));
            foreach (string path in self.Disks)
            {
                disks.Add(new FileDisk(path, trace));
            }

            foreach (TopologyNode peer in option.Topology.Nodes)
            {
                if (peer.Name != self.Name)
                {
                    network.AddPeer(peer.Name, TopologyOption.Reach(peer.Cluster));
                }
            }

            var environment = new NodeEnvironment(new SystemClock(), network, disks[0], new SystemEntropy(), spawner, trace, NothingRare.Instance);
            IClusterNode node = await start(new ClusterNodeSetup(environment, disks.GetRange(1, disks.Count - 1), option.Topology, self, root, gateway, network.AddPeer));
            return new RunningClusterNode(spawner, disks, network, credentials, node);
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException or IOException or UnauthorizedAccessException)
        {
            await CloseAsync(network, spawner, disks, credentials);
            throw new CommandFailedException(ExitCode.Failed, $"node {self.Name} cannot start: {failure.Message}");
        }
    }

    /// <inheritdoc/>
    public Task HandOverAsync(TimeSpan patience) => _node.HandOverAsync(patience);

    /// <inheritdoc/>
    public async Task WriteMetricsAsync(PrometheusText text)
    {
        await _node.WriteMetricsAsync(text);
        text.Single("objectstore_node_ready", "gauge", "1 while requests can be served.", IsReady ? 1 : 0);
        if (_credentials is not null)
        {
            text.Single(
                "objectstore_cluster_certificate_expires_seconds",
                "gauge",
                "Until when the node's certificate is good, in seconds since 1970.",
                new DateTimeOffset(_credentials.ExpiresUtc).ToUnixTimeSeconds());
        }

        DiskTraffic.WriteTo(text, _disks);
        NetworkMetrics.WriteTo(text, _network.MeasureTraffic());
    }

    /// <summary>Closes the disks; nothing more is written after.</summary>
    public async ValueTask DisposeAsync()
    {
        _spawner.BeginStop();
        await _node.StopAsync();
        Identities.Dispose();
        await CloseAsync(_network, _spawner, _disks, _credentials);
    }

    private static TcpNetwork Listen(TopologyOption option, NodeCredentials? credentials, ITrace trace)
    {
        try
        {
            return new TcpNetwork(option.Node.Name, TopologyOption.Listen(option.Node.Cluster), credentials, trace);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            credentials?.Dispose();
            throw new CommandFailedException(ExitCode.Failed, $"cannot listen on {option.Node.Cluster} for other nodes: {failure.Message}");
        }
    }

    private static async Task CloseAsync(TcpNetwork network, HostSpawner spawner, List<FileDisk> disks, NodeCredentials? credentials)
    {
        await network.DisposeAsync();
        spawner.Dispose();
        foreach (FileDisk disk in disks)
        {
            disk.Dispose();
        }

        credentials?.Dispose();
    }
}
