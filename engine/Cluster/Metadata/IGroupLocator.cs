using System.Collections.Generic;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>Says where replicas of groups are.</summary>
public interface IGroupLocator
{
    /// <summary>Nodes that have a replica of the group, as far as is known; may be out of date. Any thread.</summary>
    IReadOnlyList<NodeId> ReplicasOf(GroupId group);
}

/// <summary>All groups are on the same nodes, always.</summary>
public sealed class FixedGroupLocator(IReadOnlyList<NodeId> nodes) : IGroupLocator
{
    /// <inheritdoc/>
    public IReadOnlyList<NodeId> ReplicasOf(GroupId group) => nodes;
}
