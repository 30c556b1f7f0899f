using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>What a node remembers of the directory. It may be out of date: groups notice, and whoever was sent astray asks again.</summary>
/// <param name="rootNodes">Nodes that may have a replica of the root group, by the topology; used until the directory says better.</param>
public sealed class DirectoryCache(IReadOnlyList<NodeId> rootNodes) : IGroupLocator
{
    private volatile RangeDirectory _directory = RangeDirectory.First;
    private Task<RangeDirectory>? _refresh;

    /// <summary>The newest one seen. Any thread.</summary>
    public RangeDirectory Current => _directory;

    /// <inheritdoc/>
    public IReadOnlyList<NodeId> ReplicasOf(GroupId group)
    {
        return _directory.FindGroup(group) is { Nodes.Count: > 0 } placed ? placed.Nodes : group == RangeDirectory.Root ? rootNodes : [];
    }

    /// <inheritdoc/>
    public Task LookAgainAsync(GroupClient client) => RefreshAsync(client);

    /// <summary>Asks the root group. On the client's loop; callers at the same time share one question.</summary>
    /// <exception cref="Storage.StorageException">It cannot be reached.</exception>
    public Task<RangeDirectory> RefreshAsync(GroupClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        Invariant.Check(client.Loop.IsCurrent, "a directory is refreshed on its client's loop");
        return _refresh is { IsCompleted: false } refresh ? refresh : _refresh = AskAsync(client);
    }

    private async Task<RangeDirectory> AskAsync(GroupClient client)
    {
        RangeDirectory found = DirectoryCodec.DecodeDirectory((await client.AskAsync(RangeDirectory.Root, DirectoryCodec.Question, client.DeadlineFromNow())).Span);
        if (found.Version >= _directory.Version)
        {
            _directory = found;
        }

        return _directory;
    }
}
