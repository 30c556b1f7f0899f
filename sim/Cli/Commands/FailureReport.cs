using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Says what went wrong in as few words as it can, and leaves behind what repeats it.</summary>
internal sealed record FailureReport(string ReplayCommand, string ChoiceFile, string TraceFile)
{
    private const int LastEventsShown = 15;
    /// <summary>Where failing runs leave their files.</summary>
    internal const string Folder = "artifacts/sim";

    /// <summary>How this program is called from the root of the repository.</summary>
    internal const string Program = "dotnet run --project sim/Cli -c Release --";

    /// <summary>Writes choice file and trace of a failing run.</summary>
    internal static FailureReport Write(SimScenario scenario, string strategy, ulong seed, ExplorationFailure failure, string? traceFile)
    {
        Directory.CreateDirectory(Folder);
        string name = string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}-{strategy}-{failure.Seed ?? seed}-{failure.Iteration}");
        string choices = $"{Folder}/{name}.choices";
        string trace = traceFile ?? $"{Folder}/{name}.trace.jsonl";
        new ChoiceFile(scenario.Name, failure.Answers).Save(choices);
        using (FileStream lines = File.Create(trace))
        {
            scenario.Run(new ScenarioContext(new RecordedChoices(failure.Answers)) { TraceJsonLines = lines });
        }

        string replay = failure.Seed is { } failing && Explorer.IsNamedBySeed(strategy)
            ? $"{Program} replay --scenario {scenario.Name} --seed {failing} --strategy {strategy}"
            : $"{Program} replay {choices}";
        return new FailureReport(replay, choices, trace);
    }

    internal void Print(TextWriter output, ScenarioRun run)
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
    }
}
