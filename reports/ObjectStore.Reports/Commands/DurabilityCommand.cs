using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>`durability`: the chain's answer for each layout.</summary>
public static class DurabilityCommand
{
    public static Command Create()
    {
        var scenario = new Option<FileInfo?>("--scenario") { Description = "JSON: { \"layouts\": [\"10+4@3\"], \"assumptions\": { \"annualFailureRate\": 0.02 } }. What is left out keeps its default." };
        var layouts = new Option<string[]>("--layout") { Description = "A layout as code@zones: 10+4@3, 3x@3 (copies), LRC(12,2,2)@4. May be repeated; replaces the scenario's list." };
        var rate = new Option<double?>("--afr") { Description = "Yearly failure rate of a disk, 0.0136 for 1.36 %." };
        var rebuild = new Option<double?>("--rebuild-hours") { Description = "Hours to rebuild a disk, in place of the time computed from pool, disk size and bandwidth." };
        var measured = new Option<FileInfo?>("--measured") { Description = "JSON of repairs, detections and scrubs observed in the running engine; they replace the assumptions, with intervals. See README, \"Engine in the loop\"." };
        var (html, json, csv) = OutputOptions.Create();
        var command = new Command("durability", "Probability of losing an object in a year, cause by cause, for each layout: chain, intervals, tornado, heat map.")
        {
            scenario, layouts, rate, rebuild, measured, html, json, csv,
        };
        command.SetAction(parsed =>
        {
            DurabilityScenario read = OutputOptions.Read<DurabilityScenario>(parsed.GetValue(scenario));
            string[] named = parsed.GetValue(layouts) ?? [];
            read = read with
            {
                Layouts = named.Length > 0 ? named : read.Layouts,
                Assumptions = read.Assumptions with
                {
                    AnnualFailureRate = parsed.GetValue(rate) ?? read.Assumptions.AnnualFailureRate,
                    RebuildHours = parsed.GetValue(rebuild) ?? read.Assumptions.RebuildHours,
                },
            };
            MeasuredSection? engine = MeasuredSection.Read(parsed.GetValue(measured), read);
            read = engine is null ? read : read with { Assumptions = engine.Inputs.Value(read.Assumptions) };
            IReadOnlyList<DurabilityResult> results = DurabilityReport.Results(read);
            Console.WriteLine("Loss per object and year; " + DurabilityReport.Conditions(read.Assumptions, results.Min(r => r.RebuildHours), results.Max(r => r.RebuildHours)) + ".");
            Tables.Print(Console.Out, DurabilityReport.Head, DurabilityReport.Rows(results));
            engine?.Print(Console.Out);
            var outputs = new Outputs(parsed.GetValue(html), parsed.GetValue(json), parsed.GetValue(csv));
            outputs.Write(
                Console.Out, () => DurabilityReport.Html(read, results, engine), new { read.Assumptions, Measured = engine, Results = results }, DurabilityReport.Head, DurabilityReport.Rows(results));
            return 0;
        });
        return command;
    }
}
