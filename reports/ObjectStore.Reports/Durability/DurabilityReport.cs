using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>The durability page and its table: which layouts reach eleven nines, under which assumptions, and what it would take.</summary>
public static class DurabilityReport
{
    private const double Eleven = 11;

    public static IReadOnlyList<string> Head { get; } =
        ["layout", "shards in zones", "bytes per byte", "rebuild", "disks only", "+ latent errors", "+ shocks", "+ nodes, racks, zones destroyed", "interval low", "interval high", "all causes", "nines"];

    public static IReadOnlyList<DurabilityResult> Results(DurabilityScenario scenario) =>
        [.. scenario.Layouts.Select(text => DurabilityResult.Of(Layout.Parse(text), scenario.Assumptions))];

    public static IEnumerable<IReadOnlyList<string>> Rows(IEnumerable<DurabilityResult> results) => results.Select(r => (IReadOnlyList<string>)
    [
        r.Layout.Name, Spread(r.Layout), Figures.Number(r.Layout.Overhead), Figures.Hours(r.RebuildHours),
        Figures.Probability(r.DisksOnly), Figures.Probability(r.WithLatent), Figures.Probability(r.WithShocks), Figures.Probability(r.WithZones.Value),
        Figures.Probability(r.WithZones.Low), Figures.Probability(r.WithZones.High), Figures.Probability(r.Total), Figures.Nines(r.Total),
    ]);

    /// <summary>The conditions that each figure is bound to; no number of nines is printed without this line.</summary>
    public static string Conditions(Assumptions a, double rebuildLow, double rebuildHigh) =>
        $"disks fail at {Figures.Percent(a.AnnualFailureRate)} a year ({a.FailuresObserved:#,0} failures counted, {Figures.Percent(a.Confidence)} interval), "
        + $"a disk is rebuilt in {Figures.Hours(rebuildLow)} to {Figures.Hours(rebuildHigh)} after {Figures.Hours(a.DetectionHours)} of detection, "
        + $"correlation: {a.ShocksPerYear} shocks a year that each take {Figures.Percent(a.ShockKillShare)} of the disks, a node destroyed {a.NodeDestroyedPerYear:0e-0}, a rack {a.RackDestroyedPerYear:0e-0}, a zone {a.ZoneDestroyedPerYear:0e-0} times a year, "
        + $"a region {a.RegionDestroyedPerYear:0e-0} times a year, operator loss {a.OperatorLossPerYear:0e-0} per object and year";

    public static string Html(DurabilityScenario scenario, IReadOnlyList<DurabilityResult> results, MeasuredSection? measured = null)
    {
        Assumptions a = scenario.Assumptions;
        string conditions = Conditions(a, results.Min(r => r.RebuildHours), results.Max(r => r.RebuildHours));
        var page = new Page("Durability: how many nines each layout gives, and why");
        page.Paragraph("The figure is the probability that one object is lost within one year; nines are its negative decimal logarithm. Conditions: " + conditions + ".");
        page.Heading("Nines of each layout");
        page.Svg(
            Plots.Bars(
                "nines (-log10 of the loss probability per object and year); red line: eleven", [.. results.Select(r => r.Layout.Name)],
                ("all causes", [.. results.Select(r => ClosedForms.Nines(r.Total))]), ("disks alone, independent", [.. results.Select(r => ClosedForms.Nines(r.DisksOnly))]), Eleven),
            "Where the two bars differ much, correlation decides and not the number of parity shards.");
        page.Table("Loss probability per object and year, one cause added after the other. The interval is that of the failure rate.", Head, Rows(results));
        measured?.Add(page);
        Verdicts(page, a, results);
        Layout focus = results[0].Layout;
        foreach (DurabilityResult shown in results.Take(1).Concat(results.Skip(1).Where(r => r.Layout.ReadsThroughZoneLoss && r.Layout.SpareInZoneLoss > 0).Take(1)))
        {
            page.Heading("What moves the result: " + shown.Layout.Name);
            page.Svg(
                Plots.Tornado("nines, all causes", ClosedForms.Nines(shown.Total), Sensitivity.Tornado(shown.Layout, a)),
                "Each bar: one assumption from its first to its second value, the others as given above.");
        }

        Heat(page, a, focus);
        Ages(page, a, focus);
        FleetSection.Add(page, scenario, results);
        Sources(page);
        return page.Html();
    }

    private static void Verdicts(Page page, Assumptions a, IReadOnlyList<DurabilityResult> results)
    {
        page.Heading("Which reach eleven nines, which do not, and what it would take");
        page.Paragraph("Read through a zone loss: no zone holds more shards than the code can miss. A layout in one zone is lost with its zone whatever its parity: "
            + "its nines cannot exceed those of the zone, so eleven nines for a one-zone class hold only for failures of disks within a zone that stays.");
        page.Table(
            "Verdicts under the conditions above",
            ["layout", "disks only ≥ 11", "all causes ≥ 11", "reads through a zone loss", "further losses then", "unreadable, hours a year", "longest rebuild for 11 (disks, latent; one shard at a time)", "what limits it"],
            results.Select(r => (IReadOnlyList<string>)
            [
                r.Layout.Name, Verdict(ClosedForms.Nines(r.DisksOnly) >= Eleven), Verdict(ClosedForms.Nines(r.Total) >= Eleven), Verdict(r.Layout.ReadsThroughZoneLoss),
                r.Layout.ReadsThroughZoneLoss ? Figures.Number(r.Layout.SpareInZoneLoss) : "-", Figures.Number(r.UnreadableHoursPerYear),
                Sensitivity.LongestRebuild(r.Layout, a, Eleven) is double hours ? (hours > 8000 ? "any" : Figures.Hours(hours)) : "none", "=" + Limit(r, a),
            ]));
    }

    private static string Spread(Layout layout) => layout.DomainShards.Distinct().Count() == 1
        ? $"{layout.Zones} × {layout.DomainShards[0]}"
        : string.Join('/', layout.DomainShards);

    private static string Verdict(bool yes) => yes ? "+yes" : "!no";

    private static string Limit(DurabilityResult r, Assumptions a)
    {
        (string Cause, double Loss)[] causes =
        [
            ("disk failures: more parity or a faster repair", r.DisksOnly),
            ("latent errors: scrub more often", r.WithLatent - r.DisksOnly),
            ("shocks that take many disks: more parity, mixed disk models", r.WithShocks - r.WithLatent),
            (r.Layout.Zones == 1 ? "the one zone: spread over zones" : "zones destroyed: fewer shards in a zone than parity", r.WithZones.Value - r.WithShocks),
            ("operator error: versions, object lock, delayed reclaim", a.OperatorLossPerYear),
            ("region: replicate to another", a.RegionDestroyedPerYear),
        ];
        return causes.MaxBy(cause => cause.Loss).Cause;
    }

    private static void Heat(Page page, Assumptions a, Layout layout)
    {
        double[] rates = [0.0025, 0.005, 0.01, 0.0136, 0.02, 0.04, 0.08, 0.13];
        double[] rebuilds = [0.5, 2, 6, 12, 24, 72, 156, 336];
        page.Heading("Failure rate against repair time: " + layout.Name);
        page.Heat(
            "Nines, disks and latent errors only (independent); rows: yearly failure rate of disks; columns: rebuild time", "AFR \\ rebuild", [.. rebuilds.Select(Figures.Hours)],
            [.. rates.Select(rate => (Figures.Percent(rate), (IReadOnlyList<double>)[.. rebuilds.Select(hours => ClosedForms.Nines(DurabilityResult.YearlyLoss(
                (a with { AnnualFailureRate = rate, RebuildHours = hours }).Stripe(layout, shocks: false, zones: false))))]))], 4, 20);
    }

    private static void Ages(Page page, Assumptions a, Layout layout)
    {
        page.Heading("Disk ages");
        page.Paragraph("Weibull lives with the same failures over ten years as the rate above, but a hazard that falls (shape 0.7) or rises (1.5, 3) with age. "
            + "A stripe whose disks all have one age is worst in the worst year; mixed ages (placement across purchases) average the hazard first.");
        double[] shapes = [0.7, 1, 1.5, 3];
        page.Svg(
            Plots.Lines(
                "age of the disks, years", "nines in that year (disks only, independent)",
                [.. shapes.Select(shape => ($"shape {shape}", (IReadOnlyList<(double, double)>)[.. Enumerable.Range(0, 10).Select(year =>
                    (year + 0.5, ClosedForms.Nines(DiskAges.YearlyLossAtAge(layout, a, shape, year))))]))], Eleven, logarithmic: false),
            "Red line: eleven nines.");
        page.Table(
            "Loss per object and year, averaged over ten years", ["Weibull shape", "all disks of one age", "mixed ages", "ratio"],
            shapes.Select(shape =>
            {
                (double same, double mixed) = DiskAges.TenYears(layout, a, shape);
                return (IReadOnlyList<string>)[Figures.Number(shape), Figures.Probability(same), Figures.Probability(mixed), Figures.Number(same / mixed)];
            }));
    }

    private static void Sources(Page page)
    {
        page.Heading("Method and sources");
        page.Paragraph("One stripe is a continuous-time Markov chain: failed shards in each zone and shards with a latent error, with failures, repairs whose rate depends on the number lost, "
            + "scrubbing, shocks and zone destruction as transitions. Its mean time to loss is computed by state reduction without subtractions (Grassmann, Taksar, Heyman, Operations Research 33, 1985); "
            + "the loss within a year is 1 - exp(-year / mean time). For a plain k+m stripe it equals the birth-death formula (Karlin and Taylor, section 4.7). "
            + "`simulate` checks the chain by two rare-event Monte Carlo methods on fifteen layouts (disks only, serial repair).");
        page.Paragraph("Failure rate: Backblaze Drive Stats 2025. Latent errors: Elerath and Pecht, DSN 2007. Shocks: the model of Marshall and Olkin, JASA 62, 1967, thinned. "
            + "Local reconstruction codes: Huang et al., USENIX ATC 2012. Rates of shocks, nodes, racks, zones and regions destroyed and of operators are assumptions, not measurements; change them in a scenario file.");
    }
}
