using System;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>Which patterns of lost shards a code can still decode, counted exactly.</summary>
public static class Decodability
{
    /// <summary>
    /// Share of the patterns of j lost shards that LRC(k, l, r) decodes, for j = 0 .. k + l + r: k data shards in l equal groups with one local
    /// parity each, and r global parities, with the maximally recoverable property: a pattern is decodable when what each group has lost
    /// beyond one, plus the lost global parities, is at most r. Source: Huang et al., USENIX ATC 2012, section 2.
    /// </summary>
    public static double[] LocalReconstruction(int data, int groups, int globals)
    {
        if (groups < 1 || data % groups != 0)
        {
            throw new ArgumentException("the data shards must divide evenly over the groups", nameof(groups));
        }

        int shards = data + groups + globals;
        int groupSize = (data / groups) + 1;

        // ways[lost, excess]: patterns with so many shards lost in all, that need so many global parities.
        double[,] ways = new double[shards + 1, globals + 1];
        for (int y = 0; y <= globals; y++)
        {
            ways[y, y] = SpecialFunctions.Binomial(globals, y);
        }

        for (int group = 0; group < groups; group++)
        {
            double[,] next = new double[shards + 1, globals + 1];
            for (int x = 0; x <= groupSize; x++)
            {
                int excess = Math.Max(0, x - 1);
                double choices = SpecialFunctions.Binomial(groupSize, x);
                for (int lost = 0; lost + x <= shards; lost++)
                {
                    for (int e = 0; e + excess <= globals; e++)
                    {
                        next[lost + x, e + excess] += ways[lost, e] * choices;
                    }
                }
            }

            ways = next;
        }

        double[] share = new double[shards + 1];
        for (int lost = 0; lost <= shards; lost++)
        {
            for (int e = 0; e <= globals; e++)
            {
                share[lost] += ways[lost, e];
            }

            share[lost] /= SpecialFunctions.Binomial(shards, lost);
        }

        return share;
    }

    /// <summary>1 up to <paramref name="parity"/> lost shards, then 0: Reed-Solomon, and replication with parity = copies - 1.</summary>
    public static double[] MaximumDistance(int shards, int parity)
    {
        double[] share = new double[shards + 1];
        Array.Fill(share, 1, 0, parity + 1);
        return share;
    }
}
