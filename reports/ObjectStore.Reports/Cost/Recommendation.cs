using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>What is known of a bucket or prefix before a class is recommended for it.</summary>
/// <param name="KeptMonths">How long the objects will still be kept.</param>
/// <param name="ReadsPerObjectMonth">Whole reads of each object a month.</param>
public sealed record StoredSet(string Name, string Class, decimal Gigabytes, decimal Objects, decimal KeptMonths, decimal ReadsPerObjectMonth)
{
    /// <summary>Days already spent in the class; a move earlier than its minimum pays the rest.</summary>
    public decimal DaysInClass { get; init; } = 365;
}

/// <summary>A class with its cost over the time that the objects are still kept.</summary>
public sealed record ClassCost(string Class, decimal Storage, decimal Reads, decimal Move, decimal EarlyDeletion)
{
    public decimal Total => Storage + Reads + Move + EarlyDeletion;
}

/// <summary>
/// The cheapest class for a set, counting what a comparison of storage prices leaves out: transition fees, retrieval, minimum sizes, the index
/// of archived objects, and early deletion on both sides (leaving the old class, not staying long enough in the new one).
/// </summary>
public static class Recommendation
{
    public static IReadOnlyList<ClassCost> Costs(PriceBook prices, StoredSet set) => [.. prices.Classes
        .Where(c => c.Name != "EXPRESS_ONEZONE").Select(c => CostIn(prices, set, c)).OrderBy(c => c.Total)];

    /// <summary>The class that a comparison of storage prices alone would pick, for contrast.</summary>
    public static string ByStoragePriceAlone(PriceBook prices) => prices.Classes.MinBy(c => c.Storage[0].Price)!.Name;

    private static ClassCost CostIn(PriceBook prices, StoredSet set, ClassPrices c)
    {
        bool stays = c.Name == set.Class;
        ClassPrices old = prices[set.Class];
        decimal monthly = Bill.Total(Bill.Of(prices, new MonthlyUse { Class = c.Name, GigabyteMonths = set.Gigabytes, Objects = set.Objects }));
        decimal reads = Bill.Total(Bill.Of(prices, new MonthlyUse
        {
            Class = c.Name,
            Gets = set.ReadsPerObjectMonth * set.Objects,
            RestoredObjects = set.ReadsPerObjectMonth * set.Objects,
            RetrievedGigabytes = set.ReadsPerObjectMonth * set.Gigabytes,
        }));
        decimal move = stays ? 0 : set.Objects / 1000 * Math.Max(c.TransitionPer1000, c.PutPer1000);
        decimal leaving = stays ? 0 : Math.Max(0, old.MinimumDays - set.DaysInClass) / 30 * set.Gigabytes * old.Storage[0].Price;
        decimal months = set.KeptMonths;
        decimal shortOf = stays ? 0 : Math.Max(0, (c.MinimumDays / 30m) - months);
        return new ClassCost(c.Name, monthly * months, reads * months, move, leaving + (monthly * shortOf));
    }
}
