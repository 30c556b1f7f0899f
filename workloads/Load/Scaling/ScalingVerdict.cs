using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>Whether cost grows with the work alone and not with the bucket.</summary>
/// <param name="WithinPercent">The slowest plateau's rate of puts, and of gets, may lie this far below the fastest one's: slowest over fastest is at least 1 - within / 100. Each rate is taken as a share of
/// that of a small store measured in turn with it: the machine drifts by more than that from one plateau to the next.</param>
/// <param name="ListMin">Keys a second, at each plateau of at least <see cref="ListFrom"/> objects.</param>
/// <param name="MemoryBytesMax">Resident memory of the server, at any moment.</param>
internal sealed record ScalingVerdict(double WithinPercent, double ListMin, long MemoryBytesMax)
{
    /// <summary>In smaller buckets the rate of listings is not held to the minimum.</summary>
    internal const int ListFrom = 1_000_000;

    private const double Mebibyte = 1 << 20;

    internal IReadOnlyList<ThresholdResult> Judge(ScalingReport report) =>
    [
        Spread("PUT", report.Plateaus, static plateau => plateau.Put.OfSmall ?? double.NaN),
        Spread("GET", report.Plateaus, static plateau => plateau.Get.OfSmall ?? double.NaN),
        .. report.Plateaus.Where(static plateau => plateau.Objects >= ListFrom).Select(plateau => new ThresholdResult(
            string.Create(CultureInfo.InvariantCulture, $"LIST, keys a second of {plateau.Objects:N0} objects"), plateau.List.PerSecond, ListMin, null)),
        new ThresholdResult(
            "most resident memory, MiB", report.Plateaus.Count == 0 ? double.NaN : report.Plateaus.Max(static plateau => plateau.ResidentBytesMost) / Mebibyte, null, MemoryBytesMax / Mebibyte),
        new ThresholdResult("errors", report.Plateaus.Sum(static plateau => plateau.Errors), null, 0),
        new ThresholdResult("plateaus measured", report.Plateaus.Count, report.Wanted.Count, null),
    ];

    // From one plateau nothing can be told: the rule breaks on NaN.
    private ThresholdResult Spread(string operation, IReadOnlyList<ScalingPlateau> plateaus, Func<ScalingPlateau, double> rate) =>
        new($"{operation} rate as a share of the small store's, slowest plateau over fastest", plateaus.Count < 2 ? double.NaN : plateaus.Min(rate) / plateaus.Max(rate), 1 - (WithinPercent / 100), null);
}
