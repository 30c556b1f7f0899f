using System;
using System.Collections.Generic;
using System.Linq;
using HdrHistogram;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Reporting;

/// <summary>Rate in one second of the run.</summary>
internal sealed record LoadSecond(double AtSeconds, double OperationsPerSecond);

/// <summary>A latency percentile.</summary>
internal sealed record LatencyPoint(double Percentile, double Milliseconds);

/// <summary>One operation's figures.</summary>
internal sealed record OperationReport(
    string Operation, long Count, double PerSecond, double MebibytesPerSecond, double MeanMs, IReadOnlyList<LatencyPoint> Latency, IReadOnlyDictionary<string, long> Errors);

/// <summary>The figures of a run, as JSON and as the source of the HTML page.</summary>
internal sealed record LoadReport(
    string Scenario,
    string Loop,
    int Concurrency,
    double RatePerSecond,
    string Size,
    int PoolObjects,
    int Seed,
    double Seconds,
    long Operations,
    double OperationsPerSecond,
    long Errors,
    IReadOnlyList<OperationReport> ByOperation,
    IReadOnlyList<LoadSecond> Series)
{
    internal static readonly double[] Percentiles = [50, 75, 90, 95, 99, 99.9, 99.99, 100];

    internal static LoadReport Make(LoadOptions options, IReadOnlyList<LoadMeasurement> measurements, double seconds, IReadOnlyList<LoadSecond> series)
    {
        var operations = new List<OperationReport>();
        foreach (LoadOperation operation in Enum.GetValues<LoadOperation>())
        {
            var sum = new LoadMeasurement.OperationMeasurement();
            foreach (LoadMeasurement measurement in measurements)
            {
                sum.Add(measurement[operation]);
            }

            if (sum.Latency.TotalCount > 0 || sum.Errors.Count > 0)
            {
                operations.Add(new OperationReport(
                    operation.ToString().ToUpperInvariant(),
                    sum.Latency.TotalCount,
                    sum.Latency.TotalCount / seconds,
                    sum.Bytes / seconds / (1024 * 1024),
                    sum.Latency.TotalCount == 0 ? 0 : sum.Latency.GetMean() / 1000,
                    [.. Percentiles.Select(percentile => new LatencyPoint(percentile, sum.Latency.GetValueAtPercentile(percentile) / 1000.0))],
                    sum.Errors));
            }
        }

        long count = operations.Sum(operation => operation.Count);
        return new LoadReport(
            options.Scenario.Name,
            options.RatePerSecond > 0 ? "open" : "closed",
            options.Concurrency,
            options.RatePerSecond,
            options.Size.FromBytes == options.Size.ToBytes ? $"{options.Size.FromBytes}" : $"{options.Size.FromBytes}..{options.Size.ToBytes}",
            options.PoolObjects,
            options.Seed,
            seconds,
            count,
            count / seconds,
            operations.Sum(operation => operation.Errors.Values.Sum()),
            operations,
            series);
    }
}
