using System;
using MathNet.Numerics.Distributions;

namespace ObjectStore.Reports;

/// <summary>An estimate with its confidence interval.</summary>
public readonly record struct Interval(double Low, double Value, double High)
{
    public bool Contains(double x) => Low <= x && x <= High;

    public bool Overlaps(Interval other) => Low <= other.High && other.Low <= High;

    /// <summary>Half the width, relative to the value.</summary>
    public double RelativeError => (High - Low) / 2 / Value;

    /// <summary>Normal interval around a mean.</summary>
    public static Interval Normal(double mean, double standardError, double confidence)
    {
        double z = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, 0.5 + (confidence / 2));
        return new Interval(mean - (z * standardError), mean, mean + (z * standardError));
    }

    /// <summary>Student's factor for a mean of <paramref name="freedom"/> + 1 samples.</summary>
    public static double StudentFactor(int freedom, double confidence) => StudentT.InvCDF(0, 1, freedom, 0.5 + (confidence / 2));

    /// <summary>Student's interval around the mean of samples; one sample has no spread and gives an interval from nothing to twice its value.</summary>
    public static Interval Mean(ReadOnlySpan<double> samples, double confidence)
    {
        double mean = 0;
        foreach (double sample in samples)
        {
            mean += sample / samples.Length;
        }

        if (samples.Length < 2)
        {
            return new Interval(0, mean, 2 * mean);
        }

        double squares = 0;
        foreach (double sample in samples)
        {
            squares += (sample - mean) * (sample - mean);
        }

        double width = StudentFactor(samples.Length - 1, confidence) * Math.Sqrt(squares / (samples.Length - 1) / samples.Length);
        return new Interval(Math.Max(0, mean - width), mean, mean + width);
    }

    /// <summary>Exact interval of a share after <paramref name="hits"/> of <paramref name="trials"/> (Clopper and Pearson 1934).</summary>
    public static Interval Proportion(int hits, int trials, double confidence)
    {
        double tail = (1 - confidence) / 2;
        double low = hits == 0 ? 0 : Beta.InvCDF(hits, trials - hits + 1, tail);
        double high = hits == trials ? 1 : Beta.InvCDF(hits + 1, trials - hits, 1 - tail);
        return new Interval(low, (double)hits / trials, high);
    }

    /// <summary>Exact interval of a Poisson mean after <paramref name="count"/> events (Garwood 1936).</summary>
    public static Interval Poisson(double count, double confidence)
    {
        double tail = (1 - confidence) / 2;
        double low = count == 0 ? 0 : ChiSquared.InvCDF(2 * count, tail) / 2;
        return new Interval(low, count, ChiSquared.InvCDF((2 * count) + 2, 1 - tail) / 2);
    }
}
