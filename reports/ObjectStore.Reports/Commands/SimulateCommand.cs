using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>`simulate`: the four routes to one number, side by side.</summary>
public static class SimulateCommand
{
    private static readonly string[] Head =
        ["layout", "closed form", "chain", "biasing", "± rel.", "splitting", "± rel.", "agree", "seconds"];

    public static Command Create()
    {
        var cycles = new Option<long>("--cycles") { Description = "Cycles of balanced failure biasing per layout.", DefaultValueFactory = _ => 4_000_000 };
        var trials = new Option<int>("--trials") { Description = "Trials of splitting per layout, shared evenly by its levels.", DefaultValueFactory = _ => 160_000_000 };
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same figures.", DefaultValueFactory = _ => 1 };
        var only = new Option<string?>("--code") { Description = "Only the cases with this code, such as 10+4." };
        var (html, json, csv) = OutputOptions.Create();
        var command = new Command("simulate", "Rare-event Monte Carlo by two methods against closed form and chain, on fifteen layouts; exit code 1 when they disagree.")
        {
            cycles, trials, seed, only, html, json, csv,
        };
        command.SetAction(parsed =>
        {
            var rows = new List<AgreementRow>();
            var cells = new List<IReadOnlyList<string>>();
            foreach ((string code, double rate, double rebuild) in Agreement.Cases.Where(c => parsed.GetValue(only) is not string code || code == c.Code))
            {
                var watch = Stopwatch.StartNew();
                AgreementRow row = Agreement.Compare(code, rate, rebuild, parsed.GetValue(cycles), parsed.GetValue(trials) / (Agreement.Model(code, rate, rebuild).LostMax + 1), parsed.GetValue(seed));
                rows.Add(row);
                cells.Add(Cells(row, watch.Elapsed.TotalSeconds));
            }

            Tables.Print(Console.Out, Head, cells);
            new Outputs(parsed.GetValue(html), parsed.GetValue(json), parsed.GetValue(csv)).Write(Console.Out, () => Html(cells), rows, Head, cells);
            return rows.TrueForAll(row => row.Holds(Slack)) ? 0 : 1;
        });
        return command;
    }

    /// <summary>Of thirty 95 % intervals one or two miss; twice the width (four standard errors) is missed by one in five thousand with Student's 49 degrees of freedom.</summary>
    private const double Slack = 2;

    private static string[] Cells(AgreementRow row, double seconds) =>
    [
        row.Layout, Figures.Probability(row.ClosedForm), Figures.Probability(row.Chain),
        Figures.Probability(row.Biased.YearlyLoss.Value), Figures.Percent(row.Biased.YearlyLoss.RelativeError),
        Figures.Probability(row.Split.YearlyLoss.Value), Figures.Percent(row.Split.YearlyLoss.RelativeError),
        row.Holds(Slack) ? "yes" : "NO", Figures.Number(seconds, "0.0"),
    ];

    private static string Html(List<IReadOnlyList<string>> rows) => new Page("Four routes to the same loss probability")
        .Paragraph("Loss per stripe and year, disks only, repaired one shard after the other. ± is half the 95 % interval. Chain and Monte Carlo share the description of the stripe, its rates and survival shares; both Monte Carlo methods share the shard-by-shard dynamics and the cycle length estimator.")
        .Table("Agreement: the chain lies within twice the half width of both intervals.", Head, rows).Html();
}
