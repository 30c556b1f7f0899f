using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Moves the map on while this node leads the root group: who is up, what is given up, who serves, which disks slots are on. On the loop of the root group.</summary>
public sealed class RootKeeper : Worker
{
    private readonly NodeEnvironment _environment;
    private readonly IRootGroup _root;
    private readonly RootBeats _beats;
    private readonly IEpochFence _fence;
    private readonly MapOptions _options;
    private readonly SortedDictionary<DiskId, TimeSpan> _downSince = [];
    private ulong _term;
    private ulong _plannedVersion;
    private bool _isClosing;
    private long _done;
    private long _failures;

    /// <summary>Prepares it.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="root">This node's replica.</param>
    /// <param name="service">Hears the beats.</param>
    /// <param name="fence">Closes epochs in the metadata.</param>
    /// <param name="options">Times.</param>
    public RootKeeper(NodeEnvironment environment, IRootGroup root, RootService service, IEpochFence fence, MapOptions options)
        : base("map-keeper", (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(fence);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _root, _beats, _fence, _options) = (environment, root, service.Beats, fence, options);
    }

    /// <summary>Units: commands.</summary>
    public override WorkerProgress Progress => new(_done, 0, _failures, 0);

    /// <inheritdoc/>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        if (!_root.IsLeader || !await _root.ConfirmAsync() || !_root.IsLeader)
        {
            return _options.KeepInterval;
        }

        _beats.Enter(_root.Term);
        if (_term != _root.Term)
        {
            (_term, _plannedVersion) = (_root.Term, 0);
            _downSince.Clear();
        }

        try
        {
            await KeepLivenessAsync();
            await GiveUpAsync();
            await FinishDrainsAsync();
            await ExpireAsync();
            await AssignAsync();
        }
        catch (StorageException failure)
        {
            _failures++;
            _environment.Trace.Emit(TraceLevel.Info, "map", "keeper-failed", ("reason", failure.Message));
        }

        return _options.KeepInterval;
    }

    private async ValueTask ProposeAsync(MapCommand command)
    {
        _done++;
        await _root.ProposeAsync(command);
    }

    private async ValueTask KeepLivenessAsync()
    {
        var nodes = new List<(NodeId, bool)>();
        var disks = new List<(DiskId, bool)>();
        ClusterMap map = _root.Map;
        foreach (NodeRecord node in map.Nodes.Values)
        {
            (TimeSpan silence, NodeBeat? beat) = _beats.Of(node.Name);
            bool isUp = silence <= _options.DownAfter && (beat is not null || node.IsUp);
            if (isUp != node.IsUp && node.State != MemberState.Removed)
            {
                nodes.Add((node.Name, isUp));
                _environment.Trace.Emit(
                    TraceLevel.Warning, "map", isUp ? "node-up" : "node-down", ("node", node.Name.Value), ("silenceMs", (long)silence.TotalMilliseconds));
            }

            if (!isUp || beat is null)
            {
                continue;
            }

            foreach (DiskRecord disk in map.Disks.Values)
            {
                if (disk.Node == node.Name && disk.State != MemberState.Removed && Serves(beat, disk.Id) != disk.IsUp)
                {
                    disks.Add((disk.Id, !disk.IsUp));
                    _environment.Trace.Emit(
                        TraceLevel.Warning, "map", disk.IsUp ? "disk-down" : "disk-up", ("disk", disk.Id.Value), ("node", node.Name.Value));
                }
            }
        }

        if (nodes.Count + disks.Count > 0)
        {
            await ProposeAsync(new SetLivenessCommand(nodes, disks));
        }
    }

    private static bool Serves(NodeBeat beat, DiskId disk)
    {
        foreach (DiskBeat told in beat.Disks)
        {
            if (told.Disk == disk)
            {
                return told.Condition.IsServing;
            }
        }

        return false;
    }

    private async ValueTask GiveUpAsync()
    {
        ClusterMap map = _root.Map;
        var upZones = new SortedSet<string>(StringComparer.Ordinal);
        foreach (DiskRecord disk in map.Disks.Values)
        {
            if (map.IsUp(disk.Id))
            {
                upZones.Add(map.Nodes[disk.Node].Zone);
            }
        }

        foreach (DiskRecord disk in map.Disks.Values)
        {
            bool answers = disk.IsUp && map.Nodes.TryGetValue(disk.Node, out NodeRecord? node) && node.IsUp;
            if (answers)
            {
                _downSince.Remove(disk.Id);
                if (disk.State == MemberState.Out)
                {
                    await ProposeAsync(new SetDiskStateCommand(disk.Id, MemberState.In));
                }
            }
            else if (disk.State is MemberState.In or MemberState.Draining)
            {
                if (_downSince.TryAdd(disk.Id, Clock.Now))
                {
                    continue;
                }

                // A zone that is gone as a whole has nowhere to go: the spread keeps its share for it.
                bool isAlone = map.Nodes.TryGetValue(disk.Node, out NodeRecord? home) && !upZones.Contains(home.Zone);
                if (!isAlone && Clock.Now - _downSince[disk.Id] > _options.OutAfter && CanDoWithout(_root.Map, disk.Id))
                {
                    _environment.Trace.Emit(TraceLevel.Error, "map", "disk-out", ("disk", disk.Id.Value), ("node", disk.Node.Value));
                    await ProposeAsync(new SetDiskStateCommand(disk.Id, MemberState.Out));
                }
            }
        }
    }

    /// <summary>A disk that is given up counts as nothing when it comes back. So it is not while any group needs what is on it: what is only away is lost by nobody but us.</summary>
    private static bool CanDoWithout(ClusterMap map, DiskId disk)
    {
        foreach (PlacementGroup group in map.Groups)
        {
            if (group.Uses(disk) && map.LossesLeft(group) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask FinishDrainsAsync()
    {
        ClusterMap map = _root.Map;
        var used = new SortedSet<DiskId>();
        foreach (PlacementGroup group in map.Groups)
        {
            foreach (SlotRecord slot in group.Slots)
            {
                used.Add(slot.Disk);
                used.Add(slot.Source);
            }
        }

        var full = new SortedSet<NodeId>();
        foreach (DiskRecord disk in map.Disks.Values)
        {
            if (disk.State != MemberState.Removed && map.StateOf(disk) == MemberState.Draining)
            {
                if (used.Contains(disk.Id))
                {
                    full.Add(disk.Node);
                }
                else
                {
                    _environment.Trace.Emit(TraceLevel.Info, "map", "disk-drained", ("disk", disk.Id.Value));
                    await ProposeAsync(new SetDiskStateCommand(disk.Id, MemberState.Removed));
                }
            }
        }

        foreach (NodeRecord node in map.Nodes.Values)
        {
            if (node.State == MemberState.Draining && !full.Contains(node.Name))
            {
                _environment.Trace.Emit(TraceLevel.Info, "map", "node-drained", ("node", node.Name.Value));
                await ProposeAsync(new SetNodeStateCommand(node.Name, MemberState.Removed));
            }
        }
    }

    private async ValueTask ExpireAsync()
    {
        var expired = new List<ulong>();
        var toClose = new List<ulong>();
        TimeSpan lease = _options.LeaseDuration * (1 + (_options.ClockDriftPerMillion / 1e6));
        foreach (GatewayEpoch epoch in _root.Map.Epochs.Values)
        {
            if (epoch.IsExpired)
            {
                toClose.Add(epoch.Epoch);
            }
            else if (_beats.Expires(epoch.Epoch, lease))
            {
                _environment.Trace.Emit(TraceLevel.Warning, "map", "gateway-expired", ("epoch", (long)epoch.Epoch), ("node", epoch.Node.Value));
                expired.Add(epoch.Epoch);
            }
        }

        if (toClose.Count > 0 && !_isClosing)
        {
            _isClosing = true;
            _environment.Spawner.Spawn(_root.Loop, "close-gateways", () => CloseAsync(toClose));
        }

        if (expired.Count > 0)
        {
            await ProposeAsync(new ExpireGatewaysCommand(expired));
        }
    }

    private async Task CloseAsync(List<ulong> epochs)
    {
        try
        {
            await _fence.CloseAsync(epochs);
            await ProposeAsync(new CloseGatewaysCommand(epochs));
            _environment.Trace.Emit(TraceLevel.Info, "map", "gateways-closed", ("count", epochs.Count));
        }
        catch (StorageException failure)
        {
            _environment.Trace.Emit(TraceLevel.Info, "map", "gateways-not-closed", ("reason", failure.Message));
        }
        finally
        {
            _isClosing = false;
        }
    }

    private async ValueTask AssignAsync()
    {
        ClusterMap map = _root.Map;
        if (map.Layout is not { } layout || map.Version == _plannedVersion)
        {
            return;
        }

        Topology usable = map.ToTopology(usableOnly: true);
        int unsettled = 0;
        bool isNew = true;
        bool hasVacancy = false;
        var slots = new DiskId[map.Groups.Length][];
        for (int number = 0; number < slots.Length; number++)
        {
            PlacementGroup group = map.Groups[number];
            unsettled += group.IsClean ? 0 : 1;
            slots[number] = new DiskId[group.Slots.Length];
            for (int slot = 0; slot < group.Slots.Length; slot++)
            {
                slots[number][slot] = group.Slots[slot].Disk;
                isNew &= !group.Slots[slot].Disk.IsSome;
                hasVacancy |= usable.Find(group.Slots[slot].Disk) is null;
            }
        }

        if (isNew && !LayoutCheck.Judge(usable, layout).Keeps)
        {
            // Nothing is anywhere yet: wait for disks instead of crowding those that came first.
            _environment.Trace.Mark("map-waits-for-disks");
            return;
        }

        int movesMax = hasVacancy ? _options.MovesMax : int.Clamp(_options.UnsettledGroupsMax - unsettled, 0, _options.MovesMax);
        bool mayEvenOut = unsettled <= _options.UnsettledGroupsMax;
        IReadOnlyList<SlotMove> moves = SlotPlanner.Plan(
            map.ToTopology(usableOnly: false),
            usable,
            layout.TotalShards,
            slots,
            (group, slot) => mayEvenOut && map.Groups[group].IsClean && !map.Groups[group].Slots[slot].Source.IsSome,
            map.IsUp,
            movesMax);
        if (moves.Count == 0)
        {
            _plannedVersion = map.Version;
            return;
        }

        var changes = new List<SlotChange>();
        foreach (SlotMove move in moves)
        {
            changes.Add(new SlotChange(move.Group, move.Slot, slots[move.Group][move.Slot], move.To));
        }

        _environment.Trace.Emit(TraceLevel.Info, "map", "slots-moved", ("count", moves.Count));
        await ProposeAsync(new AssignSlotsCommand(changes));
    }
}
