using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>A pass under way.</summary>
/// <param name="Group">Which group.</param>
/// <param name="LossesLeft">Disks that it could still lose.</param>
/// <param name="Node">Who works on it.</param>
/// <param name="Progress">How far it is.</param>
public sealed record RunningPass(int Group, int LossesLeft, NodeId Node, PassProgress Progress);

/// <summary>Redundancy as the root leader sees it.</summary>
/// <param name="Groups">All placement groups.</param>
/// <param name="Dirty">Those that need a pass.</param>
/// <param name="Degraded">Those with a slot whose disk is not up, or is being filled.</param>
/// <param name="AtRisk">Of those, groups that could lose no further disk.</param>
/// <param name="Unreadable">Of those, groups with fewer than k disks up.</param>
/// <param name="ShardsBuilt">In this term.</param>
/// <param name="BytesBuilt">In this term.</param>
/// <param name="Running">By what they could still lose, then by number.</param>
public sealed record RepairOverview(
    int Groups, int Dirty, int Degraded, int AtRisk, int Unreadable, long ShardsBuilt, long BytesBuilt, IReadOnlyList<RunningPass> Running);

/// <summary>Hands passes over placement groups to nodes while this node leads the root group: those that could lose least first. On the loop of the root group.</summary>
/// <remarks>
/// Invariant: a group is marked clean only by a pass that began after every gateway that may still write had a map of at least its <see cref="PlacementGroup.DirtySince"/>, for all its writes; so
/// nothing is written by an older map behind the pass.
/// </remarks>
public sealed class RepairCoordinator : Worker
{
    private readonly NodeEnvironment _environment;
    private readonly IRootGroup _root;
    private readonly RootBeats _beats;
    private readonly RpcEndpoint _rpc;
    private readonly RepairOptions _options;
    private readonly SortedDictionary<int, Assigned> _running = [];
    private readonly SortedDictionary<int, TimeSpan> _retryAt = [];
    private readonly SortedDictionary<int, ulong> _partial = [];
    private readonly SortedDictionary<int, (ulong DirtySince, ChunkId Position)> _positions = [];
    private ulong _term;
    private ulong _attempts;
    private TimeSpan _sweptAt;
    private long _shardsBuilt;
    private long _bytesBuilt;
    private long _passes;
    private long _failures;

    /// <summary>Prepares it.</summary>
    public RepairCoordinator(NodeEnvironment environment, IRootGroup root, RootService service, RpcEndpoint rpc, RepairOptions options)
        : base("repair-coordinator", (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _root, _beats, _rpc, _options) = (environment, root, service.Beats, rpc, options);
    }

    /// <summary>Units: groups that are clean, of all.</summary>
    public override WorkerProgress Progress
    {
        get
        {
            RepairOverview now = Overview();
            return new WorkerProgress(now.Groups - now.Dirty, now.Groups, _failures, _passes);
        }
    }

    /// <summary>How redundancy stands. Only the leader knows what is running.</summary>
    public RepairOverview Overview()
    {
        ClusterMap map = _root.Map;
        (int dirty, int degraded, int atRisk, int unreadable) = (0, 0, 0, 0);
        foreach (PlacementGroup group in map.Groups)
        {
            int left = map.LossesLeft(group);
            bool isFull = left >= map.Layout!.ParityShards;
            dirty += group.IsClean ? 0 : 1;
            degraded += isFull ? 0 : 1;
            atRisk += isFull || left > 0 ? 0 : 1;
            unreadable += left < 0 ? 1 : 0;
        }

        var running = new List<RunningPass>();
        (long shards, long bytes) = (_shardsBuilt, _bytesBuilt);
        foreach ((int number, Assigned task) in _running)
        {
            running.Add(new RunningPass(number, map.LossesLeft(map.Groups[number]), task.Node, task.Progress));
            shards += task.Progress.ShardsBuilt;
            bytes += task.Progress.BytesBuilt;
        }

        running.Sort(static (left, right) => (left.LossesLeft, left.Group).CompareTo((right.LossesLeft, right.Group)));
        return new RepairOverview(map.Groups.Length, dirty, degraded, atRisk, unreadable, shards, bytes, running);
    }

    /// <summary>Has every group looked at, dirty or not.</summary>
    /// <exception cref="StorageException">This node does not lead.</exception>
    public async ValueTask SweepAsync()
    {
        var all = new List<int>();
        foreach (PlacementGroup group in _root.Map.Groups)
        {
            all.Add(group.Number);
        }

        _retryAt.Clear();
        await _root.ProposeAsync(new MarkDirtyCommand(all));
    }

    /// <inheritdoc/>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        if (!_root.IsLeader || !await _root.ConfirmAsync() || !_root.IsLeader)
        {
            return _options.LookInterval;
        }

        _beats.Enter(_root.Term);
        if (_term != _root.Term)
        {
            _term = _root.Term;
            _running.Clear();
            _retryAt.Clear();
            _partial.Clear();
            (_shardsBuilt, _bytesBuilt, _sweptAt) = (0, 0, Clock.Now);
        }

        try
        {
            await PollAsync();
            if (Clock.Now - _sweptAt > _options.SweepPeriod)
            {
                _sweptAt = Clock.Now;
                await SweepAsync();
            }

            Start();
        }
        catch (StorageException failure)
        {
            _failures++;
            _environment.Trace.Emit(TraceLevel.Info, "repair", "coordinator-failed", ("reason", failure.Message));
        }

        return _options.LookInterval;
    }

    private async ValueTask PollAsync()
    {
        var calls = new List<(int Group, Assigned Task, Task<RpcReply> Reply)>();
        foreach ((int group, Assigned task) in _running)
        {
            byte[] request = RepairService.Request(group, task.DirtySince, task.Attempt, task.Progress.Position);
            calls.Add((group, task, _rpc.CallAsync(task.Node, RepairService.Pass, request, _options.CallTimeout)));
        }

        foreach ((int group, Assigned task, Task<RpcReply> call) in calls)
        {
            RpcReply reply = await call;
            if (!_running.TryGetValue(group, out Assigned? now) || now != task)
            {
                continue;
            }

            if (reply.Ok)
            {
                task.HeardAt = Clock.Now;
                task.Progress = RepairService.ReadAnswer(reply.Payload.Span);
                await TakeAsync(group, task);
            }
            else if (Clock.Now - task.HeardAt > _options.SilenceMax)
            {
                _environment.Trace.Mark("repair-handed-on");
                _positions[group] = (task.DirtySince, task.Progress.Position);
                _running.Remove(group);
            }
        }
    }

    private async ValueTask TakeAsync(int group, Assigned task)
    {
        if (task.Progress.State == PassState.Running)
        {
            return;
        }

        _running.Remove(group);
        _positions.Remove(group);
        _passes++;
        _shardsBuilt += task.Progress.ShardsBuilt;
        _bytesBuilt += task.Progress.BytesBuilt;
        _environment.Trace.Emit(
            TraceLevel.Info,
            "repair",
            "pass-ended",
            ("group", group),
            ("state", task.Progress.State.ToString()),
            ("shards", task.Progress.ShardsBuilt),
            ("bytes", task.Progress.BytesBuilt),
            ("orphans", task.Progress.OrphansDeleted),
            ("unreadable", task.Progress.Unreadable),
            ("tookMs", (long)(Clock.Now - task.BeganAt).TotalMilliseconds));
        switch (task.Progress.State)
        {
            case PassState.Done:
                await _root.ProposeAsync(new MarkCleanCommand(group, task.DirtySince));
                break;
            case PassState.Partial:
                _partial[group] = task.DirtySince;
                break;
            case PassState.Incomplete:
                _failures++;
                _retryAt[group] = Clock.Now + _options.RetryDelay;
                break;
            default:
                break;
        }
    }

    private void Start()
    {
        ClusterMap map = _root.Map;
        var load = new SortedDictionary<NodeId, int>();
        foreach (NodeRecord node in map.Nodes.Values)
        {
            if (node.IsUp && node.State != MemberState.Removed)
            {
                load.Add(node.Name, 0);
            }
        }

        foreach (Assigned task in _running.Values)
        {
            if (load.TryGetValue(task.Node, out int count))
            {
                load[task.Node] = count + 1;
            }
        }

        var due = new List<(int LossesLeft, ulong DirtySince, int Group)>();
        foreach (PlacementGroup group in map.Groups)
        {
            bool waits = _running.ContainsKey(group.Number)
                || (_retryAt.TryGetValue(group.Number, out TimeSpan at) && Clock.Now < at)
                || (_partial.TryGetValue(group.Number, out ulong partial) && partial == group.DirtySince);
            if (!group.IsClean && !waits && HasDisks(group))
            {
                due.Add((map.LossesLeft(group), group.DirtySince, group.Number));
            }
        }

        due.Sort();
        foreach ((int lossesLeft, ulong dirtySince, int number) in due)
        {
            if (Choose(map, map.Groups[number], load) is not { } node)
            {
                return;
            }

            if (_beats.GatewaysHave(map, dirtySince))
            {
                load[node]++;
                Begin(number, lossesLeft, dirtySince, node);
            }
        }
    }

    private void Begin(int group, int lossesLeft, ulong dirtySince, NodeId node)
    {
        bool goesOn = _positions.TryGetValue(group, out (ulong DirtySince, ChunkId Position) kept) && kept.DirtySince == dirtySince;
        var task = new Assigned
        {
            Node = node,
            DirtySince = dirtySince,
            Attempt = unchecked((_term << 32) + ++_attempts),
            BeganAt = Clock.Now,
            HeardAt = Clock.Now,
            Progress = new PassProgress(PassState.Running, goesOn ? kept.Position : default, 0, 0, 0, 0, 0),
        };
        _running.Add(group, task);
        _environment.Trace.Emit(
            TraceLevel.Info, "repair", "pass-started", ("group", group), ("lossesLeft", lossesLeft), ("node", node.Value), ("dirtySince", (long)dirtySince));
    }

    private static bool HasDisks(PlacementGroup group)
    {
        foreach (SlotRecord slot in group.Slots)
        {
            if (slot.Disk.IsSome)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The node with least to do, of the group's own first; null when all have enough.</summary>
    private NodeId? Choose(ClusterMap map, PlacementGroup group, SortedDictionary<NodeId, int> load)
    {
        NodeId? best = null;
        foreach ((NodeId node, int count) in load)
        {
            if (count < _options.PassesPerNode && (best is null || Rank(map, group, node, count).CompareTo(Rank(map, group, best.Value, load[best.Value])) < 0))
            {
                best = node;
            }
        }

        return best;
    }

    private static (int Load, bool IsForeign, ulong Tie) Rank(ClusterMap map, PlacementGroup group, NodeId node, int load)
    {
        bool isForeign = true;
        foreach (SlotRecord slot in group.Slots)
        {
            isForeign &= map.FindDisk(slot.Disk)?.Node != node;
        }

        ulong tie = (ulong)group.Number;
        foreach (char c in node.Value)
        {
            tie = StableHash.Compute(c, tie);
        }

        return (load, isForeign, tie);
    }

    private sealed class Assigned
    {
        internal required NodeId Node { get; init; }

        internal required ulong DirtySince { get; init; }

        internal required ulong Attempt { get; init; }

        internal required TimeSpan BeganAt { get; init; }

        internal required TimeSpan HeardAt { get; set; }

        internal required PassProgress Progress { get; set; }
    }
}
