using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ObjectStore.Sim.Trace;

/// <summary>A planted bug and how it was found, for the table of a campaign.</summary>
/// <param name="Bug">Its name.</param>
/// <param name="Class">What kind of bug.</param>
/// <param name="Promise">The promise that it breaks.</param>
/// <param name="Found">Whether it was found within its budget.</param>
/// <param name="Strategy">Who found it.</param>
/// <param name="SchedulesMedian">Schedules to detection, median over several seeds; null: not found.</param>
/// <param name="SchedulesP95">The same, 95th percentile.</param>
public sealed record DetectionRow(string Bug, string Class, string Promise, bool Found, string Strategy, double? SchedulesMedian, double? SchedulesP95);

/// <summary>What <c>run --json</c>, <c>check --json</c> and <c>merge --json</c> write: several explorations with one verdict.</summary>
/// <remarks>The fields of a <see cref="RunResult"/> are there too, as totals and as the first failure, so that a reader of one exploration reads a campaign as well.</remarks>
public sealed record CampaignResult
{
    /// <summary>Version of this schema.</summary>
    public int Schema { get; init; } = 2;

    /// <summary>Tells a campaign from a single result.</summary>
    public string Kind { get; init; } = "campaign";

    /// <summary>Which part of the campaign this is, such as <c>1/4</c>; null: all of it.</summary>
    public string? Shard { get; init; }

    /// <summary>The scenario of the first failure, else the only one, else <c>all</c>.</summary>
    public required string Scenario { get; init; }

    /// <summary>The seed of the first failure, else the first seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The strategy of the first failure, else the only one, else <c>several</c>.</summary>
    public required string Strategy { get; init; }

    /// <summary>Runs made.</summary>
    public required long Iterations { get; init; }

    /// <summary>Different runs among them, counted by exploration.</summary>
    public required long Schedules { get; init; }

    /// <summary>Steps of all runs.</summary>
    public required long Events { get; init; }

    /// <summary>Requests that clients made.</summary>
    public required long Requests { get; init; }

    /// <summary>Virtual seconds of all runs.</summary>
    public required double VirtualSeconds { get; init; }

    /// <summary>Real seconds; of merged shards, those of the slowest.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Virtual over real time.</summary>
    public required double VirtualOverReal { get; init; }

    /// <summary>Different runs a second.</summary>
    public required double SchedulesPerSecond { get; init; }

    /// <summary>Steps a second.</summary>
    public required double EventsPerSecond { get; init; }

    /// <summary>Hash over all runs, 16 hexadecimal digits.</summary>
    public required string TraceHash { get; init; }

    /// <summary><c>clean</c> or <c>broken</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>The promise that the first failure broke.</summary>
    public string? PromiseBroken { get; init; }

    /// <summary>How it was broken.</summary>
    public string? Explanation { get; init; }

    /// <summary>What repeats the first failure.</summary>
    public string? ReplayCommand { get; init; }

    /// <summary>Its choices.</summary>
    public string? ChoiceFile { get; init; }

    /// <summary>Its trace.</summary>
    public string? TraceFile { get; init; }

    /// <summary>The page about it.</summary>
    public string? HtmlFile { get; init; }

    /// <summary>What is left of it.</summary>
    public ShrunkRun? Shrunk { get; init; }

    /// <summary>Faults that happened, by kind.</summary>
    public required IReadOnlyDictionary<string, long> Faults { get; init; }

    /// <summary>Marks reached and how often.</summary>
    public required IReadOnlyDictionary<string, long> Marks { get; init; }

    /// <summary>Marks of the registry that were never reached.</summary>
    public required IReadOnlyList<string> MarksNeverHit { get; init; }

    /// <summary>Planted bugs and how they were found; empty when that was not looked at.</summary>
    public IReadOnlyList<DetectionRow> Detection { get; init; } = [];

    /// <summary>The explorations, in the order made.</summary>
    public required IReadOnlyList<RunResult> Runs { get; init; }

    /// <summary>Sums explorations up.</summary>
    /// <param name="runs">At least one.</param>
    /// <param name="shard">Which part this is.</param>
    /// <param name="wallSeconds">Real seconds of all of it.</param>
    /// <param name="neverHit">Which marks were missed, given those that were reached.</param>
    public static CampaignResult Of(IReadOnlyList<RunResult> runs, string? shard, double wallSeconds, Func<IReadOnlyDictionary<string, long>, IReadOnlyList<string>> neverHit)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(neverHit);
        RunResult? broken = runs.FirstOrDefault(static run => run.Verdict != "clean");
        long schedules = runs.Sum(static run => run.Schedules);
        long events = runs.Sum(static run => run.Events);
        double virtualSeconds = SecondsOf(runs);
        double seconds = Math.Max(wallSeconds, 1e-6);
        SortedDictionary<string, long> marks = Sum(runs, static run => run.Marks);
        return new CampaignResult
        {
            Shard = shard,
            Scenario = broken?.Scenario ?? Only(runs, static run => run.Scenario, "all"),
            Strategy = broken?.Strategy ?? Only(runs, static run => run.Strategy, "several"),
            Seed = broken?.Seed ?? runs.Min(static run => run.Seed),
            Iterations = runs.Sum(static run => run.Iterations),
            Schedules = schedules,
            Events = events,
            Requests = runs.Sum(static run => run.Requests),
            VirtualSeconds = virtualSeconds,
            WallSeconds = wallSeconds,
            VirtualOverReal = virtualSeconds / seconds,
            SchedulesPerSecond = schedules / seconds,
            EventsPerSecond = events / seconds,
            TraceHash = HashText(runs.Aggregate(0UL, static (sum, run) => unchecked(sum + Trace.TraceHash.Mix(HashOf(run.TraceHash) ^ Trace.TraceHash.OfText($"{run.Scenario} {run.Strategy}"))))),
            Verdict = broken is null ? "clean" : "broken",
            PromiseBroken = broken?.PromiseBroken,
            Explanation = broken?.Explanation,
            ReplayCommand = broken?.ReplayCommand,
            ChoiceFile = broken?.ChoiceFile,
            TraceFile = broken?.TraceFile,
            HtmlFile = broken?.HtmlFile,
            Shrunk = broken?.Shrunk,
            Faults = Sum(runs, static run => run.Faults),
            Marks = marks,
            MarksNeverHit = neverHit(marks),
            Runs = runs,
        };
    }

    /// <summary>Puts the shards of one campaign together. For strategies that are named by seeds, the result is that of the campaign in one piece.</summary>
    public static CampaignResult Merge(IReadOnlyList<CampaignResult> shards, Func<IReadOnlyDictionary<string, long>, IReadOnlyList<string>> neverHit)
    {
        ArgumentNullException.ThrowIfNull(shards);
        RunResult[] runs = [.. shards.SelectMany(static shard => shard.Runs).GroupBy(static run => (run.Scenario, run.Strategy)).Select(static same => RunResult.Merge([.. same]))];
        return Of(runs, shard: null, shards.Max(static shard => shard.WallSeconds), neverHit) with { Detection = [.. shards.SelectMany(static shard => shard.Detection)] };
    }

    /// <summary>The result as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunResultJson.Default.CampaignResult);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not a campaign, or one of another version.</exception>
    public static CampaignResult FromJson(string json)
    {
        try
        {
            CampaignResult result = JsonSerializer.Deserialize(json, RunResultJson.Default.CampaignResult) ?? throw new InvalidDataException("the campaign is null");
            return result is { Kind: "campaign", Schema: 2 } ? result : throw new InvalidDataException($"a {result.Kind} of schema {result.Schema}, where a campaign of schema 2 is expected");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException("not a campaign: " + broken.Message, broken);
        }
    }

    internal static ulong HashOf(string text) => ulong.Parse(text, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);

    internal static string HashText(ulong hash) => hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    internal static SortedDictionary<string, long> Sum(IReadOnlyList<RunResult> runs, Func<RunResult, IReadOnlyDictionary<string, long>> counts)
    {
        var sum = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((string name, long count) in runs.SelectMany(counts))
        {
            sum[name] = sum.GetValueOrDefault(name) + count;
        }

        return sum;
    }

    /// <summary>To the microsecond, so that the order of summing does not show.</summary>
    internal static double SecondsOf(IReadOnlyList<RunResult> runs) => Math.Round(runs.Sum(static run => run.VirtualSeconds), 6);

    private static string Only(IReadOnlyList<RunResult> runs, Func<RunResult, string> name, string several)
    {
        string[] names = [.. runs.Select(name).Distinct()];
        return names.Length == 1 ? names[0] : several;
    }
}
