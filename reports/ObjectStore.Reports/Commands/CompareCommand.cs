using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ObjectStore.Reports;

/// <summary>`compare`: losses of the running engine at accelerated fault rates against the model's.</summary>
public static class CompareCommand
{
    private static readonly string[] Head =
        ["layout", "lives", "losses", "engine low", "engine", "engine high", "model low", "model", "model high", "intervals overlap"];

    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "JSON: source, confidence, layouts with lives (losses, stripeYears, diskFailures, diskYears) and repairHours; see README, \"Engine in the loop\"." };
        var (html, json, csv) = OutputOptions.Create();
        var command = new Command("compare", "Losses of the running engine at accelerated fault rates against the model fed with the same rates; exit code 1 when an interval does not overlap.") { file, html, json, csv };
        command.SetAction(parsed =>
        {
            FileInfo path = parsed.GetValue(file)!;
            AcceleratedRun run = JsonSerializer.Deserialize<AcceleratedRun>(File.ReadAllText(path.FullName), Outputs.Options)
                ?? throw new FormatException($"'{path}' holds null where a run belongs");
            EngineAgainstModel[] all = [.. run.Layouts.Select(layout => EngineAgainstModel.Of(layout, run.Confidence))];
            IReadOnlyList<string>[] rows = [.. all.Select(Row)];
            string conditions = $"Losses per stripe and year at accelerated rates, {Figures.Percent(run.Confidence)} intervals; engine: {run.Source}.";
            Console.WriteLine(conditions);
            Tables.Print(Console.Out, Head, rows);
            new Outputs(parsed.GetValue(html), parsed.GetValue(json), parsed.GetValue(csv)).Write(Console.Out, () => Html(conditions, rows), new { Run = run, Results = all }, Head, rows);
            return all.All(result => result.Agrees) ? 0 : 1;
        });
        return command;
    }

    private static string[] Row(EngineAgainstModel r) =>
    [
        r.Layout, Figures.Number(r.Lives), Figures.Number(r.Lost),
        Figures.Probability(r.Engine.Low), Figures.Probability(r.Engine.Value), Figures.Probability(r.Engine.High),
        Figures.Probability(r.Model.Low), Figures.Probability(r.Model.Value), Figures.Probability(r.Model.High),
        r.Agrees ? "yes" : r.Lost < EngineAgainstModel.LossesLeast ? "too few losses" : "NO",
    ];

    private static string Html(string conditions, IReadOnlyList<string>[] rows) => new Page("The running engine against the model")
        .Paragraph(conditions)
        .Paragraph("The model is the Markov chain that the durability report uses, fed with the failures counted and the repair times measured in the same lives. The engine's interval is the wider of the "
            + "Poisson interval and that from the spread between lives, as stripes that share disks are lost together.")
        .Table("Both intervals", Head, rows.Select(row => (IReadOnlyList<string>)[.. row.SkipLast(1), row[^1] == "yes" ? "+yes" : "!" + row[^1]])).Html();
}
