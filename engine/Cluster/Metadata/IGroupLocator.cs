using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>Says where replicas of groups are.</summary>
public interface IGroupLocator
{
    /// <summary>Nodes that have a replica of the group, as far as is known; may be out of date. Any thread.</summary>
    IReadOnlyList<NodeId> ReplicasOf(GroupId group);

    /// <summary>What it says has turned out wrong, or nothing: asks again. On the client's loop.</summary>
    /// <exception cref="Storage.StorageException">Nobody could be asked.</exception>
    Task LookAgainAsync(GroupClient client);
}
