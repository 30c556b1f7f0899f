using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Administration where the root group is led: reads the map, what the leader heard, and the groups of this node; changes go through the root group. Any thread.</summary>
/// <remarks>Only a replica that has confirmed its leadership answers; all others say that it may be tried elsewhere.</remarks>
public sealed class RootAdministration : IClusterAdministration
{
    private readonly NodeEnvironment _environment;
    private readonly LocalGroups _groups;
    private readonly RootService _service;
    private readonly RepairOptions _repair;
    private readonly string _region;
    private IRootGroup? _root;
    private RepairCoordinator? _coordinator;
    private string _clusterId = "";
    private (TimeSpan At, long Bytes, ulong Term) _sample;
    private long _bytesPerSecond;

    /// <summary>Prepares it.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="groups">Replicas of this node; their loop is that of the root group.</param>
    /// <param name="service">Hears the beats.</param>
    /// <param name="repair">Paces of repair.</param>
    /// <param name="region">Its name.</param>
    public RootAdministration(NodeEnvironment environment, LocalGroups groups, RootService service, RepairOptions repair, string region)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(repair);
        ArgumentNullException.ThrowIfNull(region);
        (_environment, _groups, _service, _repair, _region) = (environment, groups, service, repair, region);
    }

    /// <summary>This node's replica opened. On its loop.</summary>
    /// <param name="root">The replica.</param>
    /// <param name="coordinator">Its repair.</param>
    /// <param name="cluster">The cluster's id.</param>
    public void Attach(IRootGroup root, RepairCoordinator coordinator, UInt128 cluster)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(coordinator);
        (_coordinator, _clusterId, _root) = (coordinator, cluster.ToString("x32", System.Globalization.CultureInfo.InvariantCulture), root);
    }

    /// <inheritdoc/>
    public Task<ClusterStatus> StatusAsync() => OnLeaderAsync(root => new ValueTask<ClusterStatus>(Status(root)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<DiskStatus>> DisksAsync() => OnLeaderAsync(root => new ValueTask<IReadOnlyList<DiskStatus>>(Disks(root.Map)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<GroupStatus>> GroupsAsync() => OnLeaderAsync(_ => new ValueTask<IReadOnlyList<GroupStatus>>(GroupStatuses.Of(_groups)));

    /// <inheritdoc/>
    public Task<RepairStatus> RepairAsync(bool now) => OnLeaderAsync(async root =>
    {
        if (now)
        {
            await _coordinator!.SweepAsync();
        }

        return Repair(root);
    });

    /// <inheritdoc/>
    public Task DecommissionAsync(DecommissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return OnLeaderAsync(async root =>
        {
            foreach (MapCommand command in DecommissionPlan.Of(root.Map, GroupStatuses.Of(_groups), request))
            {
                Require(await root.ProposeAsync(command), $"the {request.Kind.ToString().ToLowerInvariant()} {request.Name}");
            }

            return true;
        });
    }

    /// <inheritdoc/>
    public Task JoinAsync(JoinRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return OnLeaderAsync(async root =>
        {
            var name = new NodeId(request.Name);
            if (root.Map.Nodes.TryGetValue(name, out NodeRecord? known) && known.IsUp && known.ClusterAddress != request.ClusterAddress)
            {
                throw new AdministrationException($"node {name} is up at {known.ClusterAddress}");
            }

            Require(await root.ProposeAsync(new JoinNodeCommand(name, request.Zone, request.ClusterAddress, request.S3Address)), $"node {name}");
            return true;
        });
    }

    private async Task<TResult> OnLeaderAsync<TResult>(Func<IRootGroup, ValueTask<TResult>> answer) => await _groups.Loop.CallAsync(
        static async call =>
        {
            if (call.Self._root is not { } root)
            {
                throw new AdministrationException("this node has no replica of the root group", retry: true);
            }

            if (!root.IsLeader || !await root.ConfirmAsync() || !root.IsLeader)
            {
                throw new AdministrationException($"the root group is led by {root.Leader?.Value ?? "nobody"}", retry: true);
            }

            call.Self._service.Beats.Enter(root.Term);
            try
            {
                return await call.Answer(root);
            }
            catch (StorageException failure)
            {
                throw new AdministrationException($"the root group did not decide: {failure.Message}", retry: true);
            }
        },
        (Self: this, Answer: answer));

    private static void Require(MapResult result, string what)
    {
        string? problem = result.Status switch
        {
            MapStatus.Done => null,
            MapStatus.NotFounded => "the region is not founded yet",
            MapStatus.NotFound => $"{what} is not known",
            MapStatus.Conflict => $"{what} is in a state that does not allow it",
            _ => $"{what}: refused",
        };
        if (problem is not null)
        {
            throw new AdministrationException(problem, retry: result.Status == MapStatus.NotFounded);
        }
    }

    private ClusterStatus Status(IRootGroup root)
    {
        ClusterMap map = root.Map;
        IReadOnlyList<GroupStatus> groups = GroupStatuses.Of(_groups);
        RepairStatus repair = Repair(root);
        var troubles = new List<string>();
        var nodes = new List<NodeStatus>();
        foreach (NodeRecord node in map.Nodes.Values)
        {
            NodeStatus status = Describe(map, node, groups);
            nodes.Add(status);
            if (status.State is NodeState.Silent)
            {
                troubles.Add($"node {node.Name} in zone {node.Zone} does not answer");
            }
            else if (status.State is not NodeState.Left && status.DisksUp < status.DiskCount)
            {
                troubles.Add($"{status.DiskCount - status.DisksUp} of {status.DiskCount} disks of node {node.Name} give and take nothing");
            }
        }

        foreach (GroupStatus group in groups)
        {
            if (group.Leader.Length == 0)
            {
                troubles.Add($"metadata group {group.Group} has no leader");
            }
        }

        if (!repair.IsFullyRedundant)
        {
            troubles.Add($"{repair.Dirty} of {repair.PlacementGroups} placement groups are to be looked at, {repair.Degraded} miss shards, {repair.Unreadable} cannot be read");
        }

        bool isAway = repair.Unreadable > 0 || Exists(groups, static group => group.Leader.Length == 0);
        ClusterHealth health = isAway ? ClusterHealth.Unavailable : troubles.Count > 0 ? ClusterHealth.Degraded : ClusterHealth.Healthy;
        string self = root.Leader?.Value ?? "";
        return new ClusterStatus(_clusterId, _region, self, self, map.Version, health, nodes, repair, troubles);
    }

    private NodeStatus Describe(ClusterMap map, NodeRecord node, IReadOnlyList<GroupStatus> groups)
    {
        (int up, int count, int leads, int votes) = (0, 0, 0, 0);
        foreach (DiskRecord disk in map.Disks.Values)
        {
            if (disk.Node == node.Name && map.StateOf(disk) != MemberState.Removed)
            {
                count++;
                up += map.IsUp(disk.Id) ? 1 : 0;
            }
        }

        foreach (GroupStatus group in groups)
        {
            leads += group.Leader == node.Name.Value ? 1 : 0;
            votes += Exists(group.Replicas, replica => replica.Node == node.Name.Value && replica.Votes) ? 1 : 0;
        }

        NodeState state = node.State switch
        {
            MemberState.Removed => NodeState.Left,
            _ when !node.IsUp => NodeState.Silent,
            MemberState.Draining => NodeState.Draining,
            _ => NodeState.Up,
        };
        long silence = node.State == MemberState.Removed ? 0 : (long)_service.Beats.Of(node.Name).Silence.TotalMilliseconds;
        return new NodeStatus(node.Name.Value, node.Zone, state, node.ClusterAddress, node.S3Address, silence, up, count, leads, votes);
    }

    private List<DiskStatus> Disks(ClusterMap map)
    {
        var slots = new SortedDictionary<DiskId, (int All, int ToMove)>();
        foreach (PlacementGroup group in map.Groups)
        {
            foreach (SlotRecord slot in group.Slots)
            {
                int toMove = slot.Source.IsSome ? 1 : 0;
                Count(slots, slot.Disk, toMove);
                Count(slots, slot.Source, toMove);
            }
        }

        var disks = new List<DiskStatus>();
        foreach (DiskRecord disk in map.Disks.Values)
        {
            MemberState decided = map.StateOf(disk);
            if (decided == MemberState.Removed)
            {
                continue;
            }

            DiskState state = decided switch
            {
                MemberState.Out => DiskState.Lost,
                _ when !map.IsUp(disk.Id) => DiskState.Silent,
                MemberState.Draining => DiskState.Draining,
                _ => DiskState.Up,
            };
            DiskCondition told = Told(disk);
            (int all, int moving) = slots.GetValueOrDefault(disk.Id);
            disks.Add(new DiskStatus(
                disk.Id.ToString(),
                disk.Node.Value,
                map.Nodes.TryGetValue(disk.Node, out NodeRecord? node) ? node.Zone : "",
                disk.Path,
                state,
                told.TotalBytes > 0 ? told.TotalBytes : disk.CapacityBytes,
                told.UsedBytes,
                all,
                decided == MemberState.Draining ? all : moving));
        }

        return disks;
    }

    private static void Count(SortedDictionary<DiskId, (int All, int ToMove)> slots, DiskId disk, int toMove)
    {
        if (disk.IsSome)
        {
            (int all, int moving) = slots.GetValueOrDefault(disk);
            slots[disk] = (all + 1, moving + toMove);
        }
    }

    private DiskCondition Told(DiskRecord disk)
    {
        foreach (DiskBeat told in _service.Beats.Of(disk.Node).Beat?.Disks ?? [])
        {
            if (told.Disk == disk.Id)
            {
                return told.Condition;
            }
        }

        return default;
    }

    private RepairStatus Repair(IRootGroup root)
    {
        RepairOverview now = _coordinator!.Overview();
        int nodesUp = 0;
        foreach (NodeRecord node in root.Map.Nodes.Values)
        {
            nodesUp += node is { IsUp: true, State: not MemberState.Removed } ? 1 : 0;
        }

        Measure(root.Term, now.BytesBuilt);
        var running = new List<RepairTask>();
        foreach (RunningPass pass in now.Running)
        {
            running.Add(new RepairTask(pass.Group, pass.LossesLeft, pass.Node.Value, pass.Progress.Checked, pass.Progress.ShardsBuilt));
        }

        bool isFull = now is { Dirty: 0, Degraded: 0 } && now.Groups > 0;
        return new RepairStatus(
            isFull, now.Groups, now.Dirty, now.Degraded, now.AtRisk, now.Unreadable, now.ShardsBuilt, now.BytesBuilt, _bytesPerSecond, _repair.BytesPerSecond * nodesUp, running);
    }

    // Whoever watches asks again and again: the pace is that between two askings, at least a second apart.
    private void Measure(ulong term, long bytes)
    {
        TimeSpan now = _environment.Clock.Now;
        if (term != _sample.Term)
        {
            (_sample, _bytesPerSecond) = ((now, bytes, term), 0);
        }
        else if (now - _sample.At >= TimeSpan.FromSeconds(1))
        {
            _bytesPerSecond = (long)(long.Max(0, bytes - _sample.Bytes) / (now - _sample.At).TotalSeconds);
            _sample = (now, bytes, term);
        }
    }

    private static bool Exists<T>(IReadOnlyList<T> of, Func<T, bool> holds)
    {
        foreach (T one in of)
        {
            if (holds(one))
            {
                return true;
            }
        }

        return false;
    }
}
