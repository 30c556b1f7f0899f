using System;
using System.Collections.Generic;
using System.Net;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;
using ObjectStore.Engine.Node;

namespace ObjectStore.Engine.Host;

/// <summary>What a clustered node is started with.</summary>
/// <param name="Environment">The seams; its disk is the metadata disk, its network reaches the nodes of the topology.</param>
/// <param name="DataDisks">One for each path of <see cref="TopologyNode.Disks"/>.</param>
/// <param name="Topology">The region.</param>
/// <param name="Node">Which node this is.</param>
/// <param name="Root">The identity that may do everything, the same on all nodes.</param>
/// <param name="Gateway">The S3 API.</param>
/// <param name="NodeJoined">To be called when the cluster map names a node at an address: the network lets it in from then on.</param>
internal sealed record ClusterNodeSetup(
    NodeEnvironment Environment,
    IReadOnlyList<IDisk> DataDisks,
    TopologyFile Topology,
    TopologyNode Node,
    Identity Root,
    GatewayOptions Gateway,
    Action<NodeId, EndPoint> NodeJoined);

/// <summary>A node of a region, as the server sees it. Any thread.</summary>
internal interface IClusterNode
{
    /// <summary>Answers requests; while <see cref="IsReady"/> is false it may have to refuse them.</summary>
    IS3Gateway Gateway { get; }

    /// <summary>Who may call.</summary>
    IdentityDirectory Identities { get; }

    /// <summary>It belongs to a cluster, has a gateway epoch, and knows leaders that answer: requests can be served.</summary>
    bool IsReady { get; }

    /// <summary>Administration of the region.</summary>
    IClusterAdministration Administration { get; }

    /// <summary>Hands its leaderships over, so that others lead before it goes; requests are served meanwhile. Ends when none is left, or <paramref name="patience"/> does.</summary>
    Task HandOverAsync(TimeSpan patience);

    /// <summary>Adds the node's series.</summary>
    Task WriteMetricsAsync(PrometheusText text);

    /// <summary>Closes its disks.</summary>
    Task StopAsync();
}
