using System;
using System.Collections.Generic;

namespace ObjectStore.Reports;

/// <summary>
/// Single-parity groups whose lives, restores, latent defects and scrubs are not exponential, simulated directly. Source: Elerath and Pecht,
/// Enhanced Reliability Modeling of RAID Storage Systems, DSN 2007; the defaults are its base case as recalled, in hours.
/// </summary>
public sealed record ElerathModel
{
    public int Disks { get; init; } = 8;

    public double LifeScale { get; init; } = 461_386;

    public double LifeShape { get; init; } = 1.12;

    /// <summary>Mean time to a latent defect of a disk; infinite: none.</summary>
    public double LatentHours { get; init; } = 9259;

    public double RestoreLeast { get; init; } = 6;

    public double RestoreScale { get; init; } = 12;

    public double RestoreShape { get; init; } = 2;

    public double ScrubLeast { get; init; } = 6;

    public double ScrubScale { get; init; } = 168;

    public double ScrubShape { get; init; } = 3;

    /// <summary>Disk failures that meet another disk in restore or with a latent defect, per 1,000 groups within <paramref name="hours"/>.</summary>
    public double DoubleFailuresPerThousandGroups(double hours, int groups, ulong seed)
    {
        var random = new SplitMix(seed);
        int doubles = 0;
        for (int group = 0; group < groups; group++)
        {
            var failures = new List<(double At, int Disk)>();
            var bad = new List<(double From, double To, int Disk)>();
            for (int disk = 0; disk < Disks; disk++)
            {
                Live(hours, disk, failures, bad, ref random);
            }

            foreach ((double at, int disk) in failures)
            {
                doubles += bad.Exists(other => other.Disk != disk && other.From < at && at < other.To) ? 1 : 0;
            }
        }

        return doubles * 1000.0 / groups;
    }

    /// <summary>One slot: its failures, and the times in which it cannot give its data (in restore, or with a defect that no scrub has found yet).</summary>
    private void Live(double hours, int disk, List<(double At, int Disk)> failures, List<(double From, double To, int Disk)> bad, ref SplitMix random)
    {
        double now = Weibull(LifeScale, LifeShape, ref random);
        while (now < hours)
        {
            double restored = now + RestoreLeast + Weibull(RestoreScale, RestoreShape, ref random);
            failures.Add((now, disk));
            bad.Add((now, restored, disk));
            now = restored + Weibull(LifeScale, LifeShape, ref random);
        }

        now = Weibull(LatentHours, 1, ref random);
        while (now < hours)
        {
            double found = now + ScrubLeast + Weibull(ScrubScale, ScrubShape, ref random);
            bad.Add((now, found, disk));
            now = found + Weibull(LatentHours, 1, ref random);
        }
    }

    private static double Weibull(double scale, double shape, ref SplitMix random) =>
        double.IsInfinity(scale) ? scale : scale * Math.Pow(-MathNet.Numerics.SpecialFunctions.Log1p(-random.NextDouble()), 1 / shape);
}
