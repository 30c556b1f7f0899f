using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>Prices of a cache at the edge; assumptions, to be replaced by a quotation.</summary>
public sealed record EdgePrices
{
    /// <summary>Flash at the edge, server and power included.</summary>
    public decimal DollarsPerGigabyteMonth { get; init; } = 0.10m;

    /// <summary>From the edge to the reader.</summary>
    public decimal TransferOutPerGigabyte { get; init; } = 0.085m;

    /// <summary>From the store to the edge.</summary>
    public decimal FillPerGigabyte { get; init; }

    public decimal RequestsPer1000 { get; init; } = 0.001m;
}

/// <summary>A month of reads through a cache of one size.</summary>
public sealed record EdgeCost(decimal CacheGigabytes, double HitRatio, decimal Cache, decimal Origin, decimal Transfer)
{
    public decimal Total => Cache + Origin + Transfer;
}

/// <summary>
/// A least-recently-used cache under independent reads with Zipf popularity. Source: Che, Tung, Wang, "Hierarchical Web Caching Systems", IEEE JSAC 20, 2002: an object
/// stays in the cache for one characteristic time, the same for all.
/// </summary>
public static class EdgeCache
{
    private const int RanksOneByOne = 2000;
    private const int RanksPerStep = 200;

    /// <summary>Share of the reads that are found in a cache of <paramref name="cached"/> of <paramref name="objects"/> objects of one size.</summary>
    public static double HitRatio(long objects, long cached, double zipf)
    {
        if (cached <= 0)
        {
            return 0;
        }

        if (cached >= objects)
        {
            return 1;
        }

        (double Rate, double Count)[] groups = Popularity(objects, zipf);
        double low = 1e-9;
        double high = 1;
        while (InCache(groups, high) < cached)
        {
            high *= 2;
        }

        for (int step = 0; step < 200 && high / low > 1 + 1e-12; step++)
        {
            double middle = Math.Sqrt(low * high);
            (low, high) = InCache(groups, middle) < cached ? (middle, high) : (low, middle);
        }

        return groups.Sum(group => group.Count * group.Rate * -ClosedForms.Expm1(-group.Rate * high));
    }

    /// <summary>A month's reads of a class with caches of several sizes, none first.</summary>
    public static IReadOnlyList<EdgeCost> Costs(
        PriceBook prices, string storageClass, decimal storedGigabytes, long objects, decimal readGigabytes, decimal reads, double zipf, EdgePrices edge) =>
        [.. ((decimal[])[0, 0.0001m, 0.001m, 0.01m, 0.05m, 0.2m]).Select(share =>
        {
            double hits = HitRatio(objects, (long)(objects * share), zipf);
            decimal misses = 1 - (decimal)hits;
            decimal origin = Bill.Total(Bill.Of(prices, new MonthlyUse
            {
                Class = storageClass,
                Gets = reads * misses,
                RetrievedGigabytes = readGigabytes * misses,
                TransferOutGigabytes = share == 0 ? readGigabytes : 0,
            }));
            decimal transfer = share == 0
                ? 0
                : (readGigabytes * edge.TransferOutPerGigabyte) + (readGigabytes * misses * edge.FillPerGigabyte) + (reads / 1000 * edge.RequestsPer1000);
            return new EdgeCost(storedGigabytes * share, hits, storedGigabytes * share * edge.DollarsPerGigabyteMonth, origin, transfer);
        })];

    private static double InCache((double Rate, double Count)[] groups, double time) => groups.Sum(group => group.Count * -ClosedForms.Expm1(-group.Rate * time));

    /// <summary>Popularity by rank; ranks beyond the first thousands in geometric groups, each at its mean.</summary>
    private static (double Rate, double Count)[] Popularity(long objects, double zipf)
    {
        var groups = new List<(double Rate, double Count)>();
        double rank = 1;
        while (rank <= objects)
        {
            double next = rank < RanksOneByOne ? rank + 1 : Math.Min(objects + 1, Math.Floor(rank * (1 + (1.0 / RanksPerStep))) + 1);
            groups.Add((Math.Pow((rank + next - 1) / 2, -zipf), next - rank));
            rank = next;
        }

        double total = groups.Sum(group => group.Rate * group.Count);
        return [.. groups.Select(group => (group.Rate / total, group.Count))];
    }
}
