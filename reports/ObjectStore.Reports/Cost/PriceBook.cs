using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ObjectStore.Reports;

/// <summary>One step of a storage price; without <paramref name="UpToGigabytes"/> the last.</summary>
public sealed record StorageTier(decimal Price, decimal? UpToGigabytes = null);

/// <summary>A price with where and when it was read.</summary>
public sealed record SourcedPrice(decimal Price, string Source, string Date, string Confidence);

/// <summary>The prices of one storage class. Gigabytes are of 2^30 bytes, months of storage; requests per 1,000.</summary>
public sealed record ClassPrices
{
    public required string Name { get; init; }

    /// <summary>Deleted or moved earlier, an object is charged for the rest of these days.</summary>
    public required int MinimumDays { get; init; }

    /// <summary>Smaller objects are charged for this size.</summary>
    public required long MinimumBytes { get; init; }

    /// <summary>Index kept per object, charged at the price of STANDARD and at the class's own.</summary>
    public required long OverheadStandardBytes { get; init; }

    public required long OverheadBytes { get; init; }

    public required int Zones { get; init; }

    public required IReadOnlyList<StorageTier> Storage { get; init; }

    public required decimal PutPer1000 { get; init; }

    public required decimal GetPer1000 { get; init; }

    public required decimal TransitionPer1000 { get; init; }

    public required decimal RetrievalPerGigabyte { get; init; }

    public required decimal RetrievalPer1000 { get; init; }

    public decimal UploadPerGigabyte { get; init; }

    public decimal ExpeditedPerGigabyte { get; init; }

    public decimal ExpeditedPer1000 { get; init; }

    public decimal InfrequentPrice { get; init; }

    public decimal ArchiveInstantPrice { get; init; }

    public decimal MonitoringPer1000 { get; init; }

    public long MonitoredFromBytes { get; init; }

    public required string Source { get; init; }

    public required string Date { get; init; }

    public required string Confidence { get; init; }

    /// <summary>Storage of a month, tier by tier.</summary>
    public decimal StorageOf(decimal gigabyteMonths)
    {
        decimal cost = 0;
        decimal below = 0;
        foreach (StorageTier tier in Storage)
        {
            decimal top = tier.UpToGigabytes ?? decimal.MaxValue;
            cost += Math.Max(0, Math.Min(gigabyteMonths, top) - below) * tier.Price;
            below = top;
        }

        return cost;
    }
}

/// <summary>Prices as data: one file per region and date, prices.json beside the program by default.</summary>
public sealed record PriceBook(string Region, string Currency, string Note, IReadOnlyList<ClassPrices> Classes, SourcedPrice TransferOutPerGigabyte)
{
    public const decimal BytesPerGigabyte = 1_073_741_824m;

    public ClassPrices this[string name] => Classes.FirstOrDefault(c => c.Name == name)
        ?? throw new FormatException($"the price book of {Region} has no class '{name}'; it has {string.Join(", ", Classes.Select(c => c.Name))}");

    public static PriceBook Read(string? path = null) => JsonSerializer.Deserialize<PriceBook>(
        File.ReadAllText(path ?? Path.Combine(AppContext.BaseDirectory, "Cost", "prices.json")), Outputs.Options)
        ?? throw new FormatException("the price book is empty");
}
