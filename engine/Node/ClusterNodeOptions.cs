using System;
using System.Collections.Generic;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>Settings of a node of a cluster; limits, times and voters are the same on all of its nodes.</summary>
public sealed record ClusterNodeOptions
{
    /// <summary>The identity that may do everything.</summary>
    public required Identity Root { get; init; }

    /// <summary>The nodes that found the cluster and keep its metadata, from the topology; three or five, in different zones.</summary>
    public required IReadOnlyList<NodeId> MetadataNodes { get; init; }

    /// <summary>Sizes and paces of the metadata disk.</summary>
    public DiskStoreOptions Store { get; init; } = new();

    /// <summary>Limits of the metadata.</summary>
    public MetadataLimits Limits { get; init; } = new();

    /// <summary>Times of consensus.</summary>
    public RaftHostOptions Raft { get; init; } = new();

    /// <summary>Patience with other nodes.</summary>
    public GroupClientOptions Client { get; init; } = new();

    /// <summary>Leases of gateways.</summary>
    public GatewayLeaseOptions Leases { get; init; } = new();

    /// <summary>Paces of reclaiming.</summary>
    public GroupReclaimerOptions Reclaim { get; init; } = new();

    /// <summary>Ranges of keys and their groups. Limits, reclaiming and the peers' interval are those of this record.</summary>
    public ShardGroupsOptions Shards { get; init; } = new();

    /// <summary>Region, domains and limits of the S3 API.</summary>
    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>Between two looks at identities that other nodes may have changed.</summary>
    public TimeSpan IdentityInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks at whether a member's disk was replaced.</summary>
    public TimeSpan PeerInterval { get; init; } = TimeSpan.FromSeconds(1);
}
