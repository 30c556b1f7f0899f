using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>Prepares a pool, warms up, measures, adds up.</summary>
internal static class LoadRun
{
    private static TileContent? _content;

    /// <summary>Runs it.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">A line every few seconds; null for none.</param>
    /// <param name="onMeasuring">Called when measuring begins (true) and ends (false).</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">The bucket could not be made, or the pool not be stored.</exception>
    internal static Task<LoadReport> RunAsync(LoadOptions options, TextWriter? progress, Action<bool>? onMeasuring, CancellationToken cancellation) =>
        RunAsync(options, options.Scenario.Make(options.Shape), progress, onMeasuring, cancellation);

    /// <summary>The same with another workload than that of the scenario, which only names it.</summary>
    internal static async Task<LoadReport> RunAsync(
        LoadOptions options, IWorkload workload, TextWriter? progress, Action<bool>? onMeasuring, CancellationToken cancellation)
    {
        LiveBucket.Prepare(options.Endpoints[0], options.Bucket, workload.Versioning);
        var metrics = new WorkloadMetrics();
        TileContent content = ContentFor(Math.Max(options.Shape.Sizes.ToBytes, options.Scenario.Mix.Upload > 0 ? options.Shape.PartSizeBytes : 0));
        LoadClient[] clients = [.. Enumerable.Range(0, options.Concurrency).Select(number => new LoadClient(options, workload, content, metrics, number))];
        try
        {
            if (!options.IsPrepared)
            {
                await JoinAsync(clients.Select(static client => client.StartPreparing()));
            }

            if (metrics.Problems.Count > 0 || clients.Any(static client => client.Failure is not null))
            {
                throw new InvalidOperationException(
                    string.Join("; ", metrics.Problems.Keys.Concat(clients.Select(static client => client.Failure?.Message ?? "").Where(static text => text.Length > 0).Distinct())));
            }

            return await MeasureAsync(options, clients, metrics, progress, onMeasuring, cancellation);
        }
        finally
        {
            foreach (LoadClient client in clients)
            {
                client.Dispose();
            }
        }
    }

    private static TileContent ContentFor(int sizeBytesMax) =>
        _content is { } made && sizeBytesMax <= made.SizeBytesMax ? made : _content = new TileContent(sizeBytesMax);

    private static async Task<LoadReport> MeasureAsync(
        LoadOptions options, LoadClient[] clients, WorkloadMetrics metrics, TextWriter? progress, Action<bool>? onMeasuring, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // What is counted out, and what has nothing before it, is measured from the first request on.
        bool isCounted = options.Shape.DeleteObjectCount > 0 || options.WarmUp <= TimeSpan.Zero;
        if (isCounted)
        {
            Measure(true);
        }

        var elapsed = Stopwatch.StartNew();
        Thread[] running = [.. clients.Select(client => client.StartSteps(stop.Token))];
        if (!isCounted)
        {
            await Task.Delay(options.WarmUp, cancellation);
            elapsed.Restart();
            Measure(true);
        }

        Task ended = JoinAsync(running);
        var series = new List<LoadSecond>();
        var before = new Totals(0, 0, 0);
        TimeSpan at = TimeSpan.Zero;
        while (elapsed.Elapsed < options.Duration && !ended.IsCompleted)
        {
            TimeSpan next = TimeSpan.FromSeconds(Math.Min(series.Count + 1, options.Duration.TotalSeconds));

            // Delays are of whole milliseconds and may end early: a point of the series for what is left of the second would have no operation in it.
            while (next - elapsed.Elapsed is { Ticks: > 0 } wait && !ended.IsCompleted)
            {
                await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), cancellation));
                cancellation.ThrowIfCancellationRequested();
            }

            TimeSpan now = elapsed.Elapsed;
            Totals totals = Totals.Of(clients);
            double seconds = Math.Max(1e-6, (now - at).TotalSeconds);
            series.Add(new LoadSecond(
                now.TotalSeconds, (totals.Answered - before.Answered) / seconds, (totals.Bytes - before.Bytes) / seconds / (1 << 20), (totals.Failed - before.Failed) / seconds));
            (before, at) = (totals, now);
            if (progress is not null && series.Count % 5 == 0)
            {
                await progress.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.TotalSeconds,5:F0} s  {series[^1].OperationsPerSecond,10:F0} op/s  {series[^1].MebibytesPerSecond,8:F1} MiB/s  {totals.Failed} errors"));
            }
        }

        double measured = elapsed.Elapsed.TotalSeconds;
        Measure(false);
        await stop.CancelAsync();
        await ended;
        foreach (LoadClient client in clients)
        {
            if (client.Failure is { } failure)
            {
                metrics.Report($"client failed: {failure.GetType().Name}: {failure.Message}");
            }
        }

        return LoadReport.Make(options, clients, metrics, measured, series);

        void Measure(bool measuring)
        {
            foreach (LoadClient client in clients)
            {
                client.Measurement.Measuring = measuring;
            }

            onMeasuring?.Invoke(measuring);
        }
    }

    private static Task JoinAsync(IEnumerable<Thread> threads)
    {
        Thread[] all = [.. threads];
        return Task.Factory.StartNew(
            () =>
            {
                foreach (Thread thread in all)
                {
                    thread.Join();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private readonly record struct Totals(long Answered, long Bytes, long Failed)
    {
        internal static Totals Of(LoadClient[] clients) => new(
            clients.Sum(static client => client.Measurement.Answered),
            clients.Sum(static client => client.Measurement.Bytes),
            clients.Sum(static client => client.Measurement.Failed));
    }
}
