using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;
using ObjectStore.Sim.Cli.Coverage;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>check</c>: what every change of the engine must pass.</summary>
internal static class CheckCommand
{
    private const int RepeatedSeeds = 2;

    /// <summary>Strategy, and runs of each scenario that costs 1.</summary>
    private static readonly (string Strategy, int Runs)[] Passes = [("seed", 60), ("seed-pct", 20), ("portfolio", 20), ("q-learning", 10)];

    internal static Command Make()
    {
        Option<ulong> seed = CommonOptions.Seed();
        var factor = new Option<int>("--times") { Description = "Makes so many times the runs.", DefaultValueFactory = static _ => 1 };
        Option<TimeSpan?> budget = CommonOptions.Time("--budget", "Real time to spend at most; what is not explored by then is left out, and the last line says so.");
        Option<Shard> shard = Shard.MakeOption();
        Option<TimeSpan?> shrinkTime = CommonOptions.Time("--shrink-budget", "Real time to spend on making each failing run small (default 60s).");
        var outputs = new CampaignOutputs();
        var command = new Command("check", "The set for continuous integration: every scenario, several strategies, and seeds repeated to find what they do not decide.")
        {
            seed, factor, budget, shard, shrinkTime,
        };
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            var campaign = new Campaign(
                parsed.GetValue(seed), Math.Max(1, parsed.GetValue(factor)), parsed.GetValue(budget), parsed.GetValue(shard)!, parsed.GetValue(shrinkTime) ?? ShrinkCommand.TimeUnlessSaid);
            return outputs.Write(parsed, campaign.Run());
        });
        return command;
    }

    /// <summary>One call of the command.</summary>
    private sealed class Campaign(ulong seed, int factor, TimeSpan? budget, Shard shard, TimeSpan shrinkTime)
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private readonly List<RunResult> _results = [];
        private int _skipped;

        private TimeSpan? Left => budget - Stopwatch.GetElapsedTime(_started);

        internal CampaignResult Run()
        {
            foreach (SimScenario scenario in ScenarioCatalogue.All)
            {
                int first = _results.Count;
                if (Explore(scenario))
                {
                    Repeat(scenario);
                }

                RunResult[] own = [.. _results.Skip(first)];
                RunResult? broken = Array.Find(own, static result => result.Verdict != "clean");
                Console.WriteLine(
                    $"{scenario.Name,-18} {own.Sum(static result => result.Iterations),5} runs {own.Sum(static result => result.Events),9} events: "
                    + (broken is null ? "clean" : $"BROKEN ({broken.PromiseBroken}, {broken.Strategy})"));
            }

            CampaignResult campaign = CampaignResult.Of(_results, shard.Name, Stopwatch.GetElapsedTime(_started).TotalSeconds, MarkRegistry.NeverHit);
            string[] names = [.. _results.Where(static result => result.Verdict != "clean").Select(static result => result.Scenario).Distinct()];
            Console.WriteLine(
                $"check: {ScenarioCatalogue.All.Count} scenarios, {campaign.Iterations} runs in {campaign.WallSeconds:0.0} s: "
                + (names.Length == 0 ? "clean" : $"BROKEN: {string.Join(", ", names)}")
                + (_skipped == 0 ? "" : $"; {_skipped} explorations left out, for the budget of time was used"));
            return campaign;
        }

        /// <summary>All strategies until one of them breaks a promise; true when none did.</summary>
        private bool Explore(SimScenario scenario)
        {
            foreach ((string strategy, int count) in Passes)
            {
                // The first exploration is always made, so that there is a result.
                if (Left <= TimeSpan.Zero && _results.Count > 0)
                {
                    _skipped++;
                    continue;
                }

                if (Explorer.Explore(scenario, strategy, seed, new ExplorationBudget(Math.Max(1, (long)count * factor / scenario.Cost), Left), shard, progress: null) is not { } seen)
                {
                    continue;
                }

                FailureReport? report = null;
                if (seen.Failure is { } failure)
                {
                    Console.WriteLine($"{scenario.Name} BROKEN by strategy {strategy}");
                    report = FailureReport.Write(scenario, strategy, seed, failure, traceFile: null, shrinkTime, Console.Out);
                }

                _results.Add(Results.Of(scenario.Name, strategy, shard.FirstSeed(seed), seen, shard, report));
                if (report is not null)
                {
                    return false;
                }
            }

            return true;
        }

        private void Repeat(SimScenario scenario)
        {
            if (Left <= TimeSpan.Zero)
            {
                _skipped++;
                return;
            }

            if (shard.Share(RepeatedSeeds) is > 0 and { } count)
            {
                RunResult repeated = Determinism.Check(scenario, shard.FirstSeed(seed), count, (ulong)shard.Count, jobs: 1, progress: null);
                _results.Add(shard.Count > 1 ? repeated : repeated with { ScheduleHashes = null });
                if (repeated.Verdict != "clean")
                {
                    Console.WriteLine($"{scenario.Name}: {repeated.Explanation}");
                }
            }
        }
    }
}
