using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>
/// SimEDC's blocked ratio: the share of disk time, over ten years, in which a disk cannot be read because it, its node or its rack is down.
/// </summary>
/// <remarks>
/// Source: Zhang, Han, Lee, SRDS 2017 and TPDS 2020; inputs from simedc.py of millyz/SimEDC. Its README prints figures without all of the inputs: the transient
/// failures are on and repairs do not wait for the network in the only combination of its switches that gives them.
/// </remarks>
public sealed record BlockedRatio
{
    public const double MissionHours = 87_600;

    public int Racks { get; init; } = 16;

    public int NodesPerRack { get; init; } = 8;

    /// <summary>Whether racks and nodes are down now and then without loss.</summary>
    public bool Transient { get; init; } = true;

    /// <summary>Hours to repair a disk; null: Weibull with shape 3, scale 0.03 and location 0.01, SimEDC's without a network model.</summary>
    public double? RepairHours { get; init; }

    /// <summary>Long-run share of downtime: the sum of the shares of its independent causes, each far below one.</summary>
    public double Expected()
    {
        double rack = Transient ? 34.0 / (87_600 + 34) : 0;
        double node = Transient ? 0.25 / (2_890.8 + 0.25) : 0;
        double repair = RepairHours ?? 0.01 + (0.03 * MathNet.Numerics.SpecialFunctions.Gamma(1 + (1 / 3.0)));
        double disk = repair / (87_600 * MathNet.Numerics.SpecialFunctions.Gamma(1 + (1 / 1.12)));
        return 1 - ((1 - rack) * (1 - node) * (1 - disk) * (1 - (repair / 91_250)));
    }

    /// <summary>One simulated life of the data centre; SimEDC prints the mean of four.</summary>
    public double OneLife(ref SplitMix random)
    {
        double blocked = 0;
        for (int rack = 0; rack < Racks; rack++)
        {
            List<(double From, double To)> rackDown = [];
            if (Transient)
            {
                Down(rackDown, 87_600, 1, r => 10 + (24 * r), ref random);
            }

            for (int node = 0; node < NodesPerRack; node++)
            {
                List<(double From, double To)> down = [.. rackDown];
                if (Transient)
                {
                    Down(down, 2_890.8, 1, r => 0.25 * r, ref random);
                }

                Down(down, 87_600, 1.12, r => RepairHours ?? 0.01 + (0.03 * Math.Cbrt(r)), ref random);
                Down(down, 91_250, 1, r => RepairHours ?? 0.01 + (0.03 * Math.Cbrt(r)), ref random);
                blocked += Union(down);
            }
        }

        return blocked / (Racks * NodesPerRack * MissionHours);
    }

    /// <summary>Alternates Weibull lives and repairs; a repair is a function of a unit exponential.</summary>
    private static void Down(List<(double From, double To)> into, double scale, double shape, Func<double, double> repair, ref SplitMix random)
    {
        double now = 0;
        while (true)
        {
            now += scale * Math.Pow(Exponential(ref random), 1 / shape);
            if (now >= MissionHours)
            {
                return;
            }

            double back = now + repair(Exponential(ref random));
            into.Add((now, Math.Min(back, MissionHours)));
            now = back;
        }
    }

    private static double Exponential(ref SplitMix random) => -MathNet.Numerics.SpecialFunctions.Log1p(-random.NextDouble());

    private static double Union(List<(double From, double To)> down)
    {
        double total = 0;
        double until = 0;
        foreach ((double from, double to) in down.OrderBy(interval => interval.From))
        {
            total += Math.Max(0, to - Math.Max(from, until));
            until = Math.Max(until, to);
        }

        return total;
    }
}
