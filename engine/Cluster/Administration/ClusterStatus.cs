using System.Collections.Generic;

namespace ObjectStore.Engine.Cluster;

/// <summary>How a region fares as a whole.</summary>
public enum ClusterHealth
{
    /// <summary>Every node is up and everything is fully redundant.</summary>
    Healthy,

    /// <summary>Everything is served; something is missing and is being put right.</summary>
    Degraded,

    /// <summary>Some metadata shard has no leader, or some body cannot be read.</summary>
    Unavailable,
}

/// <summary>What the root group thinks of a node.</summary>
public enum NodeState
{
    /// <summary>It answers.</summary>
    Up,

    /// <summary>It has not answered for a while.</summary>
    Silent,

    /// <summary>It is being emptied.</summary>
    Draining,

    /// <summary>It was emptied, or given up.</summary>
    Left,
}

/// <summary>What the root group thinks of a disk.</summary>
public enum DiskState
{
    /// <summary>It takes and gives shards.</summary>
    Up,

    /// <summary>Its node does not answer.</summary>
    Silent,

    /// <summary>It is being emptied.</summary>
    Draining,

    /// <summary>It is given up: its shards are built again elsewhere.</summary>
    Lost,
}

/// <summary>A region as its root leader sees it: the answer of <c>objectstore admin status</c>.</summary>
/// <param name="ClusterId">32 hex digits, given at the founding.</param>
/// <param name="Region">As in the topology.</param>
/// <param name="AnsweredBy">The node that put the answer together.</param>
/// <param name="RootLeader">Empty when there is none.</param>
/// <param name="MapVersion">Of the cluster map.</param>
/// <param name="Health">As a whole.</param>
/// <param name="Nodes">By name.</param>
/// <param name="Repair">Redundancy and what is being done for it.</param>
/// <param name="Troubles">One sentence each, for people; empty when healthy.</param>
public sealed record ClusterStatus(
    string ClusterId,
    string Region,
    string AnsweredBy,
    string RootLeader,
    ulong MapVersion,
    ClusterHealth Health,
    IReadOnlyList<NodeStatus> Nodes,
    RepairStatus Repair,
    IReadOnlyList<string> Troubles);

/// <summary>One node.</summary>
/// <param name="Name">In the topology.</param>
/// <param name="Zone">Where it stands.</param>
/// <param name="State">What the root group thinks.</param>
/// <param name="ClusterAddress">Where nodes reach it.</param>
/// <param name="S3Address">Where clients reach it.</param>
/// <param name="SilentMs">Milliseconds since it was last heard of.</param>
/// <param name="DisksUp">Data disks that take shards.</param>
/// <param name="DiskCount">Data disks.</param>
/// <param name="LeaderOf">Raft groups that it leads.</param>
/// <param name="VoterOf">Raft groups that it votes in.</param>
public sealed record NodeStatus(
    string Name, string Zone, NodeState State, string ClusterAddress, string S3Address, long SilentMs, int DisksUp, int DiskCount, int LeaderOf, int VoterOf);

/// <summary>One data disk.</summary>
/// <param name="Id">Its number in the map: of one formatting, never given again.</param>
/// <param name="Node">Where it is.</param>
/// <param name="Zone">Where that is.</param>
/// <param name="Path">On that node.</param>
/// <param name="State">What the root group thinks.</param>
/// <param name="TotalBytes">Size of its file system.</param>
/// <param name="UsedBytes">Bytes of shards, garbage included.</param>
/// <param name="Slots">Slots of placement groups that name it.</param>
/// <param name="SlotsToMove">Of those, slots that are being filled or emptied.</param>
public sealed record DiskStatus(string Id, string Node, string Zone, string Path, DiskState State, long TotalBytes, long UsedBytes, int Slots, int SlotsToMove);

/// <summary>Redundancy of bodies, and the work for it.</summary>
/// <param name="IsFullyRedundant">Every placement group has all its shards on disks that are up.</param>
/// <param name="PlacementGroups">All.</param>
/// <param name="Dirty">Those that a pass has to look at: something may be missing there, or left over.</param>
/// <param name="Degraded">Those with a place that is empty, silent or being filled.</param>
/// <param name="AtRisk">Of those, groups that could lose no more.</param>
/// <param name="Unreadable">Of those, groups with fewer than k shards.</param>
/// <param name="ShardsBuilt">Since the root leader began to lead.</param>
/// <param name="BytesBuilt">Since the root leader began to lead.</param>
/// <param name="BytesPerSecond">Between the last two questions that were a second apart.</param>
/// <param name="BytesPerSecondMax">The budget of all nodes that are up together.</param>
/// <param name="Running">What is being worked on, by remaining tolerance, then number.</param>
public sealed record RepairStatus(
    bool IsFullyRedundant,
    int PlacementGroups,
    int Dirty,
    int Degraded,
    int AtRisk,
    int Unreadable,
    long ShardsBuilt,
    long BytesBuilt,
    long BytesPerSecond,
    long BytesPerSecondMax,
    IReadOnlyList<RepairTask> Running);

/// <summary>Work on one placement group.</summary>
/// <param name="PlacementGroup">Number.</param>
/// <param name="LossesLeft">Shards that it could still lose.</param>
/// <param name="Node">Who works on it.</param>
/// <param name="ChunksChecked">Looked at by this pass.</param>
/// <param name="ShardsBuilt">Built by this pass.</param>
public sealed record RepairTask(int PlacementGroup, int LossesLeft, string Node, long ChunksChecked, long ShardsBuilt);

/// <summary>A Raft group: the root or a range of keys.</summary>
/// <param name="Group">1 is the root.</param>
/// <param name="From">First key of its range, as bucket id and key; empty at the beginning and for the root.</param>
/// <param name="To">First key behind its range; empty at the end and for the root.</param>
/// <param name="Leader">Empty when none is known.</param>
/// <param name="Term">Of the leader.</param>
/// <param name="CommitIndex">Of the leader.</param>
/// <param name="Replicas">By node.</param>
public sealed record GroupStatus(ulong Group, string From, string To, string Leader, ulong Term, ulong CommitIndex, IReadOnlyList<ReplicaStatus> Replicas);

/// <summary>One replica of a group.</summary>
/// <param name="Node">Where it lives.</param>
/// <param name="Votes">False for a learner.</param>
/// <param name="MatchIndex">Last entry known to be there.</param>
/// <param name="IsHeard">The leader heard of it within an election timeout.</param>
public sealed record ReplicaStatus(string Node, bool Votes, ulong MatchIndex, bool IsHeard);
