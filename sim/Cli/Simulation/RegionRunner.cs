using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>One node of a simulated region: the engine's own <see cref="ClusterNode"/> in a simulated machine, through all its lives.</summary>
internal sealed class RegionRunner(SimNode machine, ClusterNodeOptions options, RaftTraceChecker raft) : ISimServer
{
    private ClusterNode? _node;

    /// <inheritdoc/>
    public string Name => machine.Name;

    /// <summary>The machine.</summary>
    internal SimNode Machine => machine;

    /// <inheritdoc/>
    public IS3Gateway? Gateway => machine.IsUp ? _node?.Gateway : null;

    /// <summary>True while it answers requests with more than 503.</summary>
    internal bool IsServing => machine.IsUp && _node is { IsServing: true };

    /// <summary>Starts the process; that it runs says nothing about whether it can serve. A crash on the way leaves it down.</summary>
    internal async Task StartAsync()
    {
        _node = null;
        try
        {
            _node = await machine.Start((environment, disks) => ClusterNode.StartAsync(
                environment with { Trace = raft.Watch(environment.Trace, Machine.Name) }, [.. disks.Skip(1).Select(static (disk, number) => new NodeDisk(disk, $"data{number}"))], options));
        }
        catch (SimNodeCrashedException)
        {
            // Whoever crashed it starts it again.
        }
        catch (StorageException damage)
        {
            throw new PromiseBrokenException("recovers", $"node {Name} does not start on a healthy disk: {damage}");
        }
    }

    /// <summary>The newest map that it knows; the empty one before it started.</summary>
    internal ClusterMap Map => _node?.Map ?? ClusterMap.Empty;

    /// <summary>Its replicas of all groups; none when it is down.</summary>
    internal Task<IReadOnlyList<RaftStatus>> StatusesAsync() => AskAsync(static node => node.StatusesAsync(), []);

    /// <summary>How redundancy stands, when it leads the root group; else null.</summary>
    internal Task<RepairOverview?> RepairAsync() => AskAsync(static node => node.RepairAsync(), null);

    /// <inheritdoc/>
    public Task<T> CallAsync<T>(Func<IS3Gateway, Task<T>> call)
    {
        IS3Gateway gateway = Gateway ?? throw new InvalidOperationException("the node is not up");
        return machine.CallAsync(() => call(gateway));
    }

    /// <summary>Has the metadata do something, as a gateway on this machine would.</summary>
    /// <exception cref="SimNodeCrashedException">The machine lost power meanwhile.</exception>
    internal Task<T> CallMetadataAsync<T>(Func<IMetadataShard, Task<T>> call)
    {
        ClusterNode node = _node ?? throw new InvalidOperationException("the node is not up");
        return machine.CallAsync(() => call(node.Metadata));
    }

    /// <summary>Events that the groups that it leads have yet to tell; 0 while it is down.</summary>
    internal long EventsWaiting => machine.IsUp && _node is { } node ? node.Events.Counts.Sum(static counts => counts.Waiting) : 0;

    /// <summary>What its engine tells; <paramref name="whenDown"/> while it is down.</summary>
    internal async Task<T> AskAsync<T>(Func<ClusterNode, Task<T>> question, T whenDown)
    {
        if (!machine.IsUp || _node is not { } node)
        {
            return whenDown;
        }

        try
        {
            return await machine.CallAsync(() => question(node));
        }
        catch (SimNodeCrashedException)
        {
            return whenDown;
        }
    }
}
