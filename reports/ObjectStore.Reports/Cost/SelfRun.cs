using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>What a cluster of one's own costs; every figure is an assumption to be replaced by a quotation.</summary>
public sealed record SelfRunPrices
{
    public decimal DollarsPerTerabyte { get; init; } = 15;

    /// <summary>Server, network and rack per disk slot.</summary>
    public decimal ServerDollarsPerDisk { get; init; } = 150;

    public decimal LifeYears { get; init; } = 5;

    /// <summary>Disk and its share of the server.</summary>
    public decimal WattsPerDisk { get; init; } = 12;

    public decimal PowerUsageEffectiveness { get; init; } = 1.4m;

    public decimal DollarsPerKilowattHour { get; init; } = 0.12m;

    /// <summary>Between zones, per gigabyte; repair reads and writes cross them in the share that lies elsewhere.</summary>
    public decimal DollarsPerGigabyteBetweenZones { get; init; } = 0.001m;
}

/// <summary>One layout on one's own disks: dollars per terabyte of data and month, and nines.</summary>
public sealed record SelfRunCost(Layout Layout, decimal Disks, decimal Power, decimal Repair, double LossPerYear)
{
    public decimal Total => Disks + Power + Repair;

    public double Nines => ClosedForms.Nines(LossPerYear);

    public static SelfRunCost Of(Layout layout, Assumptions assumptions, SelfRunPrices prices)
    {
        decimal terabytesPerDisk = (decimal)(assumptions.DiskTerabytes * assumptions.FillRatio);
        decimal disks = (decimal)layout.Overhead / terabytesPerDisk;
        decimal price = ((decimal)assumptions.DiskTerabytes * prices.DollarsPerTerabyte) + prices.ServerDollarsPerDisk;

        // Failed disks are bought again: the life is shortened by the failure rate.
        decimal perMonth = ((1 / prices.LifeYears) + (decimal)assumptions.AnnualFailureRate) / 12;
        decimal power = disks * prices.WattsPerDisk * prices.PowerUsageEffectiveness / 1000 * 730.5m * prices.DollarsPerKilowattHour;
        decimal elsewhere = layout.Zones == 1 ? 0 : (layout.Zones - 1m) / layout.Zones;
        decimal repaired = (decimal)(layout.Overhead * assumptions.AnnualFailureRate / 12 * (layout.RepairReads + 1)) * 1000;
        return new SelfRunCost(
            layout, disks * price * perMonth, power, repaired * elsewhere * prices.DollarsPerGigabyteBetweenZones, DurabilityResult.Of(layout, assumptions).Total);
    }

    /// <summary>Layouts that no other beats in both cost and nines, cheapest first.</summary>
    public static IReadOnlyList<SelfRunCost> ParetoFront(IEnumerable<SelfRunCost> all)
    {
        var front = new List<SelfRunCost>();
        foreach (SelfRunCost next in all.OrderBy(c => c.Total).ThenByDescending(c => c.Nines))
        {
            if (front.Count == 0 || next.Nines > front[^1].Nines)
            {
                front.Add(next);
            }
        }

        return front;
    }

    /// <summary>The cheapest layout with at least the wanted nines; null when there is none.</summary>
    public static SelfRunCost? Cheapest(IEnumerable<SelfRunCost> all, double nines) => all.Where(c => c.Nines >= nines).MinBy(c => c.Total);
}
