using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Shrinks a failing run, tells what is left, and leaves the choice file of it behind.</summary>
internal static class Shrinking
{
    private static readonly string[] AreasTold = [TraceLog.ClientArea, TraceLog.FaultArea, "node"];

    /// <summary>Shrinks and writes; the shrunk run is <see cref="ShrinkResult.Answers"/>.</summary>
    internal static ShrinkResult Run(SimScenario scenario, IReadOnlyList<int> answers, TimeSpan time, string choiceFile, TextWriter output)
    {
        ShrinkResult result = Shrinker.Shrink(scenario.Run, answers, new ShrinkBudget(time));
        if (Path.GetDirectoryName(choiceFile) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        new ChoiceFile(scenario.Name, result.Answers).Save(choiceFile);
        Tell(scenario, result, choiceFile, output);
        return result;
    }

    /// <summary>For results.</summary>
    internal static ShrunkRun Summary(ShrinkResult result, string choiceFile) => new(
        ShrinkResult.EventsOf(result.Run), ShrinkResult.EventsOf(result.Before), result.Run.Requests, result.IsMinimal, result.Runs, result.Time.TotalSeconds, choiceFile);

    private static void Tell(SimScenario scenario, ShrinkResult result, string choiceFile, TextWriter output)
    {
        output.WriteLine(
            $"  shrunk: {ShrinkResult.EventsOf(result.Before)} events to {ShrinkResult.EventsOf(result.Run)} ({result.Run.Requests} requests, "
            + $"{Faults(result.Run)}) in {result.Runs} runs and {result.Time.TotalSeconds:0.0} s; "
            + (result.IsMinimal ? "nothing more can go" : "time ran out: more may go"));
        var told = new EventList();
        scenario.Run(new ScenarioContext(new RecordedChoices(result.Answers)) { Observer = told });
        foreach (TraceEvent happened in told.Events.Where(static happened => AreasTold.Contains(happened.Area)))
        {
            output.WriteLine($"    {happened}");
        }

        output.WriteLine($"  still broken: {result.Run.PromiseBroken}");
        foreach (string line in (result.Run.Explanation ?? "").TrimEnd().Split('\n'))
        {
            output.WriteLine($"  {line}");
        }

        output.WriteLine($"  replay of the shrunk run: {FailureReport.Program} replay {choiceFile}");
    }

    private static string Faults(ScenarioRun run) =>
        run.Faults.Count == 0 ? "no fault" : string.Join(", ", run.Faults.Select(static kind => $"{kind.Value} {kind.Key}"));

    /// <summary>Keeps every event.</summary>
    private sealed class EventList : IRunObserver
    {
        internal List<TraceEvent> Events { get; } = [];

        public void Traced(TraceEvent happened) => Events.Add(happened);
    }
}
