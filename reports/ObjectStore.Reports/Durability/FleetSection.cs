using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>From one object to the fleet: objects lost a year among many, and how placement turns the same expectation into rare or frequent events.</summary>
public static class FleetSection
{
    /// <summary>Probability that any of <paramref name="objects"/> is lost when each goes by itself: the worst case, as shared stripes are lost together.</summary>
    public static double AnyLost(double loss, double objects) => -ClosedForms.Expm1(objects * SpecialFunctions.Log1p(-loss));

    public static void Add(Page page, DurabilityScenario scenario, IReadOnlyList<DurabilityResult> results)
    {
        double objects = scenario.FleetObjects;
        double megabytes = scenario.FleetMegabytesPerObject;
        page.Heading("The fleet");
        page.Table(
            $"{objects.ToString("#,0", CultureInfo.InvariantCulture)} objects of {Figures.Number(megabytes)} MB, one year, all causes under the conditions above. Expected losses do not depend on placement; the probability of losing any does, and is bounded by the column shown.",
            ["layout", "expected objects lost", "expected megabytes lost", "probability that any is lost, at most"],
            results.Select(r => (IReadOnlyList<string>)
            [
                r.Layout.Name, (r.Total * objects).ToString("0.00e+0", CultureInfo.InvariantCulture), (r.Total * objects * megabytes).ToString("0.00e+0", CultureInfo.InvariantCulture),
                Figures.Probability(AnyLost(r.Total, objects)),
            ]));
        (string Name, double Sets)[] placements =
        [
            ("random, 8,000 chunks a node", Copysets.OfRandomPlacement(5000, 8000, 3)), ("window of 10 nodes", Copysets.OfWindowPlacement(5000, 10, 3)),
            ("copysets, scatter width 10", Copysets.OfCopysetPlacement(5000, 10, 3)), ("copysets, scatter width 2", Copysets.OfCopysetPlacement(5000, 2, 3)),
        ];
        page.Table(
            "Three copies on 5,000 nodes; 1 % of the nodes fail at once (Cidon et al., USENIX ATC 2013). Fewer sets: rarer losses, each of more data.",
            ["placement", "distinct sets of nodes", "probability of a loss", "share of the data lost with one set"],
            placements.Select(p => (IReadOnlyList<string>)
            [
                p.Name, p.Sets.ToString("#,0", CultureInfo.InvariantCulture), Figures.Percent(Copysets.LossProbability(5000, 50, 3, p.Sets)), Figures.Probability(1 / p.Sets),
            ]));
        Stripes(page);
        ZoneLoss(page, scenario.Assumptions, results);
        Budget(page, scenario.Assumptions, results);
    }

    /// <summary>Stripes of k + m under the same burst: a stripe is lost when more of its nodes than m are among the failed ones.</summary>
    private static void Stripes(Page page)
    {
        const int Nodes = 5000;
        const int Failed = 50;
        const double StripeCount = 1e9;
        page.Table(
            "The same burst under erasure coding: 5,000 nodes, 1 % fail at once, a thousand million stripes; a copyset placement keeps to scatter width 10 × (k + m - 1).",
            ["layout", "P(one stripe lost)", "random: P(any lost)", "copysets: distinct sets", "copysets: P(any lost)", "expected stripes lost (either)"],
            ((string[])["3x", "4+2", "6+3", "9+6", "10+4", "17+3"]).Select(code =>
            {
                var layout = Layout.Parse(code);
                double one = Copysets.StripeLoss(Nodes, Failed, layout.Shards, layout.Shards - layout.Data);
                double sets = Copysets.OfCopysetPlacement(Nodes, 10.0 * (layout.Shards - 1), layout.Shards);
                return (IReadOnlyList<string>)
                [
                    code, Figures.Probability(one), Figures.Probability(AnyLost(one, StripeCount)), sets.ToString("#,0", CultureInfo.InvariantCulture),
                    Figures.Probability(AnyLost(one, sets)), (one * StripeCount).ToString("0.00e+0", CultureInfo.InvariantCulture),
                ];
            }));
    }

    private static void ZoneLoss(Page page, Assumptions a, IReadOnlyList<DurabilityResult> results) => page.Table(
        $"Reading when something is down: hours of a year in which an object cannot be read, nothing lost. Down a year: a node {a.NodeOutageHoursPerYear} h, a rack {a.RackOutageHoursPerYear} h, "
            + $"a zone {a.ZoneOutageHoursPerYear} h, the region {a.RegionOutageHoursPerYear} h; the last column: with the largest zone gone all year.",
        ["layout", "unreadable, hours a year", "availability, nines", "with a zone gone, hours a year", "availability with a zone gone"],
        results.Select(r =>
        {
            double without = Availability.UnreadableHours(r.Layout, a, zoneGone: true);
            return (IReadOnlyList<string>)
            [
                r.Layout.Name, Figures.Number(r.UnreadableHoursPerYear, "0.000"), Figures.Nines(r.UnreadableHoursPerYear / Assumptions.HoursPerYear),
                Figures.Number(without, "0.000"), r.Layout.ReadsThroughZoneLoss ? "+" + Figures.Nines(without / Assumptions.HoursPerYear) + " nines"
                    : without < Assumptions.HoursPerYear ? "!only some objects" : "!not readable",
            ];
        }));

    private static void Budget(Page page, Assumptions a, IReadOnlyList<DurabilityResult> results)
    {
        double[] budgets = [2, 4, 8, 15, 30, 60, 120];
        Assumptions free = a with { RebuildHours = null };
        page.Svg(
            Plots.Lines(
                "repair budget of each disk, MB/s (read and write together, logarithmic)", "nines, disks and latent errors only",
                [.. results.DistinctBy(r => r.Layout.Code).Take(5).Select(r => (r.Layout.Code, (IReadOnlyList<(double, double)>)[.. budgets.Select(budget => (budget, ClosedForms.Nines(DurabilityResult.YearlyLoss(
                    (free with { RepairMegabytesPerSecondPerDisk = budget, RepairOrder = RepairOrder.Parallel }).Stripe(r.Layout, shocks: false, zones: false)))))]))], 11),
            $"What a larger repair budget buys, in a pool of {a.PoolDisks} disks of {Figures.Number(a.DiskTerabytes)} TB, every lost shard mended by itself; red line: eleven nines. The first five codes; zones do not matter here.");
    }
}
