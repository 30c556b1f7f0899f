using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Http;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>Prepares a pool, warms up, measures, adds up.</summary>
internal static class LoadRun
{
    internal static async Task<LoadReport> RunAsync(LoadOptions options, TextWriter progress, CancellationToken cancellation)
    {
        S3HttpClient[] clients = [.. options.Endpoints.Select(endpoint => new S3HttpClient(endpoint, TimeSpan.FromSeconds(60)))];
        try
        {
            using (S3Answer created = await clients[0].CreateBucketAsync(options.Bucket, cancellation))
            {
                if (!created.Ok && created.Status != HttpStatusCode.Conflict)
                {
                    throw new InvalidOperationException($"bucket {options.Bucket} could not be created: {(int)created.Status} {created.Failure}");
                }
            }

            string[] pool = [.. Enumerable.Range(0, options.PoolObjects).Select(index => $"pool/{options.Seed}/{index:D8}")];
            LoadMeasurement[] measurements = [.. Enumerable.Range(0, options.Concurrency).Select(_ => new LoadMeasurement())];
            LoadWorker[] workers = [.. measurements.Select((measurement, number) =>
                new LoadWorker(options, clients[number % clients.Length], number, pool, measurement))];
            await PrepareAsync(workers, pool, progress, cancellation);
            return await MeasureAsync(options, workers, measurements, progress, cancellation);
        }
        finally
        {
            foreach (S3HttpClient client in clients)
            {
                client.Dispose();
            }
        }
    }

    private static async Task PrepareAsync(LoadWorker[] workers, string[] pool, TextWriter progress, CancellationToken cancellation)
    {
        int next = -1;
        await Task.WhenAll(workers.Select(worker => Task.Run(
            async () =>
            {
                while (!cancellation.IsCancellationRequested)
                {
                    int index = Interlocked.Increment(ref next);
                    if (index >= pool.Length)
                    {
                        return;
                    }

                    await worker.PrepareAsync(pool[index]);
                }
            },
            cancellation)).ToArray());
        await progress.WriteLineAsync($"prepared {pool.Length} objects");
    }

    private static async Task<LoadReport> MeasureAsync(
        LoadOptions options, LoadWorker[] workers, LoadMeasurement[] measurements, TextWriter progress, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        double rate = options.RatePerSecond / options.Concurrency;
        Task[] running = [.. workers.Select(worker => Task.Run(() => rate > 0 ? worker.RunOpenAsync(rate, stop.Token) : worker.RunClosedAsync(stop.Token), cancellation))];
        await Task.Delay(options.WarmUp, cancellation);
        foreach (LoadMeasurement measurement in measurements)
        {
            measurement.Measuring = true;
        }

        var series = new List<LoadSecond>();
        var elapsed = Stopwatch.StartNew();
        long before = 0;
        TimeSpan at = TimeSpan.Zero;
        while (elapsed.Elapsed < options.Duration)
        {
            TimeSpan next = TimeSpan.FromSeconds(Math.Min(series.Count + 1, options.Duration.TotalSeconds));
            TimeSpan wait = next - elapsed.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellation);
            }

            long answered = measurements.Sum(measurement => measurement.Answered);
            TimeSpan now = elapsed.Elapsed;
            series.Add(new LoadSecond(now.TotalSeconds, (answered - before) / (now - at).TotalSeconds));
            (before, at) = (answered, now);
            if (series.Count % 5 == 0)
            {
                await progress.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.TotalSeconds,5:F0} s  {series[^1].OperationsPerSecond,10:F0} op/s  {measurements.Sum(measurement => measurement.Failed)} errors"));
            }
        }

        foreach (LoadMeasurement measurement in measurements)
        {
            measurement.Measuring = false;
        }

        double seconds = elapsed.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return LoadReport.Make(options, measurements, seconds, series);
    }
}
