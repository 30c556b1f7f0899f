using System;
using System.Collections.Generic;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>When ranges are split and put together.</summary>
public sealed record BalanceOptions
{
    /// <summary>Between two looks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Rows of objects that a group may hold before half of its largest range goes to another group.</summary>
    public long RowsMax { get; init; } = 20_000_000;

    /// <summary>The same in bytes, with inline bodies.</summary>
    public long BytesMax { get; init; } = 16L * 1024 * 1024 * 1024;

    /// <summary>The same in requests.</summary>
    public long RequestsPerSecondMax { get; init; } = 10_000;

    /// <summary>Neighbours are put together when the group that gets both then holds at most this part (one over the number) of each maximum. At least 2, or what was put together is split again.</summary>
    public int MergeDivisor { get; init; } = 4;

    /// <summary>Groups that there may be, the root group included.</summary>
    public int GroupsMax { get; init; } = 64;
}

/// <summary>Why a range moves.</summary>
public enum BalanceReason
{
    /// <summary>Its group holds too much.</summary>
    Size = 1,

    /// <summary>Its group is asked too much.</summary>
    Heat = 2,

    /// <summary>It and its neighbour are small.</summary>
    Merge = 3,
}

/// <summary>What is to be done next, if anything.</summary>
/// <param name="IsGroupWanted">Another group is to be added: there is nowhere to move to.</param>
/// <param name="Move">A range is to be moved.</param>
/// <param name="Reason">Why, for traces.</param>
public sealed record BalanceStep(bool IsGroupWanted, BeginTransferCommand? Move, BalanceReason Reason);

/// <summary>Decides from what ranges weigh which one moves next. A pure function.</summary>
/// <remarks>
/// A group that holds too much, or is asked too much, gives half of its heaviest range away; when it cannot be cut (one key), and there are others, the whole range. Small neighbours come
/// together. Invariant: nothing is put together that would have to be split again, and no move makes a target as heavy as its source was.
/// </remarks>
public static class BalancePlan
{
    /// <summary>The next step; null when all is well.</summary>
    /// <param name="directory">Ranges and groups; no transfer under way.</param>
    /// <param name="loads">Of each group that answered. Ranges whose measure is out of date are left alone.</param>
    /// <param name="options">Bounds.</param>
    public static BalanceStep? Next(RangeDirectory directory, IReadOnlyDictionary<GroupId, IReadOnlyList<RangeLoad>> loads, BalanceOptions options)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(loads);
        ArgumentNullException.ThrowIfNull(options);
        var weights = new SortedDictionary<GroupId, Weight>();
        var measured = new List<(PlacedRange Placed, RangeLoad Load)>();
        foreach (GroupId group in directory.AllGroups())
        {
            if (loads.ContainsKey(group))
            {
                weights[group] = default;
            }
        }

        foreach (PlacedRange placed in directory.Ranges)
        {
            if (!loads.TryGetValue(placed.Group, out IReadOnlyList<RangeLoad>? found) || Find(found, placed.Range) is not { } load)
            {
                // Nothing goes to a group whose weight is not known.
                weights.Remove(placed.Group);
                continue;
            }

            measured.Add((placed, load));
            if (weights.TryGetValue(placed.Group, out Weight weight))
            {
                weights[placed.Group] = weight.Plus(Weight.Of(load));
            }
        }

        return Relieve(directory, measured, weights, options, isHeat: false)
            ?? Relieve(directory, measured, weights, options, isHeat: true)
            ?? Join(measured, weights, options);
    }

    private static BalanceStep? Relieve(
        RangeDirectory directory,
        List<(PlacedRange Placed, RangeLoad Load)> measured,
        SortedDictionary<GroupId, Weight> weights,
        BalanceOptions options,
        bool isHeat)
    {
        (PlacedRange Placed, RangeLoad Load)? heaviest = null;
        foreach ((PlacedRange placed, RangeLoad load) in measured)
        {
            bool isOver = weights.TryGetValue(placed.Group, out Weight weight)
                && (isHeat ? weight.Requests > options.RequestsPerSecondMax : weight.Rows > options.RowsMax || weight.Bytes > options.BytesMax);
            if (isOver && (heaviest is not { } other || Of(load) > Of(other.Load)))
            {
                heaviest = (placed, load);
            }
        }

        if (heaviest is not var (range, weighed))
        {
            return null;
        }

        ReadOnlyMemory<byte> cut = isHeat ? weighed.HotMiddle : weighed.Middle;
        Weight moved = Weight.Of(weighed);
        PositionRange moving = range.Range;
        if (!cut.IsEmpty)
        {
            moving = moving with { From = cut };
            moved = moved.Half();
        }
        else if (weights[range.Group].Ranges < 2)
        {
            // One key: nothing can be taken away.
            return null;
        }

        BalanceReason reason = isHeat ? BalanceReason.Heat : BalanceReason.Size;
        if (Lightest(weights, range.Group, moved, options) is { } target)
        {
            return new BalanceStep(false, new BeginTransferCommand(moving, range.Group, target), reason);
        }

        return directory.AllGroups().Count < options.GroupsMax ? new BalanceStep(true, null, reason) : null;

        long Of(RangeLoad load) => isHeat ? load.RequestsPerSecond : (load.Rows * 1024) + load.Bytes;
    }

    /// <summary>The group that has the fewest rows, among those that would stay below every maximum; one that has nothing takes half of whatever there is.</summary>
    private static GroupId? Lightest(SortedDictionary<GroupId, Weight> weights, GroupId source, Weight more, BalanceOptions options)
    {
        GroupId? lightest = null;
        foreach ((GroupId group, Weight weight) in weights)
        {
            Weight after = weight.Plus(more);
            bool fits = weight.Ranges == 0
                || (after.Rows <= options.RowsMax && after.Bytes <= options.BytesMax && after.Requests <= options.RequestsPerSecondMax);
            if (fits && group != source && (lightest is not { } other || weight.Rows < weights[other].Rows))
            {
                lightest = group;
            }
        }

        return lightest;
    }

    private static BalanceStep? Join(List<(PlacedRange Placed, RangeLoad Load)> measured, SortedDictionary<GroupId, Weight> weights, BalanceOptions options)
    {
        for (int i = 0; i + 1 < measured.Count; i++)
        {
            (PlacedRange left, RangeLoad leftLoad) = measured[i];
            (PlacedRange right, RangeLoad rightLoad) = measured[i + 1];
            if (left.Group == right.Group || !left.Range.To.Span.SequenceEqual(right.Range.From.Span))
            {
                continue;
            }

            bool leftMoves = leftLoad.Rows < rightLoad.Rows;
            (PlacedRange moving, RangeLoad load, GroupId target) = leftMoves ? (left, leftLoad, right.Group) : (right, rightLoad, left.Group);
            if (!weights.TryGetValue(target, out Weight weight) || !weights.ContainsKey(moving.Group))
            {
                continue;
            }

            Weight after = weight.Plus(Weight.Of(load));
            long divisor = int.Max(options.MergeDivisor, 2);
            if (after.Rows <= options.RowsMax / divisor && after.Bytes <= options.BytesMax / divisor && after.Requests <= options.RequestsPerSecondMax / divisor)
            {
                return new BalanceStep(false, new BeginTransferCommand(moving.Range, moving.Group, target), BalanceReason.Merge);
            }
        }

        return null;
    }

    private static RangeLoad? Find(IReadOnlyList<RangeLoad> loads, PositionRange range)
    {
        for (int i = 0; i < loads.Count; i++)
        {
            if (loads[i].Range.Equals(range))
            {
                return loads[i];
            }
        }

        return null;
    }

    private readonly record struct Weight(long Rows, long Bytes, long Requests, int Ranges)
    {
        internal static Weight Of(RangeLoad load) => new(load.Rows, load.Bytes, load.RequestsPerSecond, 1);

        internal Weight Plus(Weight other) => new(Rows + other.Rows, Bytes + other.Bytes, Requests + other.Requests, Ranges + other.Ranges);

        internal Weight Half() => new((Rows + 1) / 2, (Bytes + 1) / 2, (Requests + 1) / 2, Ranges);
    }
}
