using System;

namespace ObjectStore.Engine.Placement;

/// <summary>Whether a layout keeps its promise on a topology.</summary>
/// <param name="Keeps">True when it does.</param>
/// <param name="Reason">For people: why not; empty when it does.</param>
/// <param name="Offer">A layout near the one asked for that does keep the same promise there; null when there is none, or none is needed.</param>
public sealed record LayoutVerdict(bool Keeps, string Reason, Layout? Offer);

/// <summary>Says what layouts survive, exactly, and refuses those that do not keep their promise.</summary>
public static class LayoutCheck
{
    // An offer uses up to so many disks more than were asked for.
    private const int OfferShardsMore = 2;

    /// <summary>Judges a layout on the disks of a topology.</summary>
    /// <exception cref="ArgumentException">The layout contradicts itself.</exception>
    public static LayoutVerdict Judge(Topology topology, Layout layout)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentNullException.ThrowIfNull(layout);
        layout.Check();
        string? reason = Refusal(topology, layout);
        return reason is null ? new LayoutVerdict(true, "", null) : new LayoutVerdict(false, reason, FindOffer(topology, layout));
    }

    private static string? Refusal(Topology topology, Layout layout)
    {
        int shards = layout.TotalShards;
        if (Spread.Of(topology, shards) is not { } spread)
        {
            return $"{layout} needs {shards} disks, there are {topology.Disks.Count}";
        }

        int lost = spread.WorstLoss(topology, shards, layout.Read);
        if (shards - lost < layout.DataShards)
        {
            return $"{layout} cannot read through the loss of {layout.Read}: that may take {lost} of {shards} shards"
                + $" (up to {spread.PerZone} in a zone, {spread.PerNode} on a node), which leaves {shards - lost}, and {layout.DataShards} are needed";
        }

        int missing = spread.WorstLoss(topology, shards, layout.Write);
        return shards - missing < layout.DataShards + layout.SpareMin
            ? $"{layout} cannot write through the loss of {layout.Write}: that may leave {shards - missing} of {shards} shards, and {layout.DataShards} and {layout.SpareMin} to spare are needed"
            : null;
    }

    private static Layout? FindOffer(Topology topology, Layout asked)
    {
        Layout? best = null;
        int most = int.Min(int.Min(topology.Disks.Count, asked.TotalShards + OfferShardsMore), Layout.ShardsMax);
        for (int shards = 1; shards <= most; shards++)
        {
            Spread spread = Spread.Of(topology, shards)!.Value;
            int parity = int.Max(
                spread.WorstLoss(topology, shards, asked.Read),
                spread.WorstLoss(topology, shards, asked.Write) + asked.SpareMin);
            if (parity < shards && shards - parity < Layout.ShardsMax)
            {
                Layout offer = asked with { DataShards = shards - parity, ParityShards = parity };
                best = best is null || IsBetter(offer, best, asked) ? offer : best;
            }
        }

        return best;
    }

    /// <summary>Less overhead; of equals, the one that cuts more like what was asked for.</summary>
    private static bool IsBetter(Layout offer, Layout than, Layout asked)
    {
        int overhead = (offer.TotalShards * than.DataShards).CompareTo(than.TotalShards * offer.DataShards);
        return overhead != 0
            ? overhead < 0
            : int.Abs(offer.DataShards - asked.DataShards) < int.Abs(than.DataShards - asked.DataShards);
    }
}
