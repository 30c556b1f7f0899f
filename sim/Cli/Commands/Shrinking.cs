using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.Viewer;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Shrinks a failing run, tells what is left, and leaves the choice file and the page of it behind.</summary>
internal static class Shrinking
{
    private static readonly string[] AreasTold = [TraceLog.ClientArea, TraceLog.FaultArea, "node"];

    internal static ShrunkRun Run(SimScenario scenario, IReadOnlyList<int> answers, TimeSpan time, string choiceFile, TextWriter output)
    {
        ShrinkResult result = Shrinker.Shrink(scenario.Run, answers, new ShrinkBudget(time));
        if (Path.GetDirectoryName(choiceFile) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        new ChoiceFile(scenario.Name, result.Answers).Save(choiceFile);
        string replay = $"{FailureReport.Program} replay {choiceFile}";
        var recorder = new RunRecorder();
        ScenarioRun again = scenario.Run(new ScenarioContext(new RecordedChoices(result.Answers)) { Observer = recorder });
        string html = Path.ChangeExtension(choiceFile, ".html");
        File.WriteAllText(html, RunPage.Render(new RunPageHeader($"{scenario.Name}, shrunk", replay), recorder, again));
        Tell(result, recorder, output);
        output.WriteLine($"  replay of the shrunk run: {replay}");
        output.WriteLine($"  page of the shrunk run:   {html}");
        return new ShrunkRun(
            ShrinkResult.EventsOf(result.Run),
            ShrinkResult.EventsOf(result.Before),
            result.Run.Requests,
            result.IsMinimal,
            result.Runs,
            result.Time.TotalSeconds,
            choiceFile);
    }

    private static void Tell(ShrinkResult result, RunRecorder recorder, TextWriter output)
    {
        output.WriteLine(
            $"  shrunk: {ShrinkResult.EventsOf(result.Before)} events to {ShrinkResult.EventsOf(result.Run)} ({result.Run.Requests} requests, "
            + $"{Faults(result.Run)}) in {result.Runs} runs and {result.Time.TotalSeconds:0.0} s; "
            + (result.IsMinimal ? "nothing more can go" : "time ran out: more may go"));
        foreach (TraceEvent happened in recorder.Events.Where(static happened => AreasTold.Contains(happened.Area)))
        {
            output.WriteLine($"    {happened}");
        }

        output.WriteLine($"  still broken: {result.Run.PromiseBroken}");
        foreach (string line in (result.Run.Explanation ?? "").TrimEnd().Split('\n'))
        {
            output.WriteLine($"  {line}");
        }
    }

    private static string Faults(ScenarioRun run) =>
        run.Faults.Count == 0 ? "no fault" : string.Join(", ", run.Faults.Select(static kind => $"{kind.Value} {kind.Key}"));
}
