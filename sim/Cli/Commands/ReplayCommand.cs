using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>replay</c>: repeats one run exactly, from its seed or from its choice file.</summary>
internal static class ReplayCommand
{
    private const int LastEventsShown = 40;

    internal static Command Make()
    {
        var file = new Argument<FileInfo?>("choice-file") { Description = "A file that a failing run left behind; in place of --scenario and --seed.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> scenario = CommonOptions.Scenario();
        var seed = new Option<ulong?>("--seed") { Description = "The seed of the run." };
        Option<string> strategy = CommonOptions.Strategy("seed");
        Option<string?> json = CommonOptions.Json();
        Option<string?> trace = CommonOptions.Trace();
        var command = new Command("replay", "Repeats one run exactly and tells what happened.") { file, scenario, seed, strategy, json, trace };
        command.SetAction(parsed =>
        {
            ChoiceFile? recorded = null;
            if (parsed.GetValue(file) is { } path)
            {
                try
                {
                    recorded = ChoiceFile.Load(path.FullName);
                }
                catch (Exception unreadable) when (unreadable is IOException or InvalidDataException or UnauthorizedAccessException)
                {
                    return BadUse(unreadable.Message);
                }
            }

            string? name = recorded?.Scenario ?? parsed.GetValue(scenario);
            ulong? number = parsed.GetValue(seed);
            string kind = parsed.GetValue(strategy)!;
            if (name is null || (recorded is null && number is null))
            {
                return BadUse("Say which run: a choice file, or --scenario and --seed.");
            }

            if (ScenarioCatalogue.Find(name) is not { } found)
            {
                return BadUse($"The choice file is of scenario '{name}', which does not exist.");
            }

            if (recorded is null && !Explorer.IsNamedBySeed(kind))
            {
                return BadUse($"A run of strategy '{kind}' is not named by a seed: replay its choice file.");
            }

            IChoices choices = recorded is not null ? new RecordedChoices(recorded.Answers) : SeedExplorer.Choices(number!.Value, prioritised: kind == "seed-pct");
            return Replay(found, choices, number ?? 0, recorded is null ? kind : "replay", parsed.GetValue(json), parsed.GetValue(trace));
        });
        return command;
    }

    private static int Replay(SimScenario scenario, IChoices choices, ulong seed, string strategy, string? json, string? trace)
    {
        long started = Stopwatch.GetTimestamp();
        ScenarioRun run;
        using (Stream? lines = trace is null ? null : File.Create(trace))
        {
            run = scenario.Run(new ScenarioContext(choices) { TraceJsonLines = lines });
        }

        foreach (TraceEvent happened in run.LastEvents.Count > LastEventsShown ? System.Linq.Enumerable.TakeLast(run.LastEvents, LastEventsShown) : run.LastEvents)
        {
            Console.WriteLine($"    {happened}");
        }

        Console.WriteLine(
            $"{scenario.Name}: {run.Events} events, {run.VirtualTime.TotalSeconds:0.000} virtual seconds, trace hash {Results.Hash(run.TraceHash)}: "
            + (run.PromiseBroken is null ? "clean" : $"promise '{run.PromiseBroken}' BROKEN"));
        if (run.Explanation is { } explanation)
        {
            Console.WriteLine(explanation.TrimEnd());
        }

        Results.Save(
            new RunResult
            {
                Scenario = scenario.Name,
                Seed = seed,
                Strategy = strategy,
                Iterations = 1,
                Schedules = 1,
                Events = run.Events,
                VirtualSeconds = run.VirtualTime.TotalSeconds,
                WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
                TraceHash = Results.Hash(run.TraceHash),
                Verdict = run.PromiseBroken is null ? "clean" : "broken",
                PromiseBroken = run.PromiseBroken,
                Explanation = run.Explanation,
                TraceFile = trace,
                Marks = run.Marks,
            },
            json);
        return run.PromiseBroken is null ? ExitCodes.Clean : ExitCodes.PromiseBroken;
    }

    private static int BadUse(string message)
    {
        Console.Error.WriteLine(message);
        return ExitCodes.BadUse;
    }
}
