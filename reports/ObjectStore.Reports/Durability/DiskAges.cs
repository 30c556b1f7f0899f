using System;
using System.Linq;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>Disk lives that age: Weibull with cumulative hazard (t / scale)^shape. Source: Schroeder and Gibson, FAST 2007, for why ages matter.</summary>
public static class DiskAges
{
    private const int Years = 10;

    /// <summary>Mean failures per disk in the year of life that begins at <paramref name="year"/>, scaled so that ten years have as many as the constant rate.</summary>
    public static double HazardOfYear(double ratePerYear, double shape, int year) =>
        ratePerYear * Years * (Math.Pow((year + 1.0) / Years, shape) - Math.Pow((double)year / Years, shape));

    public static double YearlyLossAtAge(Layout layout, Assumptions a, double shape, int year) =>
        Loss(layout, a, HazardOfYear(a.FailuresPerHour * Assumptions.HoursPerYear, shape, year));

    /// <summary>Mean yearly loss over ten years: disks all of one age (mean of the losses), and of all ages alike (loss at the mean hazard).</summary>
    public static (double SameAge, double MixedAges) TenYears(Layout layout, Assumptions a, double shape)
    {
        double rate = a.FailuresPerHour * Assumptions.HoursPerYear;
        double same = Enumerable.Range(0, Years).Average(year => YearlyLossAtAge(layout, a, shape, year));
        double mixed = Loss(layout, a, Enumerable.Range(0, Years).Average(year => HazardOfYear(rate, shape, year)));
        return (same, mixed);
    }

    /// <summary>Squared coefficient of variation of a Weibull life: Γ(1 + 2/b) / Γ(1 + 1/b)² - 1; 1 for the exponential.</summary>
    public static double SquaredVariation(double shape) =>
        SpecialFunctions.Expm1(SpecialFunctions.GammaLn(1 + (2 / shape)) - (2 * SpecialFunctions.GammaLn(1 + (1 / shape))));

    private static double Loss(Layout layout, Assumptions a, double ratePerYear) =>
        DurabilityResult.YearlyLoss(a.Stripe(layout, latent: false, shocks: false, zones: false) with { ShardFailuresPerHour = ratePerYear / Assumptions.HoursPerYear });
}
