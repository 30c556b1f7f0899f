using System;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>Published closed forms. All of them are sums of positive terms.</summary>
public static class ClosedForms
{
    /// <summary>
    /// Mean hours to loss of a birth-death chain: Σ over i of Σ over j ≤ i of (1/f_j) Π from j+1 to i of (r_l / f_l), with f_i the failure rate and
    /// r_i the repair rate when i are lost. Source: the standard first-passage formula, e.g. Karlin and Taylor, A First Course in Stochastic Processes, 4.7.
    /// </summary>
    /// <param name="failures">failures[i]: rate from i lost to i + 1 lost; the last one is the loss.</param>
    /// <param name="repairs">repairs[i]: rate from i lost to i - 1 lost; repairs[0] is not used.</param>
    public static double BirthDeathMeanHours(ReadOnlySpan<double> failures, ReadOnlySpan<double> repairs)
    {
        double total = 0;
        double passage = 0;
        for (int i = 0; i < failures.Length; i++)
        {
            passage = (1 / failures[i]) + (i == 0 ? 0 : passage * repairs[i] / failures[i]);
            total += passage;
        }

        return total;
    }

    /// <summary>RAID4/5 mean hours to data loss, ((2n-1)λ + μ) / (n(n-1)λ²). Source: Greenan, Plank, Wylie, HotStorage 2010.</summary>
    public static double SingleParityMeanHours(int disks, double failurePerHour, double repairPerHour) =>
        ((((2 * disks) - 1) * failurePerHour) + repairPerHour) / (disks * (disks - 1) * failurePerHour * failurePerHour);

    /// <summary>
    /// Backblaze's published method (2018, "Cloud Storage Durability"): in each window of one rebuild time, at least m + 1 of n drives fail,
    /// binomially; the windows of a year are independent.
    /// </summary>
    /// <returns>Loss probability in one window, and in a year of 365 days.</returns>
    public static (double Window, double Year) BinomialWindow(int shards, int parity, double annualFailureRate, double rebuildDays)
    {
        double p = annualFailureRate * rebuildDays / 365;
        double window = 0;
        for (int j = shards; j > parity; j--)
        {
            window += Math.Exp(SpecialFunctions.BinomialLn(shards, j) + (j * Math.Log(p)) + ((shards - j) * SpecialFunctions.Log1p(-p)));
        }

        return (window, -Expm1(365 / rebuildDays * SpecialFunctions.Log1p(-window)));
    }

    /// <summary>The same window with a Poisson count of failures of mean n p: the variant that rounds to the same nines and floors to one less.</summary>
    public static (double Window, double Year) PoissonWindow(int shards, int parity, double annualFailureRate, double rebuildDays)
    {
        double mean = shards * annualFailureRate * rebuildDays / 365;
        double window = 0;
        for (int j = parity + 40; j > parity; j--)
        {
            window += Math.Exp((j * Math.Log(mean)) - mean - SpecialFunctions.FactorialLn(j));
        }

        return (window, -Expm1(365 / rebuildDays * SpecialFunctions.Log1p(-window)));
    }

    /// <summary>e^x - 1 without cancellation near zero. (The framework's own double.ExpM1 is Math.Exp(x) - 1: it is not.)</summary>
    public static double Expm1(double x) => SpecialFunctions.Expm1(x);

    /// <summary>Loss probability within <paramref name="hours"/> of an exponential time with mean <paramref name="meanHours"/>.</summary>
    public static double LossWithin(double hours, double meanHours) => -Expm1(-hours / meanHours);

    /// <summary>Number of nines: -log10 of the loss probability.</summary>
    public static double Nines(double lossProbability) => -Math.Log10(lossProbability);
}
