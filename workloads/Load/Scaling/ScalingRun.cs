using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Memory;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>Fills one bucket of a server of its own from plateau to plateau, and measures the same operations at each.</summary>
/// <remarks>
/// Listings and gets come first, over exactly the plateau's objects, then puts, which add to the bucket. Measured puts take at most half of the way to the next plateau
/// (a run ends early when its share is used up), so that each plateau has the size that was asked for.
/// </remarks>
internal sealed class ScalingRun(ScalingOptions options, TextWriter progress)
{
    private const string Bucket = "scaling";
    private static readonly TimeSpan FillTimeMax = TimeSpan.FromDays(7);

    /// <summary>Connecting and the first requests of each client are not measured. Short, and the same everywhere: the smallest plateau has room for few puts.</summary>
    private static readonly TimeSpan PutWarmUpMax = TimeSpan.FromSeconds(0.15);

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    private readonly NumberedObjects _objects = new(options.Sizes);
    private int _runs;

    /// <exception cref="InvalidOperationException">The server does not start, or an object could not be stored while filling.</exception>
    internal async Task<ScalingReport> RunAsync(CancellationToken cancellation)
    {
        RunOrigin origin = await RunOrigin.TakeAsync();
        string data = Path.Combine(options.Folder, "data");
        ServerCommand command = options.Server.Serving(options.Folder, "scaling", "--log-level", "warning");
        using ServerProcess server = await ServerProcess.StartAsync(command, cancellation);
        S3Endpoint endpoint = command.Endpoint;
        await WarmServerAsync(endpoint, cancellation);
        long emptyBytes = ServerFootprint.FilesOf(data).Bytes;
        var plateaus = new List<ScalingPlateau>();
        string stopped = "";
        for (int index = 0; index < options.Plateaus.Count; index++)
        {
            int wanted = options.Plateaus[index];
            double perObject = plateaus.Count == 0 ? 0 : plateaus[^1].DiskBytesPerObject;
            stopped = DiskNeed.Missing(options.Folder, DiskNeed.Of(wanted - _objects.Count, options.Sizes, perObject));
            if (stopped.Length > 0)
            {
                await progress.WriteLineAsync($"stopped before {wanted} objects: {stopped}");
                break;
            }

            double fill = await FillAsync(endpoint, wanted, cancellation);
            int putsEnd = index + 1 < options.Plateaus.Count ? wanted + ((options.Plateaus[index + 1] - wanted) / 2) : int.MaxValue;
            plateaus.Add(await MeasureAsync(endpoint, server.Id, data, emptyBytes, fill, putsEnd, cancellation));
        }

        return new ScalingReport(
            origin, options.Sizes.ToString(), options.Concurrency, options.Repetitions, options.Duration.TotalSeconds, options.Plateaus, stopped, plateaus);
    }

    /// <summary>All that is measured, in a bucket of its own: until the runtime has compiled it for good, the server is slower than it will be.</summary>
    private async Task WarmServerAsync(S3Endpoint endpoint, CancellationToken cancellation)
    {
        await progress.WriteLineAsync("warming the server");
        foreach (string scenario in (string[])["mixed", "list", "put"])
        {
            var load = new LoadOptions(
                PoolScenarios.Find(scenario),
                new PoolShape { Sizes = options.Sizes, Prefix = scenario },
                [endpoint],
                "warm-up",
                options.Concurrency,
                RatePerSecond: 0,
                Ramp: TimeSpan.Zero,
                options.Duration,
                options.Duration,
                RetryCountMax: 0,
                Verify: true,
                options.Seed);
            await LoadRun.RunAsync(load, progress: null, onMeasuring: null, cancellation);
        }
    }

    /// <summary>Reads the files of the rows once, so that the system holds in its page cache what fits there. Without it gets of the larger plateaus would measure how cold that cache is.</summary>
    private static async Task WarmFilesAsync(string data, CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 20];
        foreach (string file in Directory.EnumerateFiles(data, "run-*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
            while (await stream.ReadAsync(buffer, cancellation) > 0)
            {
                // What counts is that it was read.
            }
        }
    }

    /// <returns>Objects a second.</returns>
    private async Task<double> FillAsync(S3Endpoint endpoint, int end, CancellationToken cancellation)
    {
        int first = _objects.Count;
        Task<LoadReport> running = LoadAsync(endpoint, NumberedStep.Put, end, options.FillConcurrency, FillTimeMax, TimeSpan.Zero, cancellation);
        long began = Stopwatch.GetTimestamp();
        (long last, int before) = (began, first);
        while (await Task.WhenAny(running, Task.Delay(ProgressInterval, cancellation)) != running)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = _objects.Count;
            double recent = (count - before) / Stopwatch.GetElapsedTime(last).TotalSeconds;
            double mean = (count - first) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            (last, before) = (Stopwatch.GetTimestamp(), count);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"filling: {count:N0} of {end:N0} objects, {recent:N0} a second, {(mean > 0 ? $"{TimeSpan.FromSeconds(Math.Min((end - count) / mean, 1e9)):d\\.hh\\:mm\\:ss} to go" : "no end in sight")}"));
        }

        LoadReport filled = await running;
        return filled.Errors == 0 ? filled.OperationsPerSecond : throw new InvalidOperationException($"filling failed: {string.Join("; ", ErrorsOf(filled))}");
    }

    private async Task<ScalingPlateau> MeasureAsync(
        S3Endpoint endpoint, int process, string data, long emptyBytes, double fill, int putsEnd, CancellationToken cancellation)
    {
        (bool cameToRest, double rest) = await ServerRest.WaitAsync(process, data, options.RestPatience, cancellation);
        ServerFootprint atRest = ServerFootprint.Of(process, data);
        await WarmFilesAsync(data, cancellation);
        int objects = _objects.Count;
        var all = new List<LoadReport>();
        ScalingMeasure list = await MedianAsync(NumberedStep.List, putsEnd: 0);
        ScalingMeasure get = await MedianAsync(NumberedStep.Get, putsEnd: 0);
        ScalingMeasure put = await MedianAsync(NumberedStep.Put, putsEnd);
        var plateau = new ScalingPlateau(
            objects,
            _objects.Count,
            fill,
            rest,
            cameToRest,
            put,
            get,
            list,
            atRest.ResidentBytes,
            ServerFootprint.Of(process, data).ResidentBytesMost,
            atRest.Handles,
            atRest.Files,
            atRest.DiskBytes,
            Math.Max(0, atRest.DiskBytes - emptyBytes) / (double)objects,
            all.Sum(static report => report.Errors),
            [.. all.SelectMany(ErrorsOf).Distinct()]);
        await progress.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{objects:N0} objects: PUT {put.PerSecond:N0}/s, GET {get.PerSecond:N0}/s, LIST {list.PerSecond:N0} keys/s, {plateau.Errors} errors; memory {atRest.ResidentBytes >> 20} MiB, disk {atRest.DiskBytes >> 20} MiB"));
        return plateau;

        async Task<ScalingMeasure> MedianAsync(NumberedStep step, int putsEnd)
        {
            var runs = new List<LoadReport>();
            for (int repetition = 0; repetition < options.Repetitions; repetition++)
            {
                int end = putsEnd == int.MaxValue ? putsEnd : _objects.Count + ((putsEnd - _objects.Count) / (options.Repetitions - repetition));
                TimeSpan warmUp = step == NumberedStep.Put && options.WarmUp > PutWarmUpMax ? PutWarmUpMax : options.WarmUp;
                runs.Add(await LoadAsync(endpoint, step, end, options.Concurrency, options.Duration, warmUp, cancellation));
            }

            all.AddRange(runs);
            LoadReport median = runs.OrderBy(Rate).ElementAt(runs.Count / 2);
            OperationReport? operation = median.ByOperation.Count == 0 ? null : median.ByOperation[0];
            return new ScalingMeasure(Rate(median), operation?.At(50) ?? 0, operation?.At(99) ?? 0, [.. runs.Select(Rate).Select(static rate => Math.Round(rate, 1))]);

            double Rate(LoadReport report) => step == NumberedStep.List ? report.ByOperation.Sum(static operation => operation.EntriesPerSecond) : report.OperationsPerSecond;
        }
    }

    private Task<LoadReport> LoadAsync(
        S3Endpoint endpoint, NumberedStep step, int end, int concurrency, TimeSpan duration, TimeSpan warmUp, CancellationToken cancellation)
    {
        var load = new LoadOptions(
            PoolScenarios.Find(step.ToString().ToLowerInvariant()),
            new PoolShape { ObjectCount = _objects.Count, Sizes = options.Sizes },
            [endpoint],
            Bucket,
            concurrency,
            RatePerSecond: 0,
            Ramp: TimeSpan.Zero,
            duration,
            warmUp,
            RetryCountMax: 0,
            Verify: true,
            unchecked(options.Seed + _runs++));
        return LoadRun.RunAsync(load, new NumberedWorkload(_objects, step, end), progress: null, onMeasuring: null, cancellation);
    }

    private static IEnumerable<string> ErrorsOf(LoadReport report) =>
        report.ByOperation.SelectMany(static operation => operation.Errors.Keys.Select(kind => $"{operation.Operation} {kind}")).Concat(report.Problems.Keys);
}
