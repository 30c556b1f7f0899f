using System.Collections.Immutable;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>A map being changed by one command: everything that changes carries the next version.</summary>
internal sealed class MapEdit
{
    private readonly ClusterMap _before;
    private ImmutableArray<PlacementGroup>.Builder? _groups;

    internal MapEdit(ClusterMap before) => _before = Map = before;

    internal ClusterMap Map { get; set; }

    internal ulong Version => _before.Version + 1;

    internal PlacementGroup Group(int number) => _groups is { } groups ? groups[number] : Map.Groups[number];

    internal void Put(NodeRecord node)
    {
        if (!Map.Nodes.TryGetValue(node.Name, out NodeRecord? known) || known != node)
        {
            Map = Map with { Nodes = Map.Nodes.SetItem(node.Name, node with { Changed = Version }) };
        }
    }

    internal void Put(DiskRecord disk)
    {
        if (!Map.Disks.TryGetValue(disk.Id, out DiskRecord? known) || known != disk)
        {
            Map = Map with { Disks = Map.Disks.SetItem(disk.Id, disk with { Changed = Version }) };
        }
    }

    internal void Put(PlacementGroup group)
    {
        _groups ??= Map.Groups.ToBuilder();
        _groups[group.Number] = group with { Changed = Version };
    }

    internal void Put(GatewayEpoch epoch)
    {
        if (!Map.Epochs.TryGetValue(epoch.Epoch, out GatewayEpoch? known) || known != epoch)
        {
            Map = Map with { Epochs = Map.Epochs.SetItem(epoch.Epoch, epoch) };
        }
    }

    /// <summary>Groups that use the disk need a look.</summary>
    internal void MarkDirty(DiskId disk)
    {
        for (int number = 0; number < Map.Groups.Length; number++)
        {
            PlacementGroup group = Group(number);
            if (group.Uses(disk))
            {
                Put(group with { DirtySince = Version });
            }
        }
    }

    /// <summary>Nothing can be had from the disk any more.</summary>
    internal void Forget(DiskId disk, bool forgetSlots)
    {
        for (int number = 0; number < Map.Groups.Length; number++)
        {
            PlacementGroup group = Group(number);
            if (!group.Uses(disk))
            {
                continue;
            }

            ImmutableArray<SlotRecord>.Builder slots = group.Slots.ToBuilder();
            for (int slot = 0; slot < slots.Count; slot++)
            {
                SlotRecord record = slots[slot];
                slots[slot] = new SlotRecord(
                    forgetSlots && record.Disk == disk ? DiskId.None : record.Disk,
                    record.Source == disk ? DiskId.None : record.Source,
                    record.IsPartial || record.Source == disk || record.Disk == disk);
            }

            Put(group with { Slots = slots.MoveToImmutable(), Version = Version, DirtySince = Version });
        }
    }

    /// <summary>Whether any slot names the disk.</summary>
    internal bool IsNamed(DiskId disk)
    {
        for (int number = 0; number < Map.Groups.Length; number++)
        {
            if (Group(number).Uses(disk))
            {
                return true;
            }
        }

        return false;
    }

    internal ClusterMap Finish()
    {
        if (_groups is { } groups)
        {
            Map = Map with { Groups = groups.MoveToImmutable() };
        }

        return ReferenceEquals(Map, _before) ? _before : Map with { Version = Version };
    }
}
