using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A region in a simulated world: its machines, the engine's nodes on them, and what can be asked about it from outside.</summary>
internal sealed class SimRegion
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Virtual time in which a region without troubles must serve on all nodes with all replicas caught up.</summary>
    private static readonly TimeSpan ConvergenceMax = TimeSpan.FromSeconds(60);

    private readonly SimWorld _world;
    private readonly List<RegionRunner> _nodes = [];
    private readonly List<RegionNode> _members = [];
    private ClusterMap _map = ClusterMap.Empty;

    internal SimRegion(SimWorld world, RegionShape shape)
    {
        _world = world;
        SimDiskOptions disk = shape.Disk.WithDrawnPace(world.Choices);
        for (int number = 0; number < shape.NodeCount; number++)
        {
            SimNode machine = world.CreateNode(RegionShape.NameOf(number), disk, diskCount: 1 + shape.DataDiskCount);
            _nodes.Add(new RegionRunner(machine, shape.OptionsOf(number), Raft));
            _members.Add(new RegionNode(machine, shape.ZoneOf(number)));
        }
    }

    /// <summary>Watches all groups of all nodes.</summary>
    internal RaftTraceChecker Raft { get; } = new();

    /// <summary>The nodes, by number.</summary>
    internal IReadOnlyList<RegionRunner> Nodes => _nodes;

    /// <summary>The machines with their zones, by number.</summary>
    internal IReadOnlyList<RegionNode> Members => _members;

    /// <summary>The newest map that any node has ever known.</summary>
    internal ClusterMap Map
    {
        get
        {
            foreach (RegionRunner node in _nodes)
            {
                _map = node.Map.Version > _map.Version ? node.Map : _map;
            }

            return _map;
        }
    }

    /// <summary>Starts all nodes and waits until they serve.</summary>
    internal async Task StartAsync()
    {
        foreach (RegionRunner node in _nodes)
        {
            await node.StartAsync();
        }

        await ConvergeAsync("a fresh region");
    }

    /// <summary>Starts a node again.</summary>
    internal Task StartAsync(RegionNode member) => _nodes.Find(node => node.Machine == member.Machine)!.StartAsync();

    /// <summary>Waits until all nodes serve and everything is in its place.</summary>
    /// <param name="when">For the message, such as <c>all troubles are over</c>.</param>
    /// <exception cref="PromiseBrokenException">It takes too long.</exception>
    internal async Task ConvergeAsync(string when)
    {
        TimeSpan end = _world.Now + ConvergenceMax;
        while (!(_nodes.TrueForAll(static node => node.IsServing) && await IsWholeAsync()))
        {
            if (_world.Now > end)
            {
                string missing = string.Join(' ', _nodes.Where(static node => !node.IsServing).Select(static node => node.Name));
                throw new PromiseBrokenException("converges", $"{when} for {ConvergenceMax}, and these nodes do not serve: {missing}; whole: {await IsWholeAsync()}");
            }

            await _world.Clock.DelayAsync(Poll);
        }
    }

    /// <summary>Every group has one leader that every voter follows and has caught up with, and every shard is where it belongs.</summary>
    internal async Task<bool> IsWholeAsync()
    {
        var leaders = new SortedDictionary<GroupId, RaftStatus?>();
        RepairOverview? redundancy = null;
        foreach (RegionRunner node in _nodes)
        {
            IReadOnlyList<RaftStatus> statuses = await node.StatusesAsync();
            if (statuses.Count == 0)
            {
                return false;
            }

            foreach (RaftStatus status in statuses)
            {
                RaftStatus? known = leaders.GetValueOrDefault(status.Group);
                leaders[status.Group] = status.Role == RaftRole.Leader && (known is null || status.Term > known.Term) ? status : known;
            }

            redundancy = await node.RepairAsync() ?? redundancy;
        }

        return redundancy is { Groups: > 0, Dirty: 0, Degraded: 0 } && leaders.Values.All(IsWhole);
    }

    private bool IsWhole(RaftStatus? leading) =>
        leading is { IsMembershipCommitted: true }
            && !leading.Membership.IsJoint
            && leading.Membership.Voters.Count == _nodes.Count
            && leading.Peers.Where(peer => peer.Peer != leading.Self).All(peer => peer.IsActive && peer.Match >= leading.Commit);
}
