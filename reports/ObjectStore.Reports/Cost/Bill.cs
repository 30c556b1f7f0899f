using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>One month of one class of a bucket.</summary>
public sealed record MonthlyUse
{
    public string Class { get; init; } = "STANDARD";

    public decimal GigabyteMonths { get; init; }

    public decimal Objects { get; init; }

    public decimal Puts { get; init; }

    public decimal Gets { get; init; }

    public decimal UploadedGigabytes { get; init; }

    public decimal RetrievedGigabytes { get; init; }

    public decimal RestoredObjects { get; init; }

    /// <summary>Restores by the Expedited option.</summary>
    public bool Expedited { get; init; }

    public decimal TransitionsIn { get; init; }

    public decimal TransferOutGigabytes { get; init; }
}

/// <summary>A line of a bill, unrounded.</summary>
public sealed record BillLine(string What, decimal Quantity, decimal Amount);

/// <summary>Applies a price book to a month of use, line by line. Amounts are rounded to the cent when shown, never between.</summary>
public static class Bill
{
    public static IReadOnlyList<BillLine> Of(PriceBook prices, MonthlyUse use)
    {
        ClassPrices c = prices[use.Class];
        decimal objectBytes = use.Objects == 0 ? 0 : use.GigabyteMonths * PriceBook.BytesPerGigabyte / use.Objects;
        decimal charged = use.Objects > 0 && objectBytes < c.MinimumBytes ? use.Objects * c.MinimumBytes / PriceBook.BytesPerGigabyte : use.GigabyteMonths;
        bool monitored = c.MonitoringPer1000 > 0 && objectBytes >= c.MonitoredFromBytes;
        decimal own = use.Objects * c.OverheadBytes / PriceBook.BytesPerGigabyte;
        decimal standard = use.Objects * c.OverheadStandardBytes / PriceBook.BytesPerGigabyte;
        BillLine[] lines =
        [
            new("storage", charged + own, c.StorageOf(charged + own)),
            new("index at the price of STANDARD", standard, standard * prices["STANDARD"].Storage[0].Price),
            new("PUT, COPY, POST, LIST", use.Puts, use.Puts / 1000 * c.PutPer1000),
            new("GET", use.Gets, use.Gets / 1000 * c.GetPer1000),
            new("uploaded", use.UploadedGigabytes, use.UploadedGigabytes * c.UploadPerGigabyte),
            new("retrieved", use.RetrievedGigabytes, use.RetrievedGigabytes * (use.Expedited ? c.ExpeditedPerGigabyte : c.RetrievalPerGigabyte)),
            new("restore requests", use.RestoredObjects, use.RestoredObjects / 1000 * (use.Expedited ? c.ExpeditedPer1000 : c.RetrievalPer1000)),
            new("monitoring", monitored ? use.Objects : 0, monitored ? use.Objects / 1000 * c.MonitoringPer1000 : 0),
            new("transitions", use.TransitionsIn, use.TransitionsIn / 1000 * c.TransitionPer1000),
            new("transfer out", use.TransferOutGigabytes, use.TransferOutGigabytes * prices.TransferOutPerGigabyte.Price),
        ];
        return [.. lines.Where(line => line.Amount != 0)];
    }

    public static decimal Total(IEnumerable<BillLine> lines) => lines.Sum(line => line.Amount);

    /// <summary>To the cent, halves away from zero, as bills do.</summary>
    public static decimal Cents(decimal amount) => Math.Round(amount, 2, MidpointRounding.AwayFromZero);
}
