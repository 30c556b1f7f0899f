using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using ObjectStore.Sim.Cli.Coverage;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>run</c>: explores one scenario, or all of them, until the budget is used or a promise is broken.</summary>
internal static class RunCommand
{
    private const int IterationsUnlessSaid = 200;

    /// <summary>What to explore and how.</summary>
    private sealed record Plan(string Strategy, ulong Seed, ExplorationBudget Budget, Shard Shard, TimeSpan? ShrinkTime, string? Trace);

    internal static Command Make()
    {
        Option<string?> scenario = CommonOptions.Scenario();
        Option<ulong> seed = CommonOptions.Seed();
        var iterations = new Option<long?>("--iterations") { Description = $"Runs to make of each scenario, by all shards together (default {IterationsUnlessSaid}, when no budget is given)." };
        Option<TimeSpan?> budget = CommonOptions.Time("--budget", "Real time to spend, such as 500ms, 60s, 10m or 2h; scenarios share it evenly.");
        Option<string> strategy = CommonOptions.Strategy("seed");
        Option<Shard> shard = Shard.MakeOption();
        var shrink = new Option<bool>("--shrink") { Description = "Shrink the failing run." };
        Option<TimeSpan?> shrinkTime = CommonOptions.Time("--shrink-budget", "Real time to spend on that (default 60s).");
        Option<string?> trace = CommonOptions.Trace();
        var outputs = new CampaignOutputs();
        var command = new Command("run", "Explores a scenario (without --scenario: all, one after the other) and stops at the first broken promise.")
        {
            scenario, seed, iterations, budget, strategy, shard, shrink, shrinkTime, trace,
        };
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            string? only = parsed.GetValue(scenario);
            TimeSpan? time = parsed.GetValue(budget);
            long? count = parsed.GetValue(iterations) ?? (time is null ? IterationsUnlessSaid : null);
            if (count < 1)
            {
                return ExitCodes.Refuse("--iterations must be 1 or more.");
            }

            var plan = new Plan(
                parsed.GetValue(strategy)!,
                parsed.GetValue(seed),
                new ExplorationBudget(count, only is null ? time / ScenarioCatalogue.All.Count : time),
                parsed.GetValue(shard)!,
                parsed.GetValue(shrink) ? parsed.GetValue(shrinkTime) ?? ShrinkCommand.TimeUnlessSaid : null,
                parsed.GetValue(trace));
            long started = Stopwatch.GetTimestamp();
            var results = new List<RunResult>();
            foreach (SimScenario one in only is null ? ScenarioCatalogue.All : [ScenarioCatalogue.Find(only)!])
            {
                if (Explore(one, plan) is { } result)
                {
                    results.Add(result);
                    if (result.Verdict != "clean")
                    {
                        break;
                    }
                }
            }

            return results.Count == 0
                ? ExitCodes.Refuse($"There are fewer runs than shards: nothing is left for shard {plan.Shard}.")
                : outputs.Write(parsed, CampaignResult.Of(results, plan.Shard.Name, Stopwatch.GetElapsedTime(started).TotalSeconds, MarkRegistry.NeverHit));
        });
        return command;
    }

    /// <summary>Explores one scenario and reports; null when the shard has nothing to do.</summary>
    private static RunResult? Explore(SimScenario scenario, Plan plan)
    {
        var progress = new ProgressLine(Console.Out, scenario.Name, !Console.IsOutputRedirected);
        Exploration? explored = Explorer.Explore(scenario, plan.Strategy, plan.Seed, plan.Budget, plan.Shard, progress.Show);
        progress.End();
        if (explored is not { } seen)
        {
            return null;
        }

        string verdict = seen.Failure is null
            ? "clean"
            : $"BROKEN in run {seen.Failure.Iteration}{(seen.Failure.Seed is { } failing ? $", seed {failing}" : $" of seed {plan.Seed}")}";
        Console.WriteLine(
            $"{scenario.Name,-18} {plan.Strategy,-10} {seen.Iterations,7} runs {seen.Schedules,7} schedules {seen.Events,10} events "
            + $"{seen.VirtualTime.TotalSeconds,8:0.0} virtual s {seen.WallTime.TotalSeconds,6:0.0} s  hash {Results.Hash(seen.TraceHash)}  {verdict}");
        FailureReport? report = seen.Failure is { } failure
            ? FailureReport.Write(scenario, plan.Strategy, plan.Seed, failure, plan.Trace, plan.ShrinkTime, Console.Out)
            : null;
        return Results.Of(scenario.Name, plan.Strategy, plan.Shard.FirstSeed(plan.Seed), seen, plan.Shard, report);
    }
}
