using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using HdrHistogram;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Reporting;

/// <summary>Rates in one second of the run.</summary>
internal sealed record LoadSecond(double AtSeconds, double OperationsPerSecond, double MebibytesPerSecond, double ErrorsPerSecond);

/// <summary>A latency percentile.</summary>
internal sealed record LatencyPoint(double Percentile, double Milliseconds);

/// <summary>One operation's figures.</summary>
internal sealed record OperationReport(
    string Operation,
    long Count,
    double PerSecond,
    double MebibytesPerSecond,
    double EntriesPerSecond,
    double MeanMs,
    IReadOnlyList<LatencyPoint> Latency,
    IReadOnlyDictionary<string, long> Errors,
    IReadOnlyDictionary<string, long> Refusals,
    IReadOnlyDictionary<string, long> Retries)
{
    /// <summary>Latency at one of <see cref="LoadReport.Percentiles"/>.</summary>
    internal double At(double percentile) => Latency.FirstOrDefault(point => point.Percentile == percentile)?.Milliseconds ?? 0;
}

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
    IReadOnlyDictionary<string, long> Problems,
    IReadOnlyList<LoadSecond> Series)
{
    internal static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    internal static readonly double[] Percentiles = [50, 75, 90, 95, 99, 99.9, 99.99, 100];

    /// <summary>What went wrong, each kind once.</summary>
    internal IEnumerable<string> ErrorKinds() =>
        ByOperation.SelectMany(static operation => operation.Errors.Keys.Select(kind => $"{operation.Operation} {kind}")).Concat(Problems.Keys);

    internal static LoadReport Make(
        LoadOptions options, IReadOnlyList<LoadClient> clients, WorkloadMetrics metrics, double seconds, IReadOnlyList<LoadSecond> series)
    {
        var sums = new LoadMeasurement.OperationMeasurement?[Enum.GetValues<S3Verb>().Length];
        foreach (LoadClient client in clients)
        {
            client.Measurement.AddTo(sums);
        }

        var operations = new List<OperationReport>();
        foreach (S3Verb verb in Enum.GetValues<S3Verb>())
        {
            if (sums[(int)verb] is not { } sum)
            {
                continue;
            }

            long answered = sum.Latency.TotalCount;
            operations.Add(new OperationReport(
                verb.ToString().ToUpperInvariant(),
                answered,
                answered / seconds,
                sum.Bytes / seconds / (1024 * 1024),
                sum.Entries / seconds,
                answered == 0 ? 0 : sum.Latency.GetMean() / 1000,
                [.. Percentiles.Select(percentile => new LatencyPoint(percentile, answered == 0 ? 0 : sum.Latency.GetValueAtPercentile(percentile) / 1000.0))],
                sum.Errors,
                sum.Refusals,
                sum.Retries));
        }

        long count = operations.Sum(static operation => operation.Count);
        return new LoadReport(
            options.Scenario.Name,
            options.RatePerSecond > 0 ? "open" : "closed",
            options.Concurrency,
            options.RatePerSecond,
            options.Shape.Sizes.ToString(),
            options.Shape.ObjectCount,
            options.Seed,
            seconds,
            count,
            count / seconds,
            operations.Sum(static operation => operation.Errors.Values.Sum()) + metrics.Problems.Values.Sum(),
            operations,
            metrics.Problems,
            series);
    }
}
