using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Placement;

/// <summary>A slot of a placement group gets another disk.</summary>
public readonly record struct SlotMove(int Group, int Slot, DiskId To);

/// <summary>Finds the slots that must, or should, be on another disk, with as little movement as that takes.</summary>
/// <remarks>
/// In this order: slots without a usable disk get one; slots that crowd a zone or node are spread; slots of the disks that hold most of their share go to those that hold least, as long as
/// that evens them out. A disk that goes therefore moves only its own slots, and a disk that comes only receives. Where the usable disks cannot keep the spread, a slot is filled all the
/// same, as evenly as can be: a shard in a crowded zone survives more than one that is nowhere. Deterministic.
/// </remarks>
public sealed class SlotPlanner
{
    private readonly Topology _usable;
    private readonly Spread? _spread;
    private readonly int _shards;
    private readonly DiskId[][] _slots;
    private readonly Func<int, int, bool> _isSettled;
    private readonly Func<DiskId, bool> _mayTake;
    private readonly SortedDictionary<DiskId, List<(int Group, int Slot)>> _held = [];
    private readonly List<SlotMove> _moves = [];
    private readonly int _movesMax;

    private SlotPlanner(Topology members, Topology usable, int shards, DiskId[][] slots, Func<int, int, bool> isSettled, Func<DiskId, bool> mayTake, int movesMax)
    {
        (_usable, _shards, _slots, _isSettled, _mayTake, _movesMax) = (usable, shards, slots, isSettled, mayTake, movesMax);
        _spread = Spread.Of(members, shards);
        foreach (PlacementDisk disk in usable.Disks)
        {
            _held.Add(disk.Id, []);
        }

        for (int group = 0; group < slots.Length; group++)
        {
            for (int slot = 0; slot < shards; slot++)
            {
                if (_held.TryGetValue(slots[group][slot], out List<(int, int)>? held))
                {
                    held.Add((group, slot));
                }
            }
        }
    }

    /// <summary>Plans moves.</summary>
    /// <param name="members">All disks that belong to the cluster, usable now or not: they say how even the spread must be.</param>
    /// <param name="usable">Those that may be given slots.</param>
    /// <param name="shards">Slots of a group.</param>
    /// <param name="slots"><c>slots[group][slot]</c>: where they are now.</param>
    /// <param name="isSettled">Whether a slot's disk holds its shards: slots that are being filled are moved only when their disk cannot be used.</param>
    /// <param name="mayTake">Which of the usable disks are given slots now: not those that do not answer, which keep what they have.</param>
    /// <param name="movesMax">At most so many.</param>
    /// <returns>Moves to make, each on top of those before.</returns>
    public static IReadOnlyList<SlotMove> Plan(
        Topology members, Topology usable, int shards, IReadOnlyList<IReadOnlyList<DiskId>> slots, Func<int, int, bool> isSettled, Func<DiskId, bool> mayTake, int movesMax)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(usable);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(isSettled);
        ArgumentNullException.ThrowIfNull(mayTake);
        var copy = new DiskId[slots.Count][];
        for (int group = 0; group < copy.Length; group++)
        {
            copy[group] = [.. slots[group]];
            Invariant.Check(copy[group].Length == shards, "a slot for every shard");
        }

        var planner = new SlotPlanner(members, usable, shards, copy, isSettled, mayTake, movesMax);
        planner.Fill();
        planner.SpreadOut();
        planner.Balance();
        return planner._moves;
    }

    private bool IsEnough => _moves.Count >= _movesMax;

    private void Fill()
    {
        for (int group = 0; group < _slots.Length; group++)
        {
            for (int slot = 0; slot < _shards && !IsEnough; slot++)
            {
                if (_usable.Find(_slots[group][slot]) is null && (FindTarget(group, slot, strict: true) ?? FindTarget(group, slot, strict: false)) is { } target)
                {
                    Move(group, slot, target);
                }
            }
        }
    }

    private void SpreadOut()
    {
        for (int group = 0; group < _slots.Length && _spread is not null; group++)
        {
            for (int slot = 0; slot < _shards && !IsEnough; slot++)
            {
                if (_usable.Find(_slots[group][slot]) is { } disk && _isSettled(group, slot))
                {
                    (int zone, int node) = Count(group, slot, disk);
                    if ((zone >= _spread.Value.PerZone || node >= _spread.Value.PerNode) && FindTarget(group, slot, strict: true) is { } target)
                    {
                        Move(group, slot, target);
                    }
                }
            }
        }
    }

    private void Balance()
    {
        // Each move makes the loads strictly more even, so this ends.
        while (!IsEnough && _spread is not null && MoveOne())
        {
        }
    }

    private bool MoveOne()
    {
        var byLoad = new List<PlacementDisk>(_usable.Disks);
        byLoad.Sort(CompareLoads);
        for (int low = 0; low < byLoad.Count; low++)
        {
            for (int high = byLoad.Count - 1; high > low; high--)
            {
                PlacementDisk from = byLoad[high];
                PlacementDisk to = byLoad[low];
                bool evens = (Int128)_held[from.Id].Count * to.Weight > (Int128)(_held[to.Id].Count + 1) * from.Weight;
                if (!evens)
                {
                    break;
                }

                foreach ((int group, int slot) in _held[from.Id])
                {
                    if (_isSettled(group, slot) && Allows(group, slot, to))
                    {
                        Move(group, slot, to);
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private int CompareLoads(PlacementDisk left, PlacementDisk right)
    {
        int loads = ((Int128)_held[left.Id].Count * right.Weight).CompareTo((Int128)_held[right.Id].Count * left.Weight);
        return loads != 0 ? loads : left.Id.CompareTo(right.Id);
    }

    private PlacementDisk? FindTarget(int group, int slot, bool strict)
    {
        PlacementDisk? best = null;
        (int Zone, int Node) bestCount = default;
        foreach (PlacementDisk disk in _usable.Disks)
        {
            if (strict ? !Allows(group, slot, disk) : !_mayTake(disk.Id) || Array.IndexOf(_slots[group], disk.Id) >= 0)
            {
                continue;
            }

            (int Zone, int Node) count = strict ? default : Count(group, slot, disk);
            int crowd = best is null ? -1 : count.CompareTo(bestCount);
            if (best is null || crowd < 0 || (crowd == 0 && IsEmptier(disk, best, group)))
            {
                (best, bestCount) = (disk, count);
            }
        }

        return best;
    }

    private bool IsEmptier(PlacementDisk disk, PlacementDisk than, int group)
    {
        int loads = ((Int128)(_held[disk.Id].Count + 1) * than.Weight).CompareTo((Int128)(_held[than.Id].Count + 1) * disk.Weight);

        // Ties are broken differently for each group, so that every pair of disks shares some groups and repair reads from all.
        return loads != 0 ? loads < 0 : StableHash.Compute(disk.Id.Value, (ulong)group) < StableHash.Compute(than.Id.Value, (ulong)group);
    }

    private bool Allows(int group, int slot, PlacementDisk disk)
    {
        if (_spread is not { } spread || !_mayTake(disk.Id) || Array.IndexOf(_slots[group], disk.Id) >= 0)
        {
            return false;
        }

        (int zone, int node) = Count(group, slot, disk);
        return zone < spread.PerZone && node < spread.PerNode;
    }

    /// <summary>Other slots of the group in the disk's zone and on its node; those without a usable disk are nowhere.</summary>
    private (int Zone, int Node) Count(int group, int slot, PlacementDisk disk)
    {
        int zone = 0;
        int node = 0;
        for (int other = 0; other < _shards; other++)
        {
            if (other != slot && _usable.Find(_slots[group][other]) is { } mate)
            {
                zone += mate.Zone == disk.Zone ? 1 : 0;
                node += mate.Node == disk.Node ? 1 : 0;
            }
        }

        return (zone, node);
    }

    private void Move(int group, int slot, PlacementDisk to)
    {
        if (_held.TryGetValue(_slots[group][slot], out List<(int, int)>? held))
        {
            held.Remove((group, slot));
        }

        _slots[group][slot] = to.Id;
        _held[to.Id].Add((group, slot));
        _moves.Add(new SlotMove(group, slot, to.Id));
    }
}
