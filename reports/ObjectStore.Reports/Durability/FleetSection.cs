using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>From one object to the fleet: objects lost a year among many, and how placement turns the same expectation into rare or frequent events.</summary>
public static class FleetSection
{
    private const double Objects = 1e9;
    private const double MegabytesPerObject = 10;

    /// <summary>Probability that any of <paramref name="objects"/> is lost when each goes by itself: the worst case, as shared stripes are lost together.</summary>
    public static double AnyLost(double loss, double objects) => -ClosedForms.Expm1(objects * SpecialFunctions.Log1p(-loss));

    public static void Add(Page page, IReadOnlyList<DurabilityResult> results)
    {
        page.Heading("The fleet");
        page.Table(
            "A thousand million objects of 10 MB, one year, all causes under the conditions above. Expected losses do not depend on placement; the probability of losing any does, and is bounded by the column shown.",
            ["layout", "expected objects lost", "expected megabytes lost", "probability that any is lost, at most"],
            results.Select(r => (IReadOnlyList<string>)
            [
                r.Layout.Name, (r.Total * Objects).ToString("0.00e+0", CultureInfo.InvariantCulture), (r.Total * Objects * MegabytesPerObject).ToString("0.00e+0", CultureInfo.InvariantCulture),
                Figures.Probability(AnyLost(r.Total, Objects)),
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
    }
}
