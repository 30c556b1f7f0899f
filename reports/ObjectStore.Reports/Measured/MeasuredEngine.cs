using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>One lost disk that the engine made whole again.</summary>
/// <param name="Bytes">Bytes of shards made again.</param>
/// <param name="Seconds">From the start of the repair to full redundancy.</param>
/// <param name="PoolDisks">Disks that shared the work.</param>
/// <param name="ShardsReadPerShard">Shards read for each one made: k for Reed-Solomon, 1 for copies.</param>
public sealed record MeasuredRebuild(double Bytes, double Seconds, int PoolDisks, double ShardsReadPerShard)
{
    /// <summary>What each disk of the pool moved, read and write together: the unit of <see cref="Assumptions.RepairMegabytesPerSecondPerDisk"/>.</summary>
    public double MegabytesPerSecondPerDisk => Bytes * (ShardsReadPerShard + 1) / Seconds / PoolDisks / 1e6;
}

/// <summary>What scrubbing did: errors planted in shards at rest, how many of them one pass found, how long each pass took.</summary>
public sealed record MeasuredScrub(int Planted, int Found, IReadOnlyList<double> PassHours);

/// <summary>
/// What `durability --measured file.json` reads: observations of the running engine (simulated, in virtual time, or real), never averages, so that
/// the intervals can be computed here. Lists may be empty: what was not measured stays an assumption.
/// </summary>
public sealed record MeasuredEngine
{
    /// <summary>What was run: program, commit, seeds. It is printed beside the figures.</summary>
    public required string Source { get; init; }

    /// <summary>From a disk's failure to the start of its repair, one number an incident, seconds.</summary>
    public IReadOnlyList<double> DetectionSeconds { get; init; } = [];

    public IReadOnlyList<MeasuredRebuild> Rebuilds { get; init; } = [];

    public MeasuredScrub? Scrub { get; init; }

    /// <summary>The observations as intervals of the inputs that they replace.</summary>
    public MeasuredInputs Inputs(double confidence)
    {
        Check();
        return new MeasuredInputs(
            Mean(DetectionSeconds.Select(seconds => seconds / 3600), confidence),
            Mean(Rebuilds.Select(rebuild => rebuild.MegabytesPerSecondPerDisk), confidence),
            Scrub is null ? null : Interval.Proportion(Scrub.Found, Scrub.Planted, confidence),
            Scrub is null ? null : Mean(Scrub.PassHours.Select(hours => hours / 24), confidence));
    }

    private static Interval? Mean(IEnumerable<double> samples, double confidence)
    {
        double[] all = [.. samples];
        return all.Length == 0 ? null : Interval.Mean(all, confidence);
    }

    private void Check()
    {
        bool wrong = DetectionSeconds.Any(seconds => seconds < 0)
            || Rebuilds.Any(r => r.Bytes <= 0 || r.Seconds <= 0 || r.PoolDisks < 1 || r.ShardsReadPerShard < 0)
            || (Scrub is not null && (Scrub.Planted < 1 || Scrub.Found < 0 || Scrub.Found > Scrub.Planted || Scrub.PassHours.Any(hours => hours <= 0)));
        if (wrong)
        {
            throw new FormatException($"measurements of '{Source}': times and bytes must be positive, and no more errors found than planted");
        }
    }
}

/// <summary>Measured inputs with their intervals; null: not measured.</summary>
public sealed record MeasuredInputs(Interval? DetectionHours, Interval? RepairMegabytesPerSecondPerDisk, Interval? ScrubCoverage, Interval? ScrubDays)
{
    /// <summary>The assumptions with what was measured in place of what was assumed.</summary>
    public Assumptions Value(Assumptions assumed) => Replace(assumed, i => i.Value, i => i.Value);

    /// <summary>Every measured input at the end of its interval that loses least.</summary>
    public Assumptions Best(Assumptions assumed) => Replace(assumed, i => i.Low, i => i.High);

    /// <summary>Every measured input at the end of its interval that loses most.</summary>
    public Assumptions Worst(Assumptions assumed) => Replace(assumed, i => i.High, i => i.Low);

    /// <summary>Loss per object and year of a layout, all causes, over the box of the measured intervals: wider than an interval of the same confidence.</summary>
    public Interval Loss(Layout layout, Assumptions assumed) => new(
        DurabilityResult.Of(layout, Best(assumed)).Total, DurabilityResult.Of(layout, Value(assumed)).Total, DurabilityResult.Of(layout, Worst(assumed)).Total);

    private Assumptions Replace(Assumptions assumed, Func<Interval, double> lessIsBetter, Func<Interval, double> moreIsBetter)
    {
        // A coverage of nothing would never find an error; the smallest that is told apart from it is enough.
        double coverage = ScrubCoverage is Interval share ? Math.Max(1e-6, moreIsBetter(share)) : assumed.ScrubCoverage;
        return assumed with
        {
            DetectionHours = DetectionHours is Interval detection ? Math.Max(0, lessIsBetter(detection)) : assumed.DetectionHours,
            RepairMegabytesPerSecondPerDisk = RepairMegabytesPerSecondPerDisk is Interval rate
                ? Math.Max(1e-6, moreIsBetter(rate)) : assumed.RepairMegabytesPerSecondPerDisk,
            RebuildHours = RepairMegabytesPerSecondPerDisk is null ? assumed.RebuildHours : null,
            ScrubCoverage = coverage,
            ScrubDays = ScrubDays is Interval days ? Math.Max(1e-6, lessIsBetter(days)) : assumed.ScrubDays,
        };
    }
}
