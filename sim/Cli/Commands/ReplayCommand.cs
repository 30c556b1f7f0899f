using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.Viewer;
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
        var html = new Option<string?>("--html") { Description = "Write one HTML page that shows the run to this file; it needs nothing else." };
        var command = new Command("replay", "Repeats one run exactly and tells what happened.") { json, trace, html };
        source.AddTo(command);
        command.SetAction(parsed =>
        {
            (RunSource? run, string complaint) = source.Read(parsed);
            return run is null ? ExitCodes.Refuse(complaint) : Replay(run, parsed.GetValue(json), parsed.GetValue(trace), parsed.GetValue(html));
        });
        return command;
    }

    private static int Replay(RunSource source, string? json, string? trace, string? html)
    {
        long started = Stopwatch.GetTimestamp();
        ScenarioRun run;
        RunRecorder? recorder = html is null ? null : new RunRecorder();
        using (Stream? lines = trace is null ? null : File.Create(trace))
        {
            run = source.Scenario.Run(new ScenarioContext(source.Choices()) { TraceJsonLines = lines, Observer = recorder });
        }

        if (recorder is not null)
        {
            File.WriteAllText(html!, RunPage.Render(new RunPageHeader(source.Name.Replace('-', ' '), source.ReplayCommand), recorder, run));
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
            Results.Of(source, run) with { TraceFile = trace, HtmlFile = html, WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds },
            json);
        return run.PromiseBroken is null ? ExitCodes.Clean : ExitCodes.PromiseBroken;
    }
}
