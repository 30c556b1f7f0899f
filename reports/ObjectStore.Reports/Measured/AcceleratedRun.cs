using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>One independent life (seed) of the running engine at accelerated fault rates.</summary>
/// <param name="Losses">Stripes found undecodable; a lost stripe counts once and its exposure ends there.</param>
/// <param name="StripeYears">Sum over the stripes of the time that each was watched, years of 8,766 h of virtual time.</param>
/// <param name="DiskFailures">Disks failed for good in that time; they give the rate that the model is fed with.</param>
/// <param name="DiskYears">Sum over the disks of the time that each was in service, without the time between a failure and its repair.</param>
public sealed record AcceleratedLife(int Losses, double StripeYears, int DiskFailures, double DiskYears);

/// <summary>The lives of one layout, and what is known of its repair.</summary>
public sealed record AcceleratedLayout
{
    /// <summary>code@zones, as in <see cref="Layout.Parse"/>.</summary>
    public required string Layout { get; init; }

    public required IReadOnlyList<AcceleratedLife> Lives { get; init; }

    /// <summary>Hours from a shard's loss (its disk's failure) to its being whole again, detection included, one number an incident.</summary>
    public required IReadOnlyList<double> RepairHours { get; init; }

    /// <summary>How lost shards of one stripe share the repair.</summary>
    public RepairOrder RepairOrder { get; init; } = RepairOrder.Parallel;
}

/// <summary>What `compare file.json` reads.</summary>
public sealed record AcceleratedRun
{
    /// <summary>What was run: program, commit, seeds.</summary>
    public required string Source { get; init; }

    public double Confidence { get; init; } = 0.95;

    public required IReadOnlyList<AcceleratedLayout> Layouts { get; init; }
}

/// <summary>Engine and model on one layout: losses per stripe and year, each with its interval.</summary>
public sealed record EngineAgainstModel(string Layout, int Lives, int Lost, Interval Engine, Interval Model)
{
    /// <summary>Too few losses say nothing: with none, the engine's interval reaches down to zero and any small model would "agree".</summary>
    public const int LossesLeast = 10;

    /// <summary>The check: enough losses, and the intervals share a value.</summary>
    public bool Agrees => Lost >= LossesLeast && Engine.Overlaps(Model);

    /// <summary>Compares the lives of one layout with the chain fed with the failure rate and repair times of those same lives.</summary>
    public static EngineAgainstModel Of(AcceleratedLayout run, double confidence)
    {
        if (run.Lives.Count == 0 || run.RepairHours.Count == 0 || run.Lives.Any(life => life.StripeYears <= 0 || life.DiskYears <= 0 || life.Losses < 0 || life.DiskFailures < 0)
            || run.RepairHours.Any(hours => hours <= 0))
        {
            throw new FormatException($"'{run.Layout}': needs lives with years watched, and repair times, all positive");
        }

        var layout = Reports.Layout.Parse(run.Layout);
        double diskYears = run.Lives.Sum(life => life.DiskYears);
        Interval failures = Interval.Poisson(run.Lives.Sum(life => life.DiskFailures), confidence);
        Interval repair = Interval.Mean([.. run.RepairHours], confidence);
        double Model(double count, double hours) => Assumptions.HoursPerYear / StripeChain.MeanHoursToLoss(
            Stripe(layout, count / diskYears / Assumptions.HoursPerYear, Math.Max(1e-9, hours), run.RepairOrder));
        return new EngineAgainstModel(
            run.Layout, run.Lives.Count, run.Lives.Sum(life => life.Losses), LossRate(run.Lives, confidence),
            new Interval(Model(failures.Low, repair.Low), Model(failures.Value, repair.Value), Model(failures.High, repair.High)));
    }

    /// <summary>
    /// Losses per stripe-year. Stripes that share disks are lost together, so the count of one life is not Poisson: the wider of the Poisson interval and of the
    /// interval from the spread between lives (ratio estimator, Cochran, Sampling Techniques, chapter 6) is taken.
    /// </summary>
    public static Interval LossRate(IReadOnlyList<AcceleratedLife> lives, double confidence)
    {
        double years = lives.Sum(life => life.StripeYears);
        Interval counted = Interval.Poisson(lives.Sum(life => life.Losses), confidence);
        double rate = counted.Value / years;
        double low = counted.Low / years;
        double high = counted.High / years;
        if (lives.Count > 1)
        {
            double mean = years / lives.Count;
            double squares = lives.Sum(life => Math.Pow(life.Losses - (rate * life.StripeYears), 2));
            double error = Math.Sqrt(squares / (lives.Count - 1) / lives.Count) / mean;
            double width = error * Interval.StudentFactor(lives.Count - 1, confidence);
            low = Math.Min(low, Math.Max(0, rate - width));
            high = Math.Max(high, rate + width);
        }

        return new Interval(low, rate, high);
    }

    private static StripeModel Stripe(Layout layout, double failuresPerHour, double repairHours, RepairOrder order) =>
        new Assumptions { DetectionHours = 0, RebuildHours = repairHours, RepairOrder = order }
            .Stripe(layout, latent: false, shocks: false, zones: false) with
        { ShardFailuresPerHour = failuresPerHour };
}
