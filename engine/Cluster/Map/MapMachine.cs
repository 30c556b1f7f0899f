using System;
using System.Collections.Immutable;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>Decides map commands: a function of the map and the command.</summary>
/// <remarks>
/// Invariants: numbers of disks and epochs of gateways are given once; no disk is in a group twice; a slot's shards are on its disk or its source until the disk was lost; a group becomes clean
/// only by a pass that began at its present <see cref="PlacementGroup.DirtySince"/>. Source: decisions/0007-cluster.md.
/// </remarks>
public static class MapMachine
{
    /// <summary>Decides one command.</summary>
    /// <returns>The map after it, the same object when nothing changed, and what the proposer learns.</returns>
    public static (ClusterMap Map, MapResult Result) Decide(ClusterMap map, MapCommand command)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(command);
        var edit = new MapEdit(map);
        (MapStatus status, ulong value) = command switch
        {
            FoundMapCommand found => Found(edit, found),
            JoinNodeCommand join => Join(edit, join),
            RegisterDiskCommand register => Register(edit, register),
            SetNodeStateCommand set => SetNode(edit, set),
            SetDiskStateCommand set => SetDisk(edit, set),
            SetLivenessCommand set => SetLiveness(edit, set),
            AssignSlotsCommand assign => Assign(edit, assign),
            MarkDirtyCommand mark => MarkDirty(edit, mark),
            MarkCleanCommand mark => MarkClean(edit, mark),
            OpenGatewayCommand open => Open(edit, open),
            ExpireGatewaysCommand expire => Expire(edit, expire),
            CloseGatewaysCommand close => Close(edit, close),
            _ => throw new InvariantViolationException($"no such command: {command.GetType().Name}"),
        };
        ClusterMap after = status == MapStatus.Done ? edit.Finish() : map;
        return (after, new MapResult(status, value, after.Version));
    }

    private static (MapStatus, ulong) Found(MapEdit edit, FoundMapCommand command)
    {
        if (edit.Map.Layout is { } known)
        {
            return (known == command.Layout && edit.Map.Groups.Length == command.GroupCount ? MapStatus.Done : MapStatus.Conflict, 0);
        }

        if (command.GroupCount is < 1 or > ClusterMap.GroupCountMax)
        {
            return (MapStatus.Refused, 0);
        }

        ImmutableArray<PlacementGroup>.Builder groups = ImmutableArray.CreateBuilder<PlacementGroup>(command.GroupCount);
        ImmutableArray<SlotRecord> nowhere = [.. new SlotRecord[command.Layout.TotalShards]];
        for (int group = 0; group < command.GroupCount; group++)
        {
            groups.Add(new PlacementGroup(group, nowhere, edit.Version, edit.Version, 0, edit.Version));
        }

        edit.Map = edit.Map with { Layout = command.Layout, Groups = groups.MoveToImmutable() };
        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) Join(MapEdit edit, JoinNodeCommand command)
    {
        if (edit.Map.Nodes.TryGetValue(command.Node, out NodeRecord? known) && known.State != MemberState.Removed)
        {
            if (known.Zone != command.Zone)
            {
                return (MapStatus.Conflict, 0);
            }

            edit.Put(known with { ClusterAddress = command.ClusterAddress, S3Address = command.S3Address });
            return (MapStatus.Done, 0);
        }

        edit.Put(new NodeRecord(command.Node, command.Zone, command.ClusterAddress, command.S3Address, MemberState.In, IsUp: true, edit.Version));
        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) Register(MapEdit edit, RegisterDiskCommand command)
    {
        if (!edit.Map.Nodes.ContainsKey(command.Node))
        {
            return (MapStatus.NotFound, 0);
        }

        foreach (DiskRecord known in edit.Map.Disks.Values)
        {
            if (known.StoreId == command.StoreId)
            {
                // It may have moved to another node; what it holds moved with it.
                edit.Put(known with { Node = command.Node, Path = command.Path, CapacityBytes = command.CapacityBytes });
                if (known.Node != command.Node)
                {
                    edit.MarkDirty(known.Id);
                }

                return (MapStatus.Done, known.Id.Value);
            }
        }

        var id = new DiskId(edit.Map.NextDisk);
        edit.Map = edit.Map with { NextDisk = checked(id.Value + 1) };
        edit.Put(new DiskRecord(id, command.StoreId, command.Node, command.Path, command.CapacityBytes, MemberState.In, IsUp: true, edit.Version));
        return (MapStatus.Done, id.Value);
    }

    private static (MapStatus, ulong) SetNode(MapEdit edit, SetNodeStateCommand command)
    {
        if (!edit.Map.Nodes.TryGetValue(command.Node, out NodeRecord? node))
        {
            return (MapStatus.NotFound, 0);
        }

        if (command.State == MemberState.Out || (node.State == MemberState.Removed && command.State != MemberState.Removed))
        {
            return (MapStatus.Conflict, 0);
        }

        foreach (DiskRecord disk in edit.Map.Disks.Values)
        {
            if (disk.Node == command.Node && command.State == MemberState.Removed && disk.State is not MemberState.Removed)
            {
                (MapStatus status, ulong value) = SetDisk(edit, new SetDiskStateCommand(disk.Id, MemberState.Removed));
                if (status != MapStatus.Done)
                {
                    return (status, value);
                }
            }
        }

        edit.Put(node with { State = command.State });
        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) SetDisk(MapEdit edit, SetDiskStateCommand command)
    {
        if (!edit.Map.Disks.TryGetValue(command.Disk, out DiskRecord? disk))
        {
            return (MapStatus.NotFound, 0);
        }

        switch (command.State)
        {
            case var same when same == disk.State:
                return (MapStatus.Done, 0);
            case var _ when disk.State == MemberState.Removed:
            case MemberState.Removed when disk.State != MemberState.Out && edit.IsNamed(disk.Id):
            case MemberState.Draining when disk.State != MemberState.In:
                return (MapStatus.Conflict, 0);
            case MemberState.Out:
            case MemberState.Removed:
                edit.Forget(disk.Id, forgetSlots: command.State == MemberState.Removed);
                break;
            default:
                break;
        }

        edit.Put(disk with { State = command.State });
        if (command.State == MemberState.In && disk.State == MemberState.Out)
        {
            edit.MarkDirty(disk.Id);
        }

        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) SetLiveness(MapEdit edit, SetLivenessCommand command)
    {
        foreach ((NodeId name, bool isUp) in command.Nodes)
        {
            if (edit.Map.Nodes.TryGetValue(name, out NodeRecord? node) && node.IsUp != isUp)
            {
                edit.Put(node with { IsUp = isUp });
                foreach (DiskRecord disk in edit.Map.Disks.Values)
                {
                    if (disk.Node == name)
                    {
                        edit.MarkDirty(disk.Id);
                    }
                }
            }
        }

        foreach ((DiskId id, bool isUp) in command.Disks)
        {
            if (edit.Map.Disks.TryGetValue(id, out DiskRecord? disk) && disk.IsUp != isUp)
            {
                edit.Put(disk with { IsUp = isUp });
                edit.MarkDirty(id);
            }
        }

        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) Assign(MapEdit edit, AssignSlotsCommand command)
    {
        if (edit.Map.Layout is null)
        {
            return (MapStatus.NotFounded, 0);
        }

        foreach (SlotChange change in command.Changes)
        {
            if ((uint)change.Group >= (uint)edit.Map.Groups.Length || (uint)change.Slot >= (uint)edit.Map.Layout.TotalShards)
            {
                return (MapStatus.NotFound, 0);
            }

            PlacementGroup group = edit.Group(change.Group);
            SlotRecord slot = group.Slots[change.Slot];
            if (slot.Disk == change.From && edit.Map.IsUsable(change.To) && !Writes(group, change.To))
            {
                // Shards may be on the disk before, or still on the one before that: where they all are is the source.
                DiskId source = slot.Source.IsSome ? slot.Source : slot.Disk;
                bool holds = source.IsSome && source != change.To && edit.Map.FindDisk(source) is { State: MemberState.In or MemberState.Draining };
                edit.Put(group with
                {
                    Slots = group.Slots.SetItem(change.Slot, new SlotRecord(change.To, holds ? source : DiskId.None, slot.IsPartial || (slot.Disk.IsSome && !holds))),
                    Version = edit.Version,
                    DirtySince = edit.Version,
                });
            }
        }

        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) MarkDirty(MapEdit edit, MarkDirtyCommand command)
    {
        foreach (int number in command.Groups)
        {
            if ((uint)number < (uint)edit.Map.Groups.Length)
            {
                edit.Put(edit.Group(number) with { DirtySince = edit.Version });
            }
        }

        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) MarkClean(MapEdit edit, MarkCleanCommand command)
    {
        if ((uint)command.Group >= (uint)edit.Map.Groups.Length)
        {
            return (MapStatus.NotFound, 0);
        }

        PlacementGroup group = edit.Group(command.Group);
        if (group.DirtySince != command.DirtySince)
        {
            return (MapStatus.Conflict, 0);
        }

        ImmutableArray<SlotRecord>.Builder slots = group.Slots.ToBuilder();
        for (int slot = 0; slot < slots.Count; slot++)
        {
            slots[slot] = slots[slot] with { Source = DiskId.None, IsPartial = false };
        }

        edit.Put(group with { Slots = slots.MoveToImmutable(), CleanAt = group.DirtySince });
        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) Open(MapEdit edit, OpenGatewayCommand command)
    {
        if (!edit.Map.Nodes.ContainsKey(command.Node))
        {
            return (MapStatus.NotFound, 0);
        }

        foreach (GatewayEpoch known in edit.Map.Epochs.Values)
        {
            if (known.Node == command.Node)
            {
                if (known.Life == command.Life && !known.IsExpired)
                {
                    return (MapStatus.Done, known.Epoch);
                }

                edit.Put(known with { IsExpired = true });
            }
        }

        ulong epoch = edit.Map.NextEpoch;
        if (epoch >> ClusterMap.EpochBits != 0)
        {
            return (MapStatus.Refused, 0);
        }

        edit.Map = edit.Map with { NextEpoch = epoch + 1 };
        edit.Put(new GatewayEpoch(epoch, command.Node, command.Life, IsExpired: false));
        return (MapStatus.Done, epoch);
    }

    private static (MapStatus, ulong) Expire(MapEdit edit, ExpireGatewaysCommand command)
    {
        foreach (ulong epoch in command.Epochs)
        {
            if (edit.Map.Epochs.TryGetValue(epoch, out GatewayEpoch? known))
            {
                edit.Put(known with { IsExpired = true });
            }
        }

        return (MapStatus.Done, 0);
    }

    private static (MapStatus, ulong) Close(MapEdit edit, CloseGatewaysCommand command)
    {
        bool any = false;
        foreach (ulong epoch in command.Epochs)
        {
            if (edit.Map.Epochs.TryGetValue(epoch, out GatewayEpoch? known))
            {
                if (!known.IsExpired)
                {
                    return (MapStatus.Conflict, 0);
                }

                edit.Map = edit.Map with { Epochs = edit.Map.Epochs.Remove(epoch) };
                any = true;
            }
        }

        // Whatever it wrote and never named may lie anywhere, and what it could not write it can tell nobody any more.
        for (int group = 0; any && group < edit.Map.Groups.Length; group++)
        {
            edit.Put(edit.Group(group) with { DirtySince = edit.Version });
        }

        return (MapStatus.Done, 0);
    }

    private static bool Writes(PlacementGroup group, DiskId disk)
    {
        foreach (SlotRecord slot in group.Slots)
        {
            if (slot.Disk == disk)
            {
                return true;
            }
        }

        return false;
    }
}
