using System;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Library;

/// <summary>Which objects of a pool are asked for how often.</summary>
public enum Popularity
{
    /// <summary>All alike.</summary>
    Uniform,

    /// <summary>Zipf's law with exponent 0.99, as YCSB has it.</summary>
    Zipf,

    /// <summary>Nine of ten requests go to one object.</summary>
    Hot,
}

/// <summary>Draws objects of a pool by popularity.</summary>
/// <remarks>Zipf by the method of Gray et al., "Quickly generating billion-record synthetic databases", SIGMOD'94: exact for the first two ranks, close for the rest.</remarks>
internal sealed class PoolDraw
{
    private const double Theta = 0.99;
    private const int Resolution = 1 << 30;

    private readonly int _count;
    private readonly Popularity _popularity;
    private readonly double _zeta;
    private readonly double _eta;

    internal PoolDraw(int count, Popularity popularity)
    {
        (_count, _popularity) = (count, popularity);
        if (popularity == Popularity.Zipf)
        {
            for (int rank = 1; rank <= count; rank++)
            {
                _zeta += Math.Pow(rank, -Theta);
            }

            _eta = (1 - Math.Pow(2.0 / count, 1 - Theta)) / (1 - ((1 + Math.Pow(2, -Theta)) / _zeta));
        }
    }

    internal int Next(IDraws draws)
    {
        if (_popularity == Popularity.Hot)
        {
            return draws.Next(10, "workload.hot") < 9 ? 0 : draws.Next(_count, "workload.object");
        }

        return _popularity == Popularity.Uniform || _count < 3 ? draws.Next(_count, "workload.object") : NextZipf(draws.Next(Resolution, "workload.zipf") / (double)Resolution);
    }

    private int NextZipf(double share)
    {
        double scaled = share * _zeta;
        if (scaled < 1)
        {
            return 0;
        }

        return scaled < 1 + Math.Pow(0.5, Theta) ? 1 : Math.Min(_count - 1, (int)(_count * Math.Pow((_eta * share) - _eta + 1, 1 / (1 - Theta))));
    }
}
