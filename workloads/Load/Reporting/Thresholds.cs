using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ObjectStore.Workloads.Load.Reporting;

/// <summary>One limit of a run.</summary>
/// <param name="Metric"><c>operationsPerSecond</c>, <c>mebibytesPerSecond</c>, <c>entriesPerSecond</c>, <c>errors</c>, <c>retries</c>, <c>meanMs</c>, or a percentile such as <c>p99</c> (ms).</param>
/// <param name="Operation">Such as <c>GET</c>; null is all together, for rates and errors.</param>
/// <param name="Min">At least this.</param>
/// <param name="Max">At most this.</param>
internal sealed record Threshold(string Metric, string? Operation, double? Min, double? Max);

/// <summary>What became of a limit.</summary>
internal sealed record ThresholdResult(string Name, double Value, double? Min, double? Max)
{
    internal bool Held => !double.IsNaN(Value) && (Min is not { } min || Value >= min) && (Max is not { } max || Value <= max);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Held ? "held  " : "BROKEN")} {Name}: {Value:G6}{(Min is { } min ? $" (at least {min:G6})" : "")}{(Max is { } max ? $" (at most {max:G6})" : "")}");
}

/// <summary>Limits that turn a run into pass or fail.</summary>
internal sealed class Thresholds(IReadOnlyList<Threshold> limits)
{
    /// <summary>Reads <c>{"thresholds": [{"metric": "p99", "operation": "GET", "max": 5}]}</c>.</summary>
    /// <exception cref="FormatException">The file is no list of limits.</exception>
    internal static Thresholds Load(string path)
    {
        Document? document = JsonSerializer.Deserialize<Document>(File.ReadAllText(path), LoadReport.Json);
        if (document?.Thresholds is not { Count: > 0 } limits || limits.Any(static limit => limit.Metric is null || (limit.Min ?? limit.Max) is null))
        {
            throw new FormatException($"{path}: every threshold needs a metric and a min or a max");
        }

        return new Thresholds(limits);
    }

    /// <summary>Holds a run to the limits. A metric or an operation that is not in the run breaks its limit.</summary>
    internal IReadOnlyList<ThresholdResult> Check(LoadReport report) =>
        [.. limits.Select(limit => new ThresholdResult($"{limit.Operation ?? "all"} {limit.Metric}", Measure(report, limit), limit.Min, limit.Max))];

    private static double Measure(LoadReport report, Threshold limit)
    {
        OperationReport[] chosen = [.. report.ByOperation.Where(operation => limit.Operation is null || string.Equals(operation.Operation, limit.Operation, StringComparison.OrdinalIgnoreCase))];
        if (chosen.Length == 0)
        {
            return double.NaN;
        }

        return limit.Metric switch
        {
            "operationsPerSecond" => chosen.Sum(static operation => operation.PerSecond),
            "mebibytesPerSecond" => chosen.Sum(static operation => operation.MebibytesPerSecond),
            "entriesPerSecond" => chosen.Sum(static operation => operation.EntriesPerSecond),
            "errors" when limit.Operation is null => report.Errors,
            "errors" => chosen.Sum(static operation => operation.Errors.Values.Sum()),
            "retries" => chosen.Sum(static operation => operation.Retries.Values.Sum()),
            "meanMs" => chosen.Max(static operation => operation.MeanMs),
            ['p', .. string percentile] when double.TryParse(percentile, NumberStyles.Float, CultureInfo.InvariantCulture, out double wanted)
                && LoadReport.Percentiles.Contains(wanted) => chosen.Max(operation => operation.At(wanted)),
            _ => double.NaN,
        };
    }

    private sealed record Document(IReadOnlyList<Threshold> Thresholds);
}
