using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>replay</c>: repeats one run exactly, from its seed or from its choice file.</summary>
internal static class ReplayCommand
{
    private const int LastEventsShown = 40;

    internal static Command Make()
    {
        var source = new RunSource.Options();
        Option<string?> json = CommonOptions.Json();
        Option<string?> trace = CommonOptions.Trace();
        var command = new Command("replay", "Repeats one run exactly and tells what happened.") { json, trace };
        source.AddTo(command);
        command.SetAction(parsed =>
        {
            (RunSource? run, string complaint) = source.Read(parsed);
            return run is null ? ExitCodes.Refuse(complaint) : Replay(run, parsed.GetValue(json), parsed.GetValue(trace));
        });
        return command;
    }

    private static int Replay(RunSource source, string? json, string? trace)
    {
        long started = Stopwatch.GetTimestamp();
        ScenarioRun run;
        using (Stream? lines = trace is null ? null : File.Create(trace))
        {
            run = source.Scenario.Run(new ScenarioContext(source.Choices()) { TraceJsonLines = lines });
        }

        foreach (TraceEvent happened in run.LastEvents.Count > LastEventsShown ? System.Linq.Enumerable.TakeLast(run.LastEvents, LastEventsShown) : run.LastEvents)
        {
            Console.WriteLine($"    {happened}");
        }

        Console.WriteLine(
            $"{source.Scenario.Name}: {run.Events} events, {run.VirtualTime.TotalSeconds:0.000} virtual seconds, trace hash {Results.Hash(run.TraceHash)}: "
            + (run.PromiseBroken is null ? "clean" : $"promise '{run.PromiseBroken}' BROKEN"));
        if (run.Explanation is { } explanation)
        {
            Console.WriteLine(explanation.TrimEnd());
        }

        Results.Save(
            Results.Of(source, run) with { TraceFile = trace, WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds },
            json);
        return run.PromiseBroken is null ? ExitCodes.Clean : ExitCodes.PromiseBroken;
    }
}
