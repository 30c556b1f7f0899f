using System;
using System.Collections.Generic;
using System.Linq;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>
/// Share of the time in which an object cannot be read although nothing is lost: nodes and racks down one by one, zones with all their shards together,
/// and the region as a whole. Shards of a stripe are in different nodes and racks; outages of different zones are independent.
/// </summary>
public static class Availability
{
    /// <summary>Hours of a year in which an object cannot be read.</summary>
    /// <param name="zoneGone">The largest zone is down all year: what is left of the availability through a zone loss.</param>
    public static double UnreadableHours(Layout layout, Assumptions a, bool zoneGone = false)
    {
        double box = (a.NodeOutageHoursPerYear + a.RackOutageHoursPerYear) / Assumptions.HoursPerYear;
        double zone = a.ZoneOutageHoursPerYear / Assumptions.HoursPerYear;
        int gone = zoneGone ? layout.DomainShards.ToList().IndexOf(layout.DomainShards.Max()) : -1;
        double[] unreachable = [1];
        for (int z = 0; z < layout.DomainShards.Count; z++)
        {
            unreachable = Convolve(unreachable, OfZone(layout.DomainShards[z], box, z == gone ? 1 : zone));
        }

        IReadOnlyList<double> decodable = layout.Decodable;
        double share = unreachable.Select((chance, missing) => chance * (1 - decodable[missing])).Sum();
        return Math.Min(Assumptions.HoursPerYear, (share * Assumptions.HoursPerYear) + a.RegionOutageHoursPerYear);
    }

    /// <summary>Probability of j unreachable shards in a zone of so many.</summary>
    private static double[] OfZone(int shards, double box, double zone)
    {
        double[] chance = new double[shards + 1];
        for (int j = 0; j <= shards; j++)
        {
            chance[j] = (1 - zone) * SpecialFunctions.Binomial(shards, j) * Math.Pow(box, j) * Math.Pow(1 - box, shards - j);
        }

        chance[shards] += zone;
        return chance;
    }

    private static double[] Convolve(double[] a, double[] b)
    {
        double[] sum = new double[a.Length + b.Length - 1];
        for (int i = 0; i < a.Length; i++)
        {
            for (int j = 0; j < b.Length; j++)
            {
                sum[i + j] += a[i] * b[j];
            }
        }

        return sum;
    }
}
