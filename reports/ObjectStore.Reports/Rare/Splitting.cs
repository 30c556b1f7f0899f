using System;
using System.Collections.Generic;
using MathNet.Numerics.Distributions;

namespace ObjectStore.Reports;

/// <summary>
/// Multilevel splitting with fixed effort: level = missing shards. From the states in which level i was first reached, many trials run under
/// the natural rates until one more shard is missing or the stripe is whole again; the loss probability of a cycle is the product of the
/// shares. No likelihood ratio is involved. Source: Garvels, The splitting method in rare event simulation, 2000; Villén-Altamirano's RESTART.
/// </summary>
/// <remarks>
/// The interval comes from independent replications (Student). The effort grows with the inverse of the rarest single step, so causes that
/// jump several levels at once with tiny rates (zones, shocks) are left to <see cref="FailureBiasing"/> unless they are made common.
/// </remarks>
public static class Splitting
{
    /// <summary>Enough that Student's factor is near the normal one: with twenty, four standard errors are missed by one run in two thousand.</summary>
    private const int Replications = 50;

    public static RareEstimate Estimate(StripeModel model, int trialsPerLevel, ulong seed, double confidence = 0.95)
    {
        var dynamics = new StripeDynamics(model);
        var random = new SplitMix(seed);
        double length = FailureBiasing.MeanCycleHours(dynamics, 20_000, ref random);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < Replications; i++)
        {
            double loss = Replicate(dynamics, Math.Max(1, trialsPerLevel / Replications), ref random);
            sum += loss;
            squares += loss * loss;
        }

        double mean = sum / Replications;
        double error = Math.Sqrt(Math.Max(0, (squares / Replications) - (mean * mean)) / (Replications - 1));
        double t = StudentT.InvCDF(0, 1, Replications - 1, 0.5 + (confidence / 2));
        double Yearly(double lossOfCycle) => ClosedForms.LossWithin(Assumptions.HoursPerYear, length / Math.Max(0, lossOfCycle));
        return new RareEstimate(
            "splitting", new Interval(Yearly(mean - (t * error)), Yearly(mean), Yearly(mean + (t * error))), (long)trialsPerLevel * (dynamics.LostMax + 1), seed);
    }

    private static double Replicate(StripeDynamics dynamics, int trials, ref SplitMix random)
    {
        double product = 1;
        List<Shards> entries = [default];
        for (int level = 0; level <= dynamics.LostMax; level++)
        {
            var next = new List<Shards>();
            int losses = 0;
            for (int i = 0; i < trials; i++)
            {
                // Entries are used in turn, each as often as the others (to one).
                Shards start = level == 0 ? default : entries[(int)((long)i * entries.Count / trials)];
                if (start == Lost)
                {
                    losses++;
                    next.Add(Lost);
                    continue;
                }

                Shards end = start.Missing > level ? start : Climb(dynamics, start, level, ref random);
                if (end == Lost)
                {
                    losses++;
                    next.Add(Lost);
                }
                else if (end != default)
                {
                    next.Add(end);
                }
            }

            if (level == dynamics.LostMax)
            {
                return product * losses / trials;
            }

            if (next.Count == 0)
            {
                return 0;
            }

            product *= (double)next.Count / trials;
            entries = next;
        }

        return product;
    }

    /// <summary>A stripe that is lost, marked by a pattern that no living stripe has.</summary>
    private static Shards Lost => new(ulong.MaxValue, ulong.MaxValue);

    private static Shards Climb(StripeDynamics dynamics, Shards at, int level, ref SplitMix random)
    {
        Span<double> rates = stackalloc double[StripeDynamics.Kinds];
        do
        {
            double total = dynamics.Rates(at, rates);
            Shards after = dynamics.Apply(at, FailureBiasing.Draw(rates, total, ref random), ref random);
            if (!dynamics.Survives(at, after, ref random))
            {
                return Lost;
            }

            at = after;
        }
        while (at != default && at.Missing <= level);

        return at;
    }
}
