using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Compare;

/// <summary>A limit on cells of the grid.</summary>
/// <param name="Name">What it says.</param>
/// <param name="Scenario">Cells of this operation; null for all.</param>
/// <param name="Size">Cells of this size; null for all.</param>
/// <param name="Concurrency">Cells of this many clients; null for all.</param>
/// <param name="Measure"><c>rate</c> (operations a second), <c>ratePerServerCore</c> (operations per second of server CPU), <c>keysPerSecond</c>, <c>errors</c>.</param>
/// <param name="RelativeTo">
/// A server (<c>ceiling</c>, <c>log</c>, <c>ceph</c>): what it did in the same cell; or a limit of the machine: <c>commits</c>, <c>diskOrMd5</c> (the slower), <c>commitsOrCeiling</c>
/// (the slower: a put over HTTP passes the log and Kestrel); null for the bare value.
/// </param>
/// <param name="Of"><c>worst</c>, <c>median</c> or <c>best</c> of the cells.</param>
/// <param name="Min">At least this.</param>
/// <param name="Max">At most this.</param>
internal sealed record GridRule(
    string Name, string? Scenario, string? Size, int? Concurrency, string Measure, string? RelativeTo, string Of, double? Min, double? Max);

/// <summary>Limits that turn a comparison into pass or fail.</summary>
internal sealed class GridRules(IReadOnlyList<GridRule> rules)
{
    /// <summary>Reads <c>{"rules": [...]}</c>.</summary>
    /// <exception cref="FormatException">The file is no list of rules.</exception>
    internal static GridRules Load(string path)
    {
        Document? document = JsonSerializer.Deserialize<Document>(File.ReadAllText(path), LoadReport.Json);
        if (document?.Rules is not { Count: > 0 } rules || rules.Any(static rule => rule.Measure is null || rule.Of is null || (rule.Min ?? rule.Max) is null))
        {
            throw new FormatException($"{path}: every rule needs a measure, an 'of', and a min or a max");
        }

        return new GridRules(rules);
    }

    /// <summary>Holds a comparison to the rules. A rule that finds no cell, or not what it is relative to, is reported as not measured and does not hold.</summary>
    internal IReadOnlyList<ThresholdResult> Check(CompareReport report) => [.. rules.Select(rule => new ThresholdResult(rule.Name, Value(report, rule), rule.Min, rule.Max))];

    private static double Value(CompareReport report, GridRule rule)
    {
        double[] values = [.. report.Cells
            .Where(cell => cell.Server == PeerServer.Store
                && (rule.Scenario is null || rule.Scenario == cell.Scenario)
                && (rule.Size is null || rule.Size == cell.Size)
                && (rule.Concurrency is null || rule.Concurrency == cell.Concurrency))
            .Select(cell => Measure(cell, rule.Measure) / Base(report, cell, rule))
            .Order()];
        if (values.Length == 0 || values.Any(double.IsNaN))
        {
            return double.NaN;
        }

        bool lowIsWorst = rule.Min is not null;
        return rule.Of switch
        {
            "worst" => lowIsWorst ? values[0] : values[^1],
            "best" => lowIsWorst ? values[^1] : values[0],
            "median" => values[values.Length / 2],
            _ => double.NaN,
        };
    }

    private static double Measure(CompareCell cell, string measure) => measure switch
    {
        "rate" => cell.OperationsPerSecond,
        "ratePerServerCore" => 1e6 / cell.ServerCpuMicroseconds,
        "keysPerSecond" => cell.KeysPerSecond,
        "errors" => cell.Errors,
        _ => double.NaN,
    };

    private static double Base(CompareReport report, CompareCell cell, GridRule rule) => rule.RelativeTo switch
    {
        null => 1,
        "commits" => Commits(report, cell),
        "commitsOrCeiling" => Math.Min(Commits(report, cell), Peer(report, cell, rule, PeerServer.Ceiling)),
        "diskOrMd5" => Math.Min(report.Limits.DiskMebibytesPerSecond, report.Limits.Md5MebibytesPerSecond)
            / (cell.MebibytesPerSecond / cell.OperationsPerSecond),
        string server => Peer(report, cell, rule, server),
    };

    private static double Commits(CompareReport report, CompareCell cell) =>
        report.Limits.CommitsPerSecond.TryGetValue(cell.Concurrency, out double commits) ? commits : double.NaN;

    // A peer that did nothing was not measured: to be ahead of it proves nothing.
    private static double Peer(CompareReport report, CompareCell cell, GridRule rule, string server) =>
        report.Cells.FirstOrDefault(other => other.Server == server && other.Scenario == cell.Scenario && other.Size == cell.Size && other.Concurrency == cell.Concurrency)
            is { OperationsPerSecond: > 0 } peer
            ? Measure(peer, rule.Measure)
            : double.NaN;

    private sealed record Document(IReadOnlyList<GridRule> Rules);
}
