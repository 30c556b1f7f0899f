using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace ObjectStore.Sim.Mutants;

/// <summary>The detection table: planted bugs, whether and how soon each was found.</summary>
public sealed record ScoreTable
{
    private const int SaidLengthMax = 160;

    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Version of the form.</summary>
    public int Version { get; init; } = 1;

    /// <summary>All scores, by class and name, strategies side by side.</summary>
    public required IReadOnlyList<Score> Scores { get; init; }

    /// <summary>What the engine with no bug active broke in the same build; empty: nothing.</summary>
    public required IReadOnlyList<string> CleanEngineBroke { get; init; }

    /// <summary>Runs of the engine with no bug active.</summary>
    public required long CleanRuns { get; init; }

    /// <summary>Real time of all, in seconds.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Real time of the search alone, in seconds: without building the engine, making counterexamples small, and runs without a bug.</summary>
    public double SearchSeconds { get; init; }

    /// <summary>Whether every bug was found and nothing was found where there is none.</summary>
    public bool IsWhole => CleanEngineBroke.Count == 0 && Scores.All(static score => score.Found && score.AlsoWithoutIt is null);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static ScoreTable FromJson(string text) => JsonSerializer.Deserialize<ScoreTable>(text, Form)!;

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Form);

    /// <summary>One line about all.</summary>
    public string Summary()
    {
        string strategies = string.Join("; ", Scores.GroupBy(static score => score.Strategy)
            .Select(static group => $"{group.Key}: {group.Count(static score => score.Found)} of {group.Count()} planted bugs found in every exploration, "
                + $"{group.Sum(static score => score.FoundCount)} of {group.Sum(static score => score.Detections.Count)} explorations"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{strategies}; {Scores.Select(static score => score.Class).Distinct().Count()} classes; engine without a bug: {CleanRuns} runs, "
            + $"{(CleanEngineBroke.Count == 0 ? "clean" : $"BROKEN {CleanEngineBroke.Count} times")}{Counterexamples()}; searched in {SearchSeconds:0} s, {WallSeconds:0} s of real time in all, {Scores.Sum(static score => score.ProcessorSeconds):0} s of processor time");
    }

    private string Counterexamples()
    {
        Counterexample[] shrunk = [.. Scores.Select(static score => score.Smallest).OfType<Counterexample>().OrderBy(static one => one.Events)];
        return shrunk.Length == 0
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"; {shrunk.Length} counterexamples shrunk, to {shrunk[shrunk.Length / 2].Events} events in the median and {shrunk[^1].Events} at most, "
                + $"{shrunk.Count(static one => one.Minimal)} until nothing could go, within {shrunk.Max(static one => one.WallSeconds):0} s each");
    }

    /// <summary>As a page of Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# Planted bugs and how soon they are found\n\n").Append(Summary()).Append(".\n\n");
        string[] strategies = [.. Scores.Select(static score => score.Strategy).Distinct()];
        if (strategies.Length > 1)
        {
            AppendSideBySide(text, strategies);
        }

        foreach (IGrouping<string, Score> group in Scores.GroupBy(static score => score.Strategy))
        {
            text.Append(CultureInfo.InvariantCulture, $"## Strategy {group.Key}\n\n| class | bug | found | median | p95 | budget | CPU s | shrunk to events | promise seen broken | what the checker said |\n|---|---|---|---|---|---|---|---|---|---|\n");
            foreach (Score score in group)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {score.Class} | **{score.Name}**: {Cell(score.Title)} | {score.FoundCount}/{score.Detections.Count} | {Count(score.Median)} | {Count(score.P95)} | {score.Budget} | "
                    + $"{score.ProcessorSeconds:0} | {(score.Smallest is { } small ? $"{small.Events} of {small.EventsBefore}" : "")} | {string.Join(", ", score.Promises)} | {Cell(score.Detections.FirstOrDefault(static one => one.Found)?.Said ?? "")} |\n");
            }

            text.Append('\n');
        }

        foreach (string broke in CleanEngineBroke.Concat(Scores.Where(static score => score.AlsoWithoutIt is not null).Select(static score => $"{score.Name}: {score.AlsoWithoutIt}")))
        {
            text.Append(CultureInfo.InvariantCulture, $"- Broken without a bug: {Cell(broke)}\n");
        }

        return text.ToString();
    }

    private void AppendSideBySide(StringBuilder text, string[] strategies)
    {
        text.Append("| strategy | bugs found in every exploration | explorations that found | sum of medians (what was not found counts its budget) | CPU s |\n|---|---|---|---|---|\n");
        foreach (string strategy in strategies)
        {
            Score[] own = [.. Scores.Where(score => score.Strategy == strategy)];
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {strategy} | {own.Count(static score => score.Found)} of {own.Length} | {own.Sum(static score => score.FoundCount)} of {own.Sum(static score => score.Detections.Count)} | "
                + $"{own.Sum(static score => score.Median ?? score.Budget)} | {own.Sum(static score => score.ProcessorSeconds):0} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nMedian schedules to detection:\n\n| bug | {string.Join(" | ", strategies)} |\n|---|{string.Concat(strategies.Select(static _ => "---|"))}\n");
        foreach (IGrouping<string, Score> bug in Scores.GroupBy(static score => score.Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {bug.Key} | {string.Join(" | ", strategies.Select(strategy => Count(bug.FirstOrDefault(score => score.Strategy == strategy)?.Median)))} |\n");
        }

        text.Append('\n');
    }

    private static string Count(long? schedules) => schedules?.ToString(CultureInfo.InvariantCulture) ?? "not found";

    private static string Cell(string text)
    {
        string line = text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ').Replace('<', '(').Replace('>', ')');
        return line.Length > SaidLengthMax ? line[..SaidLengthMax] + "…" : line;
    }
}
