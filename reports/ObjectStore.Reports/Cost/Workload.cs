using System;
using System.Collections.Generic;

namespace ObjectStore.Reports;

/// <summary>A rule of a lifecycle: objects older than so many days move to a class.</summary>
public sealed record LifecycleStep(int AfterDays, string Class);

/// <summary>What `cost --scenario file.json` reads: a bucket that grows each month, how it is read, and its lifecycle.</summary>
public sealed record CostScenario
{
    public decimal UploadGigabytesPerMonth { get; init; } = 10_000;

    public decimal UploadObjectsPerMonth { get; init; } = 2_000_000;

    /// <summary>Share of an object's bytes that is read in its first month; each later month this share is multiplied by <see cref="ReadDecay"/>.</summary>
    public decimal ReadShareFirstMonth { get; init; } = 1;

    public decimal ReadDecay { get; init; } = 0.5m;

    public int Months { get; init; } = 36;

    /// <summary>Objects are deleted at this age; null: never.</summary>
    public int? ExpireAfterDays { get; init; } = 1095;

    public IReadOnlyList<LifecycleStep> Lifecycle { get; init; } = [new(30, "STANDARD_IA"), new(90, "GLACIER_IR"), new(365, "DEEP_ARCHIVE")];

    /// <summary>Share of the bytes read that leaves for the internet.</summary>
    public decimal TransferOutShare { get; init; }

    public decimal ReadShareAt(int ageMonths) => ReadShareFirstMonth * (decimal)Math.Pow((double)ReadDecay, ageMonths);
}

/// <summary>The costs of one month of a bucket by cause.</summary>
public sealed record MonthCost(int Month, decimal Storage, decimal Requests, decimal Retrieval, decimal Transitions, decimal EarlyDeletion, decimal Transfer)
{
    public decimal Total => Storage + Requests + Retrieval + Transitions + EarlyDeletion + Transfer;
}
