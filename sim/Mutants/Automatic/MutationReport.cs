using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace ObjectStore.Sim.Mutants;

/// <summary>What became of one mutation.</summary>
/// <param name="Mutation">The change.</param>
/// <param name="Score">What the exploration said.</param>
/// <param name="EquivalentBecause">Why a person calls it no bug; null: nobody did.</param>
public sealed record MutationResult(Mutation Mutation, Score Score, string? EquivalentBecause)
{
    /// <summary>Some exploration saw a promise broken.</summary>
    public bool Killed => Score.FoundCount > 0;

    /// <summary>How it stands, in a word or two.</summary>
    public string Standing => Killed ? "killed" : EquivalentBecause is not null ? "equivalent" : Score.Ran ? "unnoticed" : "never ran";
}

/// <summary>The score of the mutations that a machine made, and those that survived.</summary>
public sealed record MutationReport
{
    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Version of the form.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What the sample was drawn with.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How many mutations there were to choose from.</summary>
    public required int Points { get; init; }

    /// <summary>How many were drawn and did not compile.</summary>
    public required int NotCompiling { get; init; }

    /// <summary>All that were explored.</summary>
    public required IReadOnlyList<MutationResult> Results { get; init; }

    /// <summary>What the engine with no mutation active broke in the same build; empty: nothing.</summary>
    public required IReadOnlyList<string> CleanEngineBroke { get; init; }

    /// <summary>Runs of the engine with no mutation active.</summary>
    public required long CleanRuns { get; init; }

    /// <summary>Real time of all, in seconds.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Those that no exploration saw.</summary>
    public IEnumerable<MutationResult> Survivors => Results.Where(static one => !one.Killed);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static MutationReport FromJson(string text) => JsonSerializer.Deserialize<MutationReport>(text, Form)!;

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Form);

    /// <summary>One line about all.</summary>
    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count("killed")} of {Results.Count} mutations killed; survivors: {Count("unnoticed")} ran and nothing was noticed, {Count("never ran")} lie in bodies that never ran, {Count("equivalent")} "
        + $"are known to change nothing; drawn from {Points} with seed {Seed}, {NotCompiling} more did not compile; engine without one: {CleanRuns} runs, "
        + $"{(CleanEngineBroke.Count == 0 ? "clean" : $"BROKEN {CleanEngineBroke.Count} times")}; {WallSeconds:0} s of real time, {Results.Sum(static one => one.Score.ProcessorSeconds):0} s of processor time");

    /// <summary>The survivors, one to a line.</summary>
    public IEnumerable<string> SurvivorLines() => Survivors.OrderBy(static one => one.Standing, StringComparer.Ordinal).Select(static one =>
        $"{one.Standing,-10} {one.Mutation.Name} in {one.Mutation.Member}: {one.Mutation.Before}  ->  {one.Mutation.After}{(one.EquivalentBecause is { } why ? $" ({why})" : "")}");

    /// <summary>As a page of Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# Mutations that a machine made, and those that survive\n\n").Append(Summary()).Append(".\n\n");
        AppendTotals(text, "area", static one => MutationArea.Of(one.Mutation.File)?.Folder ?? "elsewhere");
        AppendTotals(text, "kind", static one => one.Mutation.Kind);
        AppendTotals(text, "promise that was seen broken first", static one => one.Score.Promises.Count > 0 ? one.Score.Promises[0] : "(none)");
        text.Append("## Survivors\n\nEach is a blind spot of scenarios, workloads or checkers, or changes nothing that was promised.\n\n| place | member | kind | before | after | |\n|---|---|---|---|---|---|\n");
        foreach (MutationResult one in Survivors)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Place(one)} | {one.Mutation.Member} | {one.Mutation.Kind} | {Code(one.Mutation.Before)} | {Code(one.Mutation.After)} | {one.Standing}{(one.EquivalentBecause is { } why ? $": {why}" : "")} |\n");
        }

        text.Append("\n## Killed\n\n| place | kind | before | after | found | schedules | CPU s | promise seen broken |\n|---|---|---|---|---|---|---|---|\n");
        foreach (MutationResult one in Results.Where(static one => one.Killed))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Place(one)} | {one.Mutation.Kind} | {Code(one.Mutation.Before)} | {Code(one.Mutation.After)} | {one.Score.FoundCount}/{one.Score.Detections.Count} | "
                + $"{one.Score.Detections.Where(static seen => seen.Found).Min(static seen => seen.Schedules)} | {one.Score.ProcessorSeconds:0} | {string.Join(", ", one.Score.Promises)} |\n");
        }

        foreach (string broke in CleanEngineBroke)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- Broken without a mutation: {Code(broke)}\n");
        }

        return text.ToString();
    }

    private int Count(string standing) => Results.Count(one => one.Standing == standing);

    private void AppendTotals(StringBuilder text, string head, Func<MutationResult, string> key)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {head} | mutations | killed | unnoticed | never ran | equivalent |\n|---|---|---|---|---|---|\n");
        foreach (IGrouping<string, MutationResult> group in Results.GroupBy(key).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {group.Key} | {group.Count()} | {Of("killed")} | {Of("unnoticed")} | {Of("never ran")} | {Of("equivalent")} |\n");

            int Of(string standing) => group.Count(one => one.Standing == standing);
        }

        text.Append('\n');
    }

    private static string Place(MutationResult one) => $"{one.Mutation.File["engine/".Length..]}:{one.Mutation.Line}";

    private static string Code(string text) => $"`{text.Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal)}`";
}
