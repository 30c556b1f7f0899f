using System;
using System.CommandLine;
using System.Diagnostics;
using ObjectStore.Sim.Cli.Coverage;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>determinism</c>: many short runs, each twice.</summary>
internal static class DeterminismCommand
{
    private const string ScenarioUnlessSaid = "short";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    internal static Command Make()
    {
        Option<string?> scenario = CommonOptions.Scenario();
        Option<ulong> seed = CommonOptions.Seed();
        var seeds = new Option<long>("--seeds") { Description = "How many seeds, by all shards together.", DefaultValueFactory = static _ => 1000 };
        var jobs = new Option<int>("--jobs") { Description = "Runs at the same time (default: one for each processor).", DefaultValueFactory = static _ => Environment.ProcessorCount };
        Option<Shard> shard = Shard.MakeOption();
        var outputs = new CampaignOutputs();
        var command = new Command("determinism", $"Makes the runs of many seeds twice each and compares their trace hashes (without --scenario: '{ScenarioUnlessSaid}').")
        {
            scenario, seed, seeds, jobs, shard,
        };
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            Shard part = parsed.GetValue(shard)!;
            long count = part.Share(parsed.GetValue(seeds))!.Value;
            if (count < 1 || parsed.GetValue(jobs) < 1)
            {
                return ExitCodes.Refuse("--seeds and --jobs must be 1 or more, and there must be a seed for each shard.");
            }

            SimScenario found = ScenarioCatalogue.Find(parsed.GetValue(scenario) ?? ScenarioUnlessSaid)!;
            long started = Stopwatch.GetTimestamp();
            TimeSpan shown = TimeSpan.Zero;
            RunResult result = Determinism.Check(found, part.FirstSeed(parsed.GetValue(seed)), count, (ulong)part.Count, parsed.GetValue(jobs), done =>
            {
                TimeSpan passed = Stopwatch.GetElapsedTime(started);
                if (passed - shown >= Interval)
                {
                    shown = passed;
                    Console.WriteLine($"{found.Name}: {done} of {count} seeds twice in {passed.TotalSeconds:0} s, about {passed.TotalSeconds * (count - done) / done:0} s to go");
                }
            });
            Console.WriteLine(
                $"{found.Name}: {result.Iterations / 2} seeds twice, {result.Schedules} different runs, trace hash {result.TraceHash}: "
                + (result.Verdict == "clean" ? "no difference" : $"DIFFERENT: {result.Explanation}"));
            return outputs.Write(parsed, CampaignResult.Of(
                [part.Count > 1 ? result : result with { ScheduleHashes = null }], part.Name, Stopwatch.GetElapsedTime(started).TotalSeconds, MarkRegistry.NeverHit));
        });
        return command;
    }
}
