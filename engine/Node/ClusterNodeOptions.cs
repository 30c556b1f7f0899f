using System;
using System.Collections.Generic;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>Settings of a node of a cluster; all but zone and addresses are the same on all of its nodes.</summary>
public sealed record ClusterNodeOptions
{
    /// <summary>The identity that may do everything.</summary>
    public required Identity Root { get; init; }

    /// <summary>The nodes that found the cluster and keep its metadata, from the topology; three or five, in different zones.</summary>
    public required IReadOnlyList<NodeId> MetadataNodes { get; init; }

    /// <summary>The node's zone.</summary>
    public required string Zone { get; init; }

    /// <summary>How chunks are cut and what that must survive. The first leader fixes it for good.</summary>
    public required Layout Layout { get; init; }

    /// <summary>Placement groups of a new cluster; at most 65536. Some ten for each disk that it may grow to keep repair spread and disks even.</summary>
    public int GroupCount { get; init; } = 256;

    /// <summary>Where other nodes reach this one, for the map.</summary>
    public string ClusterAddress { get; init; } = "";

    /// <summary>Called with each other node that the map names, and its address there, also when that changes: the network must let it in. On the endpoint's loop.</summary>
    public Action<NodeId, string> NodeLearned { get; init; } = static (_, _) => { };

    /// <summary>Where clients reach this one, for the map.</summary>
    public string S3Address { get; init; } = "";

    /// <summary>Sizes and paces of each data disk; its chunks are shards with their headers.</summary>
    public DiskStoreOptions DataStore { get; init; } = new();

    /// <summary>Chunks, and patience with disks.</summary>
    public ChunkIoOptions Io { get; init; } = new();

    /// <summary>Beats, leases, and when who is given up.</summary>
    public MapOptions Map { get; init; } = new();

    /// <summary>Paces of repair.</summary>
    public RepairOptions Repair { get; init; } = new();

    /// <summary>Between two looks at whether a data disk serves; then it is opened again.</summary>
    public TimeSpan DiskInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Sizes and paces of the metadata disk.</summary>
    public DiskStoreOptions Store { get; init; } = new();

    /// <summary>Limits of the metadata.</summary>
    public MetadataLimits Limits { get; init; } = new();

    /// <summary>Times of consensus.</summary>
    public RaftHostOptions Raft { get; init; } = new();

    /// <summary>Patience with other nodes.</summary>
    public GroupClientOptions Client { get; init; } = new();

    /// <summary>Paces of reclaiming.</summary>
    public GroupReclaimerOptions Reclaim { get; init; } = new();

    /// <summary>Ranges of keys and their groups. Limits, reclaiming and the peers' interval are those of this record.</summary>
    public ShardGroupsOptions Shards { get; init; } = new();

    /// <summary>Region, domains and limits of the S3 API.</summary>
    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>Between two looks at identities that other nodes may have changed.</summary>
    public TimeSpan IdentityInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks at whether a member's disk was replaced.</summary>
    public TimeSpan PeerInterval { get; init; } = TimeSpan.FromSeconds(5);
}
