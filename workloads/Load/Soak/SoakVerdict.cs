using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Soak;

/// <summary>What the server held at one moment.</summary>
/// <param name="AtSeconds">Since the start.</param>
/// <param name="Phase"><c>load</c>, or <c>empty</c> once everything was deleted and reclaimed.</param>
/// <param name="ResidentBytes">Memory.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
/// <param name="DiskBytes">Lengths of all files of the store.</param>
internal sealed record SoakSample(double AtSeconds, string Phase, long ResidentBytes, int Handles, int Threads, long DiskBytes);

/// <summary>A soak run.</summary>
/// <param name="Seconds">How long the load ran.</param>
/// <param name="Rounds">Rounds of load, delete, reclaim.</param>
/// <param name="Operations">Requests answered.</param>
/// <param name="Errors">Wrong or failed ones.</param>
/// <param name="Samples">In order of time.</param>
internal sealed record SoakReport(double Seconds, int Rounds, long Operations, long Errors, IReadOnlyList<SoakSample> Samples);

/// <summary>Whether a soak run shows a leak: medians of its last third beside those of its middle third, so that warming up counts for nothing.</summary>
/// <param name="MemoryGrowthBytesMax">Resident memory may grow by a tenth, or by this if that is more.</param>
/// <param name="HandleGrowthMax">Open handles, and threads.</param>
/// <param name="DiskGrowthBytesMax">Files of an emptied store, over the first time that it was empty.</param>
internal sealed record SoakVerdict(long MemoryGrowthBytesMax = 48L << 20, int HandleGrowthMax = 16, long DiskGrowthBytesMax = 96L << 20)
{
    private const double Mebibyte = 1 << 20;

    internal IReadOnlyList<ThresholdResult> Judge(SoakReport report)
    {
        SoakSample[] load = [.. report.Samples.Where(static sample => sample.Phase == "load")];
        SoakSample[] empty = [.. report.Samples.Where(static sample => sample.Phase == "empty")];
        (double Middle, double Last) memory = Thirds(load, static sample => sample.ResidentBytes);
        return
        [
            Growth("resident memory, MiB", memory.Middle / Mebibyte, memory.Last / Mebibyte, Math.Max(MemoryGrowthBytesMax, memory.Middle / 10) / Mebibyte),
            Growth("open handles", Thirds(load, static sample => sample.Handles), HandleGrowthMax),
            Growth("threads", Thirds(load, static sample => sample.Threads), HandleGrowthMax),
            Growth(
                "disk of an emptied store, MiB",
                empty.Length < 2 ? double.NaN : empty[0].DiskBytes / Mebibyte,
                empty.Length < 2 ? double.NaN : empty[^1].DiskBytes / Mebibyte,
                DiskGrowthBytesMax / Mebibyte),
            new ThresholdResult("errors", report.Errors, null, 0),
            new ThresholdResult("requests", report.Operations, 1, null),
        ];
    }

    private static (double Middle, double Last) Thirds(SoakSample[] samples, Func<SoakSample, double> of)
    {
        int third = samples.Length / 3;
        return third == 0 ? (double.NaN, double.NaN) : (Median(samples[third..(2 * third)], of), Median(samples[(2 * third)..], of));
    }

    private static double Median(SoakSample[] samples, Func<SoakSample, double> of)
    {
        double[] values = [.. samples.Select(of).Order()];
        return values[values.Length / 2];
    }

    private static ThresholdResult Growth(string what, (double Before, double After) values, double growthMax) => Growth(what, values.Before, values.After, growthMax);

    // No samples, no proof: the limit breaks on NaN.
    private static ThresholdResult Growth(string what, double before, double after, double growthMax) =>
        new(string.Create(CultureInfo.InvariantCulture, $"growth of {what} ({before:F0} then {after:F0})"), after - before, null, growthMax);
}
