using System;

namespace ObjectStore.Reports;

/// <summary>Loss probability of one object in one year, cause by cause (each column adds one cause to the one before).</summary>
public sealed record DurabilityResult(Layout Layout, double RebuildHours, double DisksOnly, double WithLatent, double WithShocks, Interval WithZones, double Total)
{
    /// <summary>Hours of a year in which the object cannot be read although it is not lost.</summary>
    public double UnreadableHoursPerYear { get; init; }

    public static DurabilityResult Of(Layout layout, Assumptions assumptions)
    {
        double Loss(Assumptions a, bool latent, bool shocks, bool zones) => YearlyLoss(a.Stripe(layout, latent, shocks, zones));
        Interval failures = Interval.Poisson(assumptions.FailuresObserved, assumptions.Confidence);
        Assumptions Scaled(double count) => assumptions with
        {
            AnnualFailureRate = Math.Min(0.999, assumptions.AnnualFailureRate * count / assumptions.FailuresObserved),
        };
        double withZones = Loss(assumptions, true, true, true);
        var interval = new Interval(Loss(Scaled(failures.Low), true, true, true), withZones, Loss(Scaled(failures.High), true, true, true));
        return new DurabilityResult(
            layout,
            assumptions.RebuildHoursOf(layout),
            Loss(assumptions, false, false, false),
            Loss(assumptions, true, false, false),
            Loss(assumptions, true, true, false),
            interval,
            AnyOf(withZones, assumptions.RegionDestroyedPerYear, assumptions.OperatorLossPerYear))
        {
            UnreadableHoursPerYear = Availability.UnreadableHours(layout, assumptions),
        };
    }

    /// <summary>Loss within a year of a stripe that starts whole.</summary>
    public static double YearlyLoss(StripeModel stripe) => ClosedForms.LossWithin(Assumptions.HoursPerYear, StripeChain.MeanHoursToLoss(stripe));

    /// <summary>Probability that at least one of independent causes strikes, without subtracting from one.</summary>
    public static double AnyOf(params ReadOnlySpan<double> causes)
    {
        double logNone = 0;
        foreach (double cause in causes)
        {
            logNone += MathNet.Numerics.SpecialFunctions.Log1p(-cause);
        }

        return -ClosedForms.Expm1(logNone);
    }
}
