using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>`cost`: the seven classes for a workload, its lifecycle month by month, recommendations, and the same data on one's own disks.</summary>
public static class CostCommand
{
    private static readonly string[] Head = ["plan", "storage", "requests", "retrieval", "transitions", "early deletion", "transfer", "total"];

    public static Command Create()
    {
        var scenario = new Option<FileInfo?>("--scenario") { Description = "JSON: { \"uploadGigabytesPerMonth\": 500, \"lifecycle\": [{ \"afterDays\": 30, \"class\": \"STANDARD_IA\" }] }." };
        var book = new Option<FileInfo?>("--prices") { Description = "Another price book (JSON); default: Cost/prices.json beside the program." };
        var (html, json, csv) = OutputOptions.Create();
        var command = new Command("cost", "What a bucket costs in each storage class and under its lifecycle, and on disks of one's own at how many nines.") { scenario, book, html, json, csv };
        command.SetAction(parsed =>
        {
            CostScenario read = OutputOptions.Read<CostScenario>(parsed.GetValue(scenario));
            PriceBook prices = PriceBook.Read(parsed.GetValue(book)?.FullName);
            List<(string Plan, IReadOnlyList<MonthCost> Months)> plans = Plans(prices, read);
            IReadOnlyList<string>[] rows = [.. plans.Select(plan => Row(plan.Plan, plan.Months))];
            Console.WriteLine($"Dollars over {read.Months} months, {prices.Region}, prices as of {prices.Classes.Max(c => c.Date)}.");
            Tables.Print(Console.Out, Head, rows);
            var outputs = new Outputs(parsed.GetValue(html), parsed.GetValue(json), parsed.GetValue(csv));
            outputs.Write(Console.Out, () => Html(prices, read, plans, rows), new { Scenario = read, Prices = prices, Plans = plans.Select(p => new { p.Plan, p.Months }) }, Head, rows);
            return 0;
        });
        return command;
    }

    private static List<(string Plan, IReadOnlyList<MonthCost> Months)> Plans(PriceBook prices, CostScenario scenario) =>
    [
        ("lifecycle of the scenario", LifecycleSimulation.Run(prices, scenario, "STANDARD", scenario.Lifecycle)),
        .. prices.Classes.Select(c => (c.Name + " only", LifecycleSimulation.Run(prices, scenario, c.Name, []))),
    ];

    private static string[] Row(string plan, IReadOnlyList<MonthCost> months) =>
    [
        plan, Cell(months.Sum(m => m.Storage)), Cell(months.Sum(m => m.Requests)), Cell(months.Sum(m => m.Retrieval)), Cell(months.Sum(m => m.Transitions)),
        Cell(months.Sum(m => m.EarlyDeletion)), Cell(months.Sum(m => m.Transfer)), Cell(months.Sum(m => m.Total)),
    ];

    private static string Cell(decimal amount) => Figures.Dollars(Bill.Cents(amount));

    private static string Html(PriceBook prices, CostScenario scenario, List<(string Plan, IReadOnlyList<MonthCost> Months)> plans, IReadOnlyList<string>[] rows)
    {
        var page = new Page("Cost: the same data in every class, under its lifecycle, and on disks of one's own");
        page.Paragraph($"{scenario.UploadGigabytesPerMonth:#,0} GB and {scenario.UploadObjectsPerMonth:#,0} objects are uploaded each month for {scenario.Months} months; "
            + $"{Figures.Percent((double)scenario.ReadShareFirstMonth)} of the bytes are read in the first month, {scenario.ReadDecay:0.##} times as many in each later one. Prices: {prices.Region}.");
        page.Heading("Total cost of each plan");
        page.Svg(
            Plots.Bars($"dollars over {scenario.Months} months", [.. plans.Select(p => p.Plan)], ("total", [.. plans.Select(p => (double)p.Months.Sum(m => m.Total))])),
            "Storage, requests, retrieval, transitions, early deletion and transfer.");
        page.Table("By cause", Head, rows);
        page.Heading("Month by month");
        page.Svg(
            Plots.Lines(
                "month", "dollars in the month",
                [.. plans.Take(5).Select(p => (p.Plan, (IReadOnlyList<(double, double)>)[.. p.Months.Select(m => ((double)m.Month + 1, (double)m.Total))]))], logarithmic: false),
            "Dollars per month under each plan; the first five plans of the table.");
        Recommend(page, prices, scenario);
        EdgeSection(page, prices, scenario);
        SelfRunSection(page);
        Prices(page, prices);
        return page.Html();
    }

    private static void Prices(Page page, PriceBook prices)
    {
        page.Heading("Prices");
        page.Table(
            "The price book, dollars", ["class", "storage, GB and month", "PUT, 1,000", "GET, 1,000", "transition, 1,000", "retrieval, GB", "restore, 1,000", "monitoring, 1,000", "minimum days", "minimum bytes"],
            prices.Classes.Select(c => (IReadOnlyList<string>)
            [
                c.Name, string.Join(" / ", c.Storage.Select(t => t.Price)), $"{c.PutPer1000}", $"{c.GetPer1000}", $"{c.TransitionPer1000}", $"{c.RetrievalPerGigabyte}",
                $"{c.RetrievalPer1000}", $"{c.MonitoringPer1000}", $"{c.MinimumDays}", $"{c.MinimumBytes:#,0}",
            ]));
        page.Table(
            "Where each price is from. \"page\": read on the vendor's page; \"recalled\": not read again, check before signing.", ["class", "source", "as of", "how"],
            prices.Classes.Select(c => (IReadOnlyList<string>)[c.Name, "=" + c.Source, c.Date, c.Confidence == "recalled" ? "!recalled" : c.Confidence])
                .Append(["transfer out", "=" + prices.TransferOutPerGigabyte.Source, prices.TransferOutPerGigabyte.Date, prices.TransferOutPerGigabyte.Confidence]));
    }

    private static void Recommend(Page page, PriceBook prices, CostScenario scenario)
    {
        page.Heading("Which class for which set");
        page.Paragraph($"Storage price alone would always pick {Recommendation.ByStoragePriceAlone(prices)}. With transitions, reads, minimum sizes, the index of archived objects and early deletion counted:");
        decimal average = scenario.UploadGigabytesPerMonth / Math.Max(1, scenario.UploadObjectsPerMonth);
        (string Name, decimal Gigabytes, decimal Kept, decimal Reads)[] sets =
        [
            ("as uploaded, read weekly", average, 12, 4), ("as uploaded, read once a quarter", average, 12, 0.33m), ("as uploaded, never read, kept 7 years", average, 84, 0),
            ("as uploaded, never read, kept 2 months", average, 2, 0), ("10 KB objects, never read, kept 1 year", 0.00001m, 12, 0), ("10 KB objects, never read, kept 7 years", 0.00001m, 84, 0),
        ];
        page.Table(
            "One million objects now in STANDARD", ["set", "cheapest", "dollars", "next", "dollars ", "STANDARD", "lowest storage price: " + Recommendation.ByStoragePriceAlone(prices)],
            sets.Select(set =>
            {
                IReadOnlyList<ClassCost> costs = Recommendation.Costs(prices, new StoredSet(set.Name, "STANDARD", set.Gigabytes * 1_000_000, 1_000_000, set.Kept, set.Reads));
                string In(string name) => Cell(costs.First(c => c.Class == name).Total);
                return (IReadOnlyList<string>)[set.Name, "+" + costs[0].Class, Cell(costs[0].Total), costs[1].Class, Cell(costs[1].Total), In("STANDARD"), In(Recommendation.ByStoragePriceAlone(prices))];
            }));
    }

    private static void SelfRunSection(Page page)
    {
        var assumptions = new Assumptions();
        SelfRunCost[] all = [.. new DurabilityScenario().Layouts.Select(text => SelfRunCost.Of(Layout.Parse(text), assumptions, new SelfRunPrices()))];
        IReadOnlyList<SelfRunCost> front = SelfRunCost.ParetoFront(all);
        page.Heading("On disks of one's own: erasure coding against copies");
        page.Paragraph("Nines hold under: " + DurabilityReport.Conditions(assumptions, all.Min(c => assumptions.RebuildHoursOf(c.Layout)), all.Max(c => assumptions.RebuildHoursOf(c.Layout)))
            + ". The Pareto front is what no other layout beats in both cost and nines.");
        page.Table(
            "Dollars per terabyte of data and month; hardware prices are assumptions", ["layout", "disks and servers", "power", "repair traffic", "total", "nines", "on the Pareto front"],
            all.OrderBy(c => c.Total).Select(c => (IReadOnlyList<string>)
                [c.Layout.Name, Cell(c.Disks), Cell(c.Power), Figures.Number((double)c.Repair, "0.0000") + " $", Cell(c.Total), Figures.Nines(c.LossPerYear), front.Contains(c) ? "+yes" : "no"]));
        page.Table(
            "The cheapest layout for a wanted number of nines, all causes, under the same conditions", ["wanted nines", "cheapest layout", "dollars per terabyte and month", "its nines", "reads through a zone loss"],
            ((double[])[5, 7, 9, 10, 11, 12]).Select(wanted => SelfRunCost.Cheapest(all, wanted) is SelfRunCost best
                ? (IReadOnlyList<string>)[Figures.Number(wanted), best.Layout.Name, Cell(best.Total), Figures.Nines(best.LossPerYear), best.Layout.ReadsThroughZoneLoss ? "+yes" : "no"]
                : [Figures.Number(wanted), "!none of these", "-", "-", "-"]));
    }

    private static void EdgeSection(Page page, PriceBook prices, CostScenario scenario)
    {
        var edge = new EdgePrices();
        decimal gigabytes = scenario.UploadGigabytesPerMonth * 12;
        long objects = (long)Math.Max(1, scenario.UploadObjectsPerMonth * 12);
        const double Zipf = 0.9;
        page.Heading("A cache at the edge");
        page.Paragraph($"A year of uploads in STANDARD, all of its bytes read once a month over the internet, popularity by Zipf's law with exponent {Figures.Number(Zipf)}; least recently used objects leave first (Che et al. 2002). "
            + $"Edge: {edge.DollarsPerGigabyteMonth} $ per GB and month, {edge.TransferOutPerGigabyte} $ per GB out, {edge.RequestsPer1000} $ per 1,000 requests: assumptions.");
        page.Table(
            "Dollars of one month of reads", ["cache, GB", "hits", "cache", "requests and retrieval at the store", "transfer from the edge", "total"],
            EdgeCache.Costs(prices, "STANDARD", gigabytes, objects, gigabytes, objects, Zipf, edge).Select(c => (IReadOnlyList<string>)
                [c.CacheGigabytes == 0 ? "none" : $"{c.CacheGigabytes:#,0}", Figures.Percent(Math.Round(c.HitRatio, 4)), Cell(c.Cache), Cell(c.Origin), Cell(c.Transfer), Cell(c.Total)]));
    }
}
