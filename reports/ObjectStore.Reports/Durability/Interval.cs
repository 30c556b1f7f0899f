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

    /// <summary>Exact interval of a Poisson mean after <paramref name="count"/> events (Garwood 1936).</summary>
    public static Interval Poisson(double count, double confidence)
    {
        double tail = (1 - confidence) / 2;
        double low = count == 0 ? 0 : ChiSquared.InvCDF(2 * count, tail) / 2;
        return new Interval(low, count, ChiSquared.InvCDF((2 * count) + 2, 1 - tail) / 2);
    }
}
