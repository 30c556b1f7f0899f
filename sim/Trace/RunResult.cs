using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ObjectStore.Sim.Trace;

/// <summary>What is left of a failing run.</summary>
/// <param name="Events">Requests of clients and faults, crashes among them.</param>
/// <param name="EventsBefore">The same of the run as it was found.</param>
/// <param name="Requests">Requests of clients.</param>
/// <param name="Minimal">No request and no fault can go; false: time ran out.</param>
/// <param name="Runs">Runs made to find it.</param>
/// <param name="WallSeconds">Real seconds.</param>
/// <param name="ChoiceFile">What replays it.</param>
public sealed record ShrunkRun(long Events, long EventsBefore, long Requests, bool Minimal, long Runs, double WallSeconds, string ChoiceFile);

/// <summary>What <c>--json FILE</c> holds: one exploration or replay. Field names are part of the interface of the command line.</summary>
public sealed record RunResult
{
    /// <summary>Version of this schema.</summary>
    public int Schema { get; init; } = 2;

    /// <summary>Which scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>The first seed of the exploration, or the one replayed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Who answered: <c>seed</c>, <c>seed-pct</c>, <c>random</c>, <c>portfolio</c>, <c>pct</c>, <c>q-learning</c>, <c>replay</c>.</summary>
    public required string Strategy { get; init; }

    /// <summary>Runs made.</summary>
    public required long Iterations { get; init; }

    /// <summary>Different runs among them.</summary>
    public required long Schedules { get; init; }

    /// <summary>Steps of all runs.</summary>
    public required long Events { get; init; }

    /// <summary>Virtual seconds of all runs.</summary>
    public required double VirtualSeconds { get; init; }

    /// <summary>Real seconds.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Hash over all runs, 16 hexadecimal digits.</summary>
    public required string TraceHash { get; init; }

    /// <summary><c>clean</c> or <c>broken</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>The promise that was broken.</summary>
    public string? PromiseBroken { get; init; }

    /// <summary>How it was broken.</summary>
    public string? Explanation { get; init; }

    /// <summary>What repeats the failing run.</summary>
    public string? ReplayCommand { get; init; }

    /// <summary>Where the choices of the failing run are.</summary>
    public string? ChoiceFile { get; init; }

    /// <summary>Where the trace of the failing run is.</summary>
    public string? TraceFile { get; init; }

    /// <summary>Where the page about the failing run is.</summary>
    public string? HtmlFile { get; init; }

    /// <summary>What is left of the failing run after shrinking; null when it was not shrunk.</summary>
    public ShrunkRun? Shrunk { get; init; }

    /// <summary>Requests that clients made.</summary>
    public long Requests { get; init; }

    /// <summary>Faults that happened, by kind.</summary>
    public IReadOnlyDictionary<string, long> Faults { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>The trace hashes of all different runs, 8 bytes each in ascending order; only in results of shards, which are to be merged.</summary>
    public byte[]? ScheduleHashes { get; init; }

    /// <summary>Marks reached and how often.</summary>
    public IReadOnlyDictionary<string, long> Marks { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Puts the results of shards of one exploration together; the failure with the lowest seed is the one that is told.</summary>
    internal static RunResult Merge(IReadOnlyList<RunResult> shards)
    {
        RunResult first = shards.Where(static shard => shard.Verdict != "clean").MinBy(static shard => shard.Seed) ?? shards.MinBy(static shard => shard.Seed)!;
        if (shards.Count == 1)
        {
            return first with { ScheduleHashes = null };
        }

        return first with
        {
            Iterations = shards.Sum(static shard => shard.Iterations),
            Schedules = Different(shards),
            Events = shards.Sum(static shard => shard.Events),
            Requests = shards.Sum(static shard => shard.Requests),
            VirtualSeconds = CampaignResult.SecondsOf(shards),
            WallSeconds = shards.Max(static shard => shard.WallSeconds),
            TraceHash = CampaignResult.HashText(shards.Aggregate(0UL, static (sum, shard) => unchecked(sum + CampaignResult.HashOf(shard.TraceHash)))),
            Marks = CampaignResult.Sum(shards, static shard => shard.Marks),
            Faults = CampaignResult.Sum(shards, static shard => shard.Faults),
            ScheduleHashes = null,
        };
    }

    /// <summary>The form of <see cref="ScheduleHashes"/>.</summary>
    public static byte[] Pack(IEnumerable<ulong> hashes)
    {
        ulong[] sorted = [.. hashes.Order()];
        byte[] packed = new byte[sorted.Length * sizeof(ulong)];
        for (int index = 0; index < sorted.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(packed.AsSpan(index * sizeof(ulong)), sorted[index]);
        }

        return packed;
    }

    /// <summary>How many different runs; without the hashes of all shards, what they counted themselves.</summary>
    private static long Different(IReadOnlyList<RunResult> shards)
    {
        if (shards.Any(static shard => shard.ScheduleHashes is null))
        {
            return shards.Sum(static shard => shard.Schedules);
        }

        var all = new HashSet<ulong>();
        foreach (RunResult shard in shards)
        {
            for (int index = 0; index + sizeof(ulong) <= shard.ScheduleHashes!.Length; index += sizeof(ulong))
            {
                all.Add(BinaryPrimitives.ReadUInt64LittleEndian(shard.ScheduleHashes.AsSpan(index)));
            }
        }

        return all.Count;
    }

    /// <summary>The result as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunResultJson.Default.RunResult);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is not a result.</exception>
    public static RunResult FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RunResultJson.Default.RunResult) ?? throw new InvalidDataException("the result is null");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException("not a result: " + broken.Message, broken);
        }
    }
}

/// <summary>Source-generated serialisation, so that the names are fixed at build time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(CampaignResult))]
internal sealed partial class RunResultJson : JsonSerializerContext;
