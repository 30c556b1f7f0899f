using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ObjectStore.Reports;

/// <summary>Measurements of the engine, and what they make of the nines of each layout.</summary>
public sealed record MeasuredSection(MeasuredEngine Engine, MeasuredInputs Inputs, IReadOnlyList<MeasuredLoss> Losses)
{
    private static readonly string[] InputHead = ["input", "assumed", "measured, low", "measured", "measured, high", "observations"];
    private static readonly string[] LossHead = ["layout", "loss, assumed", "loss, low", "loss, measured", "loss, high", "nines, low", "nines", "nines, high"];

    private IReadOnlyList<IReadOnlyList<string>> InputRows { get; init; } = [];

    /// <summary>Reads the file, if one is given, and computes every layout of the scenario at the measured inputs and at both ends of their intervals.</summary>
    public static MeasuredSection? Read(FileInfo? file, DurabilityScenario scenario)
    {
        if (file is null)
        {
            return null;
        }

        MeasuredEngine engine = JsonSerializer.Deserialize<MeasuredEngine>(File.ReadAllText(file.FullName), Outputs.Options)
            ?? throw new FormatException($"'{file}' holds null where measurements belong");
        Assumptions assumed = scenario.Assumptions;
        MeasuredInputs inputs = engine.Inputs(assumed.Confidence);
        return new MeasuredSection(
            engine, inputs,
            [.. scenario.Layouts.Select(Layout.Parse).Select(layout => new MeasuredLoss(layout.Name, DurabilityResult.Of(layout, assumed).Total, inputs.Loss(layout, assumed)))])
        {
            InputRows =
            [
                Row("detection, hours", assumed.DetectionHours, inputs.DetectionHours, engine.DetectionSeconds.Count),
                Row("repair, MB/s of each disk", assumed.RepairMegabytesPerSecondPerDisk, inputs.RepairMegabytesPerSecondPerDisk, engine.Rebuilds.Count),
                Row("share of errors found by a scrub", assumed.ScrubCoverage, inputs.ScrubCoverage, engine.Scrub?.Planted ?? 0),
                Row("scrub pass, days", assumed.ScrubDays, inputs.ScrubDays, engine.Scrub?.PassHours.Count ?? 0),
            ],
        };
    }

    public void Print(TextWriter to)
    {
        to.WriteLine("Measured: " + Engine.Source);
        Tables.Print(to, InputHead, InputRows);
        Tables.Print(to, LossHead, Losses.Select(Row));
    }

    public void Add(Page page)
    {
        page.Heading("Measured in the running engine");
        page.Paragraph("Source: " + Engine.Source + ". All figures on this page use the measured values below where there are any; the last table runs every layout with all of them at the "
            + "ends of their intervals at once, which is wider than one interval of the same confidence.");
        page.Table("Inputs", InputHead, InputRows);
        page.Table("Loss per object and year, all causes", LossHead, Losses.Select(Row));
    }

    private static string[] Row(string name, double assumed, Interval? measured, int count) => measured is Interval i
        ? [name, Figures.Number(assumed, "0.####"), Figures.Number(i.Low, "0.####"), Figures.Number(i.Value, "0.####"), Figures.Number(i.High, "0.####"), Figures.Number(count)]
        : [name, Figures.Number(assumed, "0.####"), "-", "-", "-", "0"];

    private static string[] Row(MeasuredLoss loss) =>
    [
        loss.Layout, Figures.Probability(loss.Assumed), Figures.Probability(loss.Measured.Low), Figures.Probability(loss.Measured.Value), Figures.Probability(loss.Measured.High),
        Figures.Nines(loss.Measured.High), Figures.Nines(loss.Measured.Value), Figures.Nines(loss.Measured.Low),
    ];
}

/// <summary>One layout before and after the measurements.</summary>
public sealed record MeasuredLoss(string Layout, double Assumed, Interval Measured);
