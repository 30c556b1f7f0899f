using System;
using System.Collections.Generic;

namespace ObjectStore.Reports;

/// <summary>One layout by four routes: closed form, chain, biased and split Monte Carlo.</summary>
public sealed record AgreementRow(string Layout, double ClosedForm, double Chain, RareEstimate Biased, RareEstimate Split)
{
    /// <summary>Formula and chain to 1e-9; the chain inside both intervals, widened to <paramref name="slack"/> times their width.</summary>
    public bool Holds(double slack) =>
        Math.Abs(Chain - ClosedForm) <= 1e-9 * ClosedForm && Inside(Biased.YearlyLoss, slack) && Inside(Split.YearlyLoss, slack);

    private bool Inside(Interval interval, double slack) =>
        Math.Abs(Chain - interval.Value) <= slack * (interval.High - interval.Low) / 2;
}

/// <summary>The set of layouts on which the four routes must agree: disks only, repaired one shard after the other.</summary>
public static class Agreement
{
    /// <summary>Layout, yearly failure rate, rebuild hours: losses from 1e-6 to 1e-15 a year.</summary>
    public static IReadOnlyList<(string Code, double Rate, double RebuildHours)> Cases { get; } =
    [
        ("2x", 0.0136, 24), ("3x", 0.0136, 24), ("4x", 0.04, 24), ("4+1", 0.0136, 24), ("4+2", 0.0136, 24), ("6+3", 0.0136, 24),
        ("8+4", 0.0136, 72), ("10+4", 0.0136, 72), ("10+4", 0.0136, 156), ("12+4", 0.0136, 72), ("9+6", 0.04, 156), ("17+3", 0.00405, 156),
        ("17+3", 0.0136, 24), ("LRC(6,2,2)", 0.0136, 72), ("LRC(12,2,2)", 0.0136, 72),
    ];

    public static StripeModel Model(string code, double rate, double rebuildHours)
    {
        var layout = Layout.Parse(code);
        var assumptions = new Assumptions { AnnualFailureRate = rate, RebuildHours = rebuildHours, RepairOrder = RepairOrder.Serial };
        return assumptions.Stripe(layout, latent: false, shocks: false, zones: false);
    }

    public static AgreementRow Compare(string code, double rate, double rebuildHours, long cycles, int trialsPerLevel, ulong seed)
    {
        StripeModel model = Model(code, rate, rebuildHours);
        return new AgreementRow(
            $"{code}, AFR {Figures.Percent(rate)}, rebuild {rebuildHours} h", ClosedForm(model), DurabilityResult.YearlyLoss(model),
            FailureBiasing.Estimate(model, cycles, seed), Splitting.Estimate(model, trialsPerLevel, seed + 1));
    }

    /// <summary>
    /// The birth-death recursion for first passages, with a share of each step up that is a loss at once (codes that decode only some patterns).
    /// For maximum-distance codes it is <see cref="ClosedForms.BirthDeathMeanHours"/>. Positive terms only.
    /// </summary>
    private static double ClosedForm(StripeModel model)
    {
        int levels = model.LostMax + 1;

        // Going back from i to i - 1, the stripe is lost before it is at i again with share backLoss, after backTime on average.
        double mean = 0;
        double reach = 1;
        double backTime = 0;
        double backLoss = 0;
        for (int i = 0; i < levels; i++)
        {
            double fail = (model.Shards - i) * model.ShardFailuresPerHour;
            double repair = i == 0 ? 0 : model.RepairRate(i);
            double survive = model.Survives(i, i + 1);
            double exit = fail + (repair * backLoss);
            double share = fail * survive / exit;
            double time = (1 + (repair * backTime)) / exit;
            mean += reach * time;
            reach *= share;
            backLoss = ((fail * (1 - survive)) + (repair * backLoss)) / exit;
            backTime = time;
        }

        return ClosedForms.LossWithin(Assumptions.HoursPerYear, mean);
    }
}
