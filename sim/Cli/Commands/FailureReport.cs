using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.Viewer;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Says what went wrong in as few words as it can, and leaves behind what repeats it and a page that shows it.</summary>
internal sealed record FailureReport(string ReplayCommand, string ChoiceFile, string TraceFile, string HtmlFile)
{
    private const int LastEventsShown = 15;

    /// <summary>Where failing runs leave their files.</summary>
    internal const string Folder = "artifacts/sim";

    /// <summary>How this program is called from the root of the repository.</summary>
    internal const string Program = "dotnet run --project sim/Cli -c Release --";

    /// <summary>What is left after shrinking; null when nobody asked for it.</summary>
    internal ShrunkRun? Shrunk { get; init; }

    /// <summary>Writes choice file, trace and page of a failing run, tells about it, and shrinks it when there is time for that.</summary>
    internal static FailureReport Write(
        SimScenario scenario, string strategy, ulong seed, ExplorationFailure failure, string? traceFile, TimeSpan? shrinkTime, TextWriter output)
    {
        Directory.CreateDirectory(Folder);
        string name = string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}-{strategy}-{failure.Seed ?? seed}-{failure.Iteration}");
        string choices = $"{Folder}/{name}.choices";
        string trace = traceFile ?? $"{Folder}/{name}.trace.jsonl";
        string html = $"{Folder}/{name}.html";
        new ChoiceFile(scenario.Name, failure.Answers).Save(choices);
        var recorder = new RunRecorder();
        string replay = failure.Seed is { } failing && Explorer.IsNamedBySeed(strategy)
            ? $"{Program} replay --scenario {scenario.Name} --seed {failing} --strategy {strategy}"
            : $"{Program} replay {choices}";
        using (FileStream lines = File.Create(trace))
        {
            ScenarioRun again = scenario.Run(new ScenarioContext(new RecordedChoices(failure.Answers)) { TraceJsonLines = lines, Observer = recorder });
            File.WriteAllText(html, RunPage.Render(new RunPageHeader($"{scenario.Name}, {strategy}, seed {failure.Seed ?? seed}", replay), recorder, again));
        }

        var report = new FailureReport(replay, choices, trace, html);
        report.Print(output, failure.Run);
        return shrinkTime is { } time ? report with { Shrunk = Shrinking.Run(scenario, failure.Answers, time, $"{Folder}/{name}.shrunk.choices", output) } : report;
    }

    private void Print(TextWriter output, ScenarioRun run)
    {
        output.WriteLine($"  promise broken: {run.PromiseBroken}");
        foreach (string line in (run.Explanation ?? "").TrimEnd().Split('\n'))
        {
            output.WriteLine($"  {line}");
        }

        IReadOnlyList<TraceEvent> last = run.LastEvents;
        output.WriteLine("  last events:");
        foreach (TraceEvent happened in last.Skip(Math.Max(0, last.Count - LastEventsShown)))
        {
            output.WriteLine($"    {happened}");
        }

        output.WriteLine($"  replay:  {ReplayCommand}");
        output.WriteLine($"  choices: {ChoiceFile}");
        output.WriteLine($"  trace:   {TraceFile}");
        output.WriteLine($"  page:    {HtmlFile}");
    }
}
