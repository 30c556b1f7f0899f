using System.Globalization;
using System.IO;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Results in the schema of <see cref="RunResult"/>.</summary>
internal static class Results
{
    internal static RunResult Of(string scenario, string strategy, ulong seed, Exploration seen, Shard shard, FailureReport? report) => new()
    {
        Scenario = scenario,
        Seed = seen.Failure?.Seed ?? seed,
        Strategy = strategy,
        Iterations = seen.Iterations,
        Schedules = seen.Schedules,
        Events = seen.Events,
        VirtualSeconds = seen.VirtualTime.TotalSeconds,
        WallSeconds = seen.WallTime.TotalSeconds,
        TraceHash = Hash(seen.TraceHash),
        Verdict = Verdict(seen.Failure?.Run.PromiseBroken),
        PromiseBroken = seen.Failure?.Run.PromiseBroken,
        Explanation = seen.Failure?.Run.Explanation,
        ReplayCommand = report?.ReplayCommand,
        ChoiceFile = report?.ChoiceFile,
        TraceFile = report?.TraceFile,
        HtmlFile = report?.HtmlFile,
        Shrunk = report?.Shrunk,
        Marks = seen.Marks,
        Faults = seen.Faults,
        Requests = seen.Requests,
        ScheduleHashes = shard.Count > 1 ? RunResult.Pack(seen.ScheduleHashes) : null,
    };

    /// <summary>The result of one run.</summary>
    internal static RunResult Of(RunSource source, ScenarioRun run) => new()
    {
        Scenario = source.Scenario.Name,
        Seed = source.Seed,
        Strategy = source.Strategy,
        Iterations = 1,
        Schedules = 1,
        Events = run.Events,
        VirtualSeconds = run.VirtualTime.TotalSeconds,
        WallSeconds = 0,
        TraceHash = Hash(run.TraceHash),
        Verdict = Verdict(run.PromiseBroken),
        PromiseBroken = run.PromiseBroken,
        Explanation = run.Explanation,
        Marks = run.Marks,
        Faults = run.Faults,
        Requests = run.Requests,
    };

    internal static string Hash(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    internal static void Save(RunResult result, string? file)
    {
        if (file is not null)
        {
            File.WriteAllText(file, result.ToJson());
        }
    }

    private static string Verdict(string? promiseBroken) => promiseBroken is null ? "clean" : "broken";
}
