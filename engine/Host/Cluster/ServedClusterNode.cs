using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Host;

/// <summary>The engine's node of a cluster as the server sees it, with settings from the topology.</summary>
internal sealed class ServedClusterNode : IClusterNode
{
    private readonly ClusterNode _node;

    private ServedClusterNode(ClusterNode node) => _node = node;

    /// <inheritdoc/>
    public IS3Gateway Gateway => _node.Gateway;

    /// <inheritdoc/>
    public IdentityDirectory Identities => _node.Identities;

    /// <inheritdoc/>
    public bool IsReady => _node.IsServing;

    /// <inheritdoc/>
    public IClusterAdministration Administration => _node.Administration;

    /// <summary>Starts it; when it can serve shows later.</summary>
    /// <exception cref="StorageException">The metadata disk cannot be opened.</exception>
    internal static async Task<IClusterNode> StartAsync(ClusterNodeSetup setup)
    {
        var disks = new List<NodeDisk>();
        for (int number = 0; number < setup.DataDisks.Count; number++)
        {
            disks.Add(new NodeDisk(setup.DataDisks[number], setup.Node.Disks[number]));
        }

        return new ServedClusterNode(await ClusterNode.StartAsync(setup.Environment, disks, OptionsOf(setup)));
    }

    /// <inheritdoc/>
    public Task HandOverAsync(TimeSpan patience) => _node.HandOverAsync(patience);

    /// <inheritdoc/>
    public async Task WriteMetricsAsync(PrometheusText text)
    {
        RaftStatus? root = await _node.StatusAsync();
        RepairOverview? repair = await _node.RepairAsync();
        ClusterMetrics.WriteTo(text, _node.Map, root, repair);
        ChunkCacheMetrics.WriteTo(text, _node.Gateway.MeasureChunkCache());
        AccessLogMetrics.WriteTo(text, _node.AccessLogs.Counts);
        EventMetrics.WriteTo(text, _node.Events.Counts, _node.Gateway.Events.UnknownTargets);
        if (_node.Lifecycle is { } lifecycle)
        {
            LifecycleMetrics.WriteTo(text, lifecycle);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync() => _node.StopAsync();

    private static ClusterNodeOptions OptionsOf(ClusterNodeSetup setup)
    {
        TopologyTimes times = setup.Topology.Times;
        TimeSpan tick = times.Heartbeat / 2;
        return new ClusterNodeOptions
        {
            Root = setup.Root,
            MetadataNodes = setup.Topology.InitialVoters,
            Zone = setup.Node.Zone,
            Layout = RegionLayout.Of(setup.Topology.Layout),
            GroupCount = setup.Topology.PlacementGroupCount,
            ClusterAddress = setup.Node.Cluster.ToString(),
            S3Address = setup.Node.S3.ToString(),
            NodeLearned = (node, address) => Learn(setup, node, address),
            Gateway = setup.Gateway,
            Map = new MapOptions { OutAfter = times.RepairAfter, ClockDriftPerMillion = times.ClockDriftPerMillion },
            Raft = new RaftHostOptions
            {
                TickInterval = tick,
                HeartbeatTicks = 2,
                ElectionTicks = (int)Math.Ceiling(times.Election / tick),
                ClockDriftPerMillionMax = times.ClockDriftPerMillion,
            },
        };
    }

    private static void Learn(ClusterNodeSetup setup, NodeId node, string address)
    {
        if (NodeAddress.TryParse(address, out NodeAddress known))
        {
            setup.NodeJoined(node, TopologyOption.Reach(known));
        }
        else
        {
            setup.Environment.Trace.Emit(TraceLevel.Error, "cluster", "address-unknown", ("node", node.Value), ("address", address));
        }
    }
}
