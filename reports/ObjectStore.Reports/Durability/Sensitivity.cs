using System;
using System.Collections.Generic;

namespace ObjectStore.Reports;

/// <summary>How the nines of a layout move when one assumption moves.</summary>
public static class Sensitivity
{
    /// <summary>Each input at a low and at a high value, the others as given.</summary>
    public static IReadOnlyList<(string Label, double Low, double High)> Tornado(Layout layout, Assumptions at)
    {
        double Nines(Assumptions a) => ClosedForms.Nines(DurabilityResult.Of(layout, a).Total);
        double rebuild = at.RebuildHoursOf(layout);
        return
        [
            ("yearly failure rate 0.4 .. 4 %", Nines(at with { AnnualFailureRate = 0.004 }), Nines(at with { AnnualFailureRate = 0.04 })),
            ("rebuild time ÷ 4 .. × 4", Nines(at with { RebuildHours = rebuild / 4 }), Nines(at with { RebuildHours = rebuild * 4 })),
            ("detection 1 min .. 24 h", Nines(at with { DetectionHours = 1 / 60.0 }), Nines(at with { DetectionHours = 24 })),
            ("scrub interval 3 .. 365 days", Nines(at with { ScrubDays = 3 }), Nines(at with { ScrubDays = 365 })),
            ("a scrub finds 50 .. 100 % of the errors", Nines(at with { ScrubCoverage = 0.5 }), Nines(at with { ScrubCoverage = 1 })),
            ("node destroyed 1e-6 .. 1e-2 a year", Nines(at with { NodeDestroyedPerYear = 1e-6 }), Nines(at with { NodeDestroyedPerYear = 1e-2 })),
            ("shard size 0.1 .. 1,000 MB", Nines(at with { ShardMegabytes = 0.1 }), Nines(at with { ShardMegabytes = 1000 })),
            ("shocks take 0.01 .. 1 % of disks", Nines(at with { ShockKillShare = 1e-4 }), Nines(at with { ShockKillShare = 1e-2 })),
            ("zone destroyed 1e-7 .. 1e-3 a year", Nines(at with { ZoneDestroyedPerYear = 1e-7 }), Nines(at with { ZoneDestroyedPerYear = 1e-3 })),
            ("operator loss ÷ 100 .. × 100", Nines(at with { OperatorShareOfObjects = at.OperatorShareOfObjects / 100 }), Nines(at with { OperatorShareOfObjects = at.OperatorShareOfObjects * 100 })),
            ("repair order: critical first .. serial", Nines(at with { RepairOrder = RepairOrder.CriticalFirst }), Nines(at with { RepairOrder = RepairOrder.Serial })),
        ];
    }

    /// <summary>Longest rebuild, in hours, with which disks and latent errors alone leave <paramref name="nines"/> although lost shards are mended one after the other; null when even one minute is too long.</summary>
    public static double? LongestRebuild(Layout layout, Assumptions at, double nines)
    {
        double Reached(double hours) => ClosedForms.Nines(DurabilityResult.YearlyLoss(
            (at with { RebuildHours = hours, DetectionHours = 0, RepairOrder = RepairOrder.Serial }).Stripe(layout, shocks: false, zones: false)));
        double low = 1.0 / 60;
        double high = 24 * 365;
        if (Reached(low) < nines)
        {
            return null;
        }

        for (int step = 0; step < 60 && high / low > 1.001; step++)
        {
            double middle = Math.Sqrt(low * high);
            (low, high) = Reached(middle) >= nines ? (middle, high) : (low, middle);
        }

        return low;
    }
}
