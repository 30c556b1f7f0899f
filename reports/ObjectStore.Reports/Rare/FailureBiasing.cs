using System;

namespace ObjectStore.Reports;

/// <summary>A Monte Carlo answer: yearly loss with its interval, how it was made.</summary>
public sealed record RareEstimate(string Method, Interval YearlyLoss, long Trials, ulong Seed);

/// <summary>
/// Importance sampling by balanced failure biasing: in a stripe that has lost something, failures of every kind together get half of the
/// probability, evenly over the kinds, and the likelihood ratio takes it back. The relative error stays bounded as failures get rarer.
/// Source: Shahabuddin, Management Science 40, 1994; survey by Nicola, Shahabuddin, Nakayama, IEEE Trans. Reliability 50, 2001.
/// </summary>
/// <remarks>
/// Regenerative: a cycle runs from the whole stripe to the whole stripe again or to the loss. Mean time to loss = mean cycle length / loss
/// probability of a cycle; the length is estimated from natural cycles.
/// </remarks>
public static class FailureBiasing
{
    private const double FailureShare = 0.5;

    public static RareEstimate Estimate(StripeModel model, long cycles, ulong seed, double confidence = 0.95)
    {
        var dynamics = new StripeDynamics(model);
        var random = new SplitMix(seed);
        double sum = 0;
        double squares = 0;
        for (long i = 0; i < cycles; i++)
        {
            double weight = BiasedCycle(dynamics, ref random);
            sum += weight;
            squares += weight * weight;
        }

        double loss = sum / cycles;
        double deviation = Math.Sqrt(Math.Max(0, (squares / cycles) - (loss * loss)) / cycles);
        double length = MeanCycleHours(dynamics, Math.Clamp(cycles / 10, 1_000, 100_000), ref random);
        Interval cycle = Interval.Normal(loss, deviation, confidence);
        double Yearly(double lossOfCycle) => ClosedForms.LossWithin(Assumptions.HoursPerYear, length / Math.Max(0, lossOfCycle));
        return new RareEstimate("balanced failure biasing", new Interval(Yearly(cycle.Low), Yearly(cycle.Value), Yearly(cycle.High)), cycles, seed);
    }

    /// <summary>Mean hours of a natural cycle, by the expected stay in each visited state.</summary>
    public static double MeanCycleHours(StripeDynamics dynamics, long cycles, ref SplitMix random)
    {
        Span<double> rates = stackalloc double[StripeDynamics.Kinds];
        double hours = 0;
        for (long i = 0; i < cycles; i++)
        {
            Shards at = default;
            do
            {
                double total = dynamics.Rates(at, rates);
                hours += 1 / total;
                Shards after = dynamics.Apply(at, Draw(rates, total, ref random), ref random);
                if (!dynamics.Survives(at, after, ref random))
                {
                    break;
                }

                at = after;
            }
            while (at != default);
        }

        return hours / cycles;
    }

    /// <summary>Draws a kind with probability in proportion to its rate.</summary>
    public static StripeEvent Draw(ReadOnlySpan<double> rates, double total, ref SplitMix random)
    {
        double point = random.NextDouble() * total;
        int last = 0;
        for (int kind = 0; kind < rates.Length; kind++)
        {
            if (rates[kind] > 0)
            {
                last = kind;
                if (point < rates[kind])
                {
                    break;
                }

                point -= rates[kind];
            }
        }

        return (StripeEvent)last;
    }

    /// <summary>One biased cycle; its likelihood ratio when it ends in the loss, else 0.</summary>
    private static double BiasedCycle(StripeDynamics dynamics, ref SplitMix random)
    {
        Span<double> rates = stackalloc double[StripeDynamics.Kinds];
        double weight = 1;
        Shards at = default;
        do
        {
            double total = dynamics.Rates(at, rates);
            double mending = rates[(int)StripeEvent.Repair] + rates[(int)StripeEvent.Scrub];
            double share = mending > 0 ? FailureShare : 1;
            StripeEvent kind;
            if (share < 1 && random.NextDouble() >= share)
            {
                kind = random.NextDouble() * mending < rates[(int)StripeEvent.Repair] ? StripeEvent.Repair : StripeEvent.Scrub;
                weight *= mending / total / (1 - share);
            }
            else
            {
                kind = DrawEvenly(rates, ref random, out int kinds);
                weight *= rates[(int)kind] / total * kinds / share;
            }

            Shards after = kind == StripeEvent.Shock
                ? dynamics.ApplyEvenShock(at, ref random, ref weight)
                : dynamics.Apply(at, kind, ref random);
            if (!dynamics.Survives(at, after, ref random))
            {
                return weight;
            }

            at = after;
        }
        while (at != default);

        return 0;
    }

    private static StripeEvent DrawEvenly(ReadOnlySpan<double> rates, ref SplitMix random, out int kinds)
    {
        Span<int> possible = stackalloc int[StripeDynamics.FailureKinds];
        kinds = 0;
        for (int kind = 0; kind < StripeDynamics.FailureKinds; kind++)
        {
            if (rates[kind] > 0)
            {
                possible[kinds++] = kind;
            }
        }

        return (StripeEvent)possible[random.NextIndex(kinds)];
    }
}
