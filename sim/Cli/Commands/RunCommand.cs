using System;
using System.CommandLine;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>run</c>: explores one scenario, or all of them, until the budget is used or a promise is broken.</summary>
internal static class RunCommand
{
    private const int IterationsUnlessSaid = 200;

    internal static Command Make()
    {
        Option<string?> scenario = CommonOptions.Scenario();
        Option<ulong> seed = CommonOptions.Seed();
        var iterations = new Option<long?>("--iterations") { Description = $"Runs to make of each scenario (default {IterationsUnlessSaid}, when no budget is given)." };
        Option<TimeSpan?> budget = CommonOptions.Budget();
        Option<string> strategy = CommonOptions.Strategy("seed");
        Option<string?> json = CommonOptions.Json();
        Option<string?> trace = CommonOptions.Trace();
        var command = new Command("run", "Explores a scenario (without --scenario: all, one after the other) and stops at the first broken promise.")
        {
            scenario, seed, iterations, budget, strategy, json, trace,
        };
        command.SetAction(parsed =>
        {
            string? only = parsed.GetValue(scenario);
            TimeSpan? time = parsed.GetValue(budget);
            long? count = parsed.GetValue(iterations) ?? (time is null ? IterationsUnlessSaid : null);
            foreach (SimScenario one in ScenarioCatalogue.All)
            {
                if (only is not null && one.Name != only)
                {
                    continue;
                }

                TimeSpan? share = only is null ? time / ScenarioCatalogue.All.Count : time;
                if (!Explore(one, parsed.GetValue(strategy)!, parsed.GetValue(seed), new ExplorationBudget(count, share), parsed.GetValue(json), parsed.GetValue(trace)))
                {
                    return ExitCodes.PromiseBroken;
                }
            }

            return ExitCodes.Clean;
        });
        return command;
    }

    /// <summary>Explores one scenario and reports; true when it is clean.</summary>
    internal static bool Explore(SimScenario scenario, string strategy, ulong seed, ExplorationBudget budget, string? json, string? trace)
    {
        var progress = new ProgressLine(Console.Out, scenario.Name, !Console.IsOutputRedirected);
        Exploration seen = Explorer.Explore(scenario, strategy, seed, budget, progress.Show);
        progress.End();
        FailureReport? report = seen.Failure is { } failure ? FailureReport.Write(scenario, strategy, seed, failure, trace) : null;
        string verdict = report is null
            ? "clean"
            : $"BROKEN in run {seen.Failure!.Iteration}{(seen.Failure.Seed is { } failing ? $", seed {failing}" : $" of seed {seed}")}";
        Console.WriteLine(
            $"{scenario.Name,-18} {strategy,-10} {seen.Iterations,7} runs {seen.Schedules,7} schedules {seen.Events,10} events "
            + $"{seen.VirtualTime.TotalSeconds,8:0.0} virtual s {seen.WallTime.TotalSeconds,6:0.0} s  hash {Results.Hash(seen.TraceHash)}  {verdict}");
        report?.Print(Console.Out, seen.Failure!.Run);
        Results.Save(Results.Of(scenario.Name, strategy, seed, seen, report), json);
        return report is null;
    }
}
