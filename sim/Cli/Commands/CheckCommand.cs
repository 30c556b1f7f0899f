using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>check</c>: what every change of the engine must pass.</summary>
internal static class CheckCommand
{
    private const int RepeatedSeeds = 2;

    /// <summary>Strategy, and runs of each scenario.</summary>
    private static readonly (string Strategy, int Runs)[] Passes = [("seed", 60), ("seed-pct", 20), ("portfolio", 20), ("q-learning", 10)];

    internal static Command Make()
    {
        Option<ulong> seed = CommonOptions.Seed();
        var factor = new Option<int>("--times") { Description = "Makes so many times the runs.", DefaultValueFactory = static _ => 1 };
        var command = new Command("check", "The set for continuous integration: every scenario, several strategies, and seeds repeated to find what they do not decide.")
        {
            seed, factor,
        };
        command.SetAction(parsed => Check(parsed.GetValue(seed), Math.Max(1, parsed.GetValue(factor))));
        return command;
    }

    private static int Check(ulong seed, int factor)
    {
        long started = Stopwatch.GetTimestamp();
        long runs = 0;
        var broken = new List<string>();
        var summary = new List<string>();
        foreach (SimScenario scenario in ScenarioCatalogue.All)
        {
            long ownRuns = 0;
            long ownEvents = 0;
            string verdict = "clean";
            foreach ((string strategy, int count) in Passes)
            {
                Exploration seen = Explorer.Explore(scenario, strategy, seed, new ExplorationBudget((long)count * factor, null), null);
                ownRuns += seen.Iterations;
                ownEvents += seen.Events;
                if (seen.Failure is { } failure)
                {
                    Console.WriteLine($"{scenario.Name} BROKEN by strategy {strategy}");
                    FailureReport.Write(scenario, strategy, seed, failure, traceFile: null).Print(Console.Out, failure.Run);
                    verdict = $"BROKEN ({failure.Run.PromiseBroken})";
                    broken.Add(scenario.Name);
                    break;
                }
            }

            for (ulong repeated = seed; repeated < seed + RepeatedSeeds; repeated++)
            {
                if (SeedExplorer.CheckRepeatable(scenario.Run, repeated) is { } difference)
                {
                    verdict = "NOT REPEATABLE";
                    broken.Add(scenario.Name);
                    Console.WriteLine($"{scenario.Name}: {difference}");
                }
            }

            runs += ownRuns;
            string line = $"{scenario.Name,-18} {ownRuns,5} runs {ownEvents,9} events, {RepeatedSeeds} seeds repeated: {verdict}";
            Console.WriteLine(line);
            summary.Add(line);
        }

        Console.WriteLine(
            $"check: {summary.Count} scenarios, {runs} runs in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: "
            + (broken.Count == 0 ? "clean" : $"BROKEN: {string.Join(", ", broken)}"));
        return broken.Count == 0 ? ExitCodes.Clean : ExitCodes.PromiseBroken;
    }
}
