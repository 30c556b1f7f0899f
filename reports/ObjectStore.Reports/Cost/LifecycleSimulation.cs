using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>
/// A bucket month by month: each month's uploads are one cohort that ages, moves and expires. Months have 30 days, as minimum durations do.
/// </summary>
/// <remarks>
/// An expiration wins over a transition due in the same month. Objects below 128 KiB are not moved by a lifecycle (S3's default since 2024).
/// Leaving a class before its minimum days costs the rest of the days. Reads from the archive classes are restores.
/// </remarks>
public static class LifecycleSimulation
{
    private const int DaysPerMonth = 30;
    private const decimal SmallestMovedBytes = 131_072;

    /// <param name="startClass">Where uploads go.</param>
    public static IReadOnlyList<MonthCost> Run(PriceBook prices, CostScenario scenario, string startClass, IReadOnlyList<LifecycleStep> steps)
    {
        decimal bytes = scenario.UploadGigabytesPerMonth * PriceBook.BytesPerGigabyte / Math.Max(1, scenario.UploadObjectsPerMonth);
        IReadOnlyList<LifecycleStep> moved = bytes >= SmallestMovedBytes ? [.. steps.OrderBy(step => step.AfterDays)] : [];
        var months = new List<MonthCost>();
        for (int month = 0; month < scenario.Months; month++)
        {
            months.Add(OneMonth(prices, scenario, startClass, moved, month));
        }

        return months;
    }

    /// <summary>Class of an object of this age; null once it has expired.</summary>
    public static string? ClassAt(CostScenario scenario, string startClass, IReadOnlyList<LifecycleStep> steps, int ageDays)
    {
        if (scenario.ExpireAfterDays is int expire && ageDays >= expire)
        {
            return null;
        }

        return steps.LastOrDefault(step => ageDays >= step.AfterDays)?.Class ?? startClass;
    }

    private static MonthCost OneMonth(PriceBook prices, CostScenario scenario, string startClass, IReadOnlyList<LifecycleStep> steps, int month)
    {
        var stored = new SortedDictionary<string, (decimal Gigabytes, decimal Objects)>(StringComparer.Ordinal);
        decimal requests = 0;
        decimal retrieval = 0;
        decimal transitions = 0;
        decimal early = 0;
        decimal transfer = 0;
        decimal saved = 0;
        decimal bytes = scenario.UploadGigabytesPerMonth * PriceBook.BytesPerGigabyte / Math.Max(1, scenario.UploadObjectsPerMonth);
        for (int age = 0; age <= month; age++)
        {
            string? now = ClassAt(scenario, startClass, steps, age * DaysPerMonth);
            string? before = age == 0 ? null : ClassAt(scenario, startClass, steps, (age - 1) * DaysPerMonth);
            if (before is not null && before != now)
            {
                early += EarlyDeletion(prices[before], scenario, startClass, steps, age);
                transitions += now is null ? 0 : scenario.UploadObjectsPerMonth / 1000 * prices[now].TransitionPer1000;
            }

            if (now is null)
            {
                continue;
            }

            (decimal gigabytes, decimal objects) = stored.GetValueOrDefault(now);
            stored[now] = (gigabytes + scenario.UploadGigabytesPerMonth, objects + scenario.UploadObjectsPerMonth);
            saved += TieringSaving(prices[now], scenario, age, bytes);
            decimal share = scenario.ReadShareAt(age);
            var reads = new MonthlyUse
            {
                Class = now,
                Puts = age == 0 ? scenario.UploadObjectsPerMonth : 0,
                UploadedGigabytes = age == 0 ? scenario.UploadGigabytesPerMonth : 0,
                Gets = share * scenario.UploadObjectsPerMonth,
                RestoredObjects = share * scenario.UploadObjectsPerMonth,
                RetrievedGigabytes = share * scenario.UploadGigabytesPerMonth,
                TransferOutGigabytes = share * scenario.UploadGigabytesPerMonth * scenario.TransferOutShare,
            };
            foreach (BillLine line in Bill.Of(prices, reads))
            {
                requests += line.What is "GET" or "PUT, COPY, POST, LIST" ? line.Amount : 0;
                retrieval += line.What is "retrieved" or "restore requests" or "uploaded" ? line.Amount : 0;
                transfer += line.What == "transfer out" ? line.Amount : 0;
            }
        }

        decimal storage = stored.Sum(s => Bill.Total(Bill.Of(prices, new MonthlyUse { Class = s.Key, GigabyteMonths = s.Value.Gigabytes, Objects = s.Value.Objects })));
        return new MonthCost(month, storage - saved, requests, retrieval, transitions, early, transfer);
    }

    /// <summary>
    /// What Intelligent-Tiering takes off the price of its frequent tier: objects unread for 30 days are in the infrequent tier, for 90 days in
    /// the archive instant one. The objects read in a month are drawn independently of those of the months before.
    /// </summary>
    private static decimal TieringSaving(ClassPrices c, CostScenario scenario, int age, decimal bytes)
    {
        if (c.MonitoringPer1000 == 0 || bytes < c.MonitoredFromBytes || age < 1)
        {
            return 0;
        }

        decimal Unread(int months)
        {
            decimal share = age < months ? 0 : 1;
            for (int back = 1; back <= months && share > 0; back++)
            {
                share *= 1 - Math.Min(1, scenario.ReadShareAt(age - back));
            }

            return share;
        }

        decimal archive = Unread(3);
        decimal infrequent = Unread(1) - archive;
        decimal frequent = c.Storage[0].Price;
        return scenario.UploadGigabytesPerMonth * ((infrequent * (frequent - c.InfrequentPrice)) + (archive * (frequent - c.ArchiveInstantPrice)));
    }

    /// <summary>The months that the cohort spent in the class it leaves, against the minimum.</summary>
    private static decimal EarlyDeletion(ClassPrices left, CostScenario scenario, string startClass, IReadOnlyList<LifecycleStep> steps, int age)
    {
        int stayed = 0;
        while (stayed < age && ClassAt(scenario, startClass, steps, (age - 1 - stayed) * DaysPerMonth) == left.Name)
        {
            stayed++;
        }

        decimal rest = Math.Max(0, left.MinimumDays - (stayed * DaysPerMonth));
        return rest / DaysPerMonth * scenario.UploadGigabytesPerMonth * left.Storage[0].Price;
    }
}
