using System.Collections.Generic;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>A replica of a group on this node.</summary>
/// <param name="Raft">Its consensus.</param>
/// <param name="Machine">Its state.</param>
public sealed record LocalGroup(IRaftGroup Raft, GroupMachine Machine);

/// <summary>The groups that have a replica on this node. Belongs to the loop of the metadata store.</summary>
public sealed class LocalGroups(ILoop loop)
{
    private readonly SortedDictionary<GroupId, LocalGroup> _groups = [];

    /// <summary>Owns the replicas.</summary>
    public ILoop Loop => loop;

    /// <summary>In order of their ids.</summary>
    public IReadOnlyCollection<LocalGroup> All => _groups.Values;

    /// <summary>A replica that opened.</summary>
    public void Add(LocalGroup group)
    {
        Invariant.Check(loop.IsCurrent, "replicas belong to the loop of their store");
        _groups.Add(group.Raft.Id, group);
    }

    /// <summary>A replica that is no more.</summary>
    public void Remove(GroupId group)
    {
        Invariant.Check(loop.IsCurrent, "replicas belong to the loop of their store");
        _groups.Remove(group);
    }

    /// <summary>The replica of a group, or null.</summary>
    public LocalGroup? Find(GroupId group)
    {
        Invariant.Check(loop.IsCurrent, "replicas belong to the loop of their store");
        return _groups.GetValueOrDefault(group);
    }
}
