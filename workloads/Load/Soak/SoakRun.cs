using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Memory;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Soak;

/// <summary>Options of a soak run.</summary>
/// <param name="Server">The server to start.</param>
/// <param name="Folder">Data and log.</param>
/// <param name="Duration">At least this much time under load.</param>
/// <param name="Round">Load between two deletions of everything.</param>
/// <param name="Concurrency">Clients.</param>
/// <param name="Sizes">Object sizes.</param>
/// <param name="Seed">Repeats keys and order.</param>
internal sealed record SoakOptions(
    ServerProgram Server, string Folder, TimeSpan Duration, TimeSpan Round, int Concurrency, SizeRange Sizes, int Seed);

/// <summary>Rounds of full load on a server of its own, each followed by the deletion of everything; memory, handles and disk are looked at all the while.</summary>
internal sealed class SoakRun(SoakOptions options, TextWriter progress)
{
    private const string Bucket = "soak";
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReclaimPatience = TimeSpan.FromSeconds(90);

    private readonly List<SoakSample> _samples = [];
    private readonly Stopwatch _elapsed = new();

    /// <exception cref="InvalidOperationException">The server does not start, or the load cannot be prepared.</exception>
    internal async Task<SoakReport> RunAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Folder);
        string data = Path.Combine(options.Folder, "data");
        // A small cache, full after a moment: a large one would grow all through the run and hide a leak or look like one.
        ServerCommand command = options.Server.Serving(options.Folder, "soak", "--log-level", "warning", "--cache", "64MiB");
        using ServerProcess server = await ServerProcess.StartAsync(command, cancellation);
        S3Endpoint endpoint = command.Endpoint;
        _elapsed.Start();
        (int rounds, double seconds, long operations, long errors) = (0, 0, 0, 0);
        for (; seconds < options.Duration.TotalSeconds; rounds++)
        {
            LoadReport round = await LoadAsync(endpoint, server.Id, data, rounds, cancellation);
            long deleted = await DeleteAllAsync(endpoint, cancellation);
            SoakSample settled = await SettleAsync(server.Id, data, cancellation);
            (seconds, operations, errors) = (seconds + round.Seconds, operations + round.Operations, errors + round.Errors);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"round {rounds + 1}: {seconds,6:F0} s of load, {round.Operations / round.Seconds,8:F0} op/s, {errors} errors; {deleted} objects deleted; memory {settled.ResidentBytes >> 20} MiB, {settled.Handles} handles, {settled.Threads} threads, disk {settled.DiskBytes >> 20} MiB"));
        }

        return new SoakReport(seconds, rounds, operations, errors, _samples);
    }

    private async Task<LoadReport> LoadAsync(S3Endpoint endpoint, int process, string data, int round, CancellationToken cancellation)
    {
        var load = LoadOptions.Full(
            PoolScenarios.Find("mixed"),
            new PoolShape { ObjectCount = 500, Sizes = options.Sizes, Prefix = string.Create(CultureInfo.InvariantCulture, $"r{round:D5}/") },
            endpoint,
            Bucket,
            options.Concurrency,
            options.Round,
            warmUp: TimeSpan.Zero,
            unchecked(options.Seed + round));
        Task<LoadReport> running = LoadRun.RunAsync(load, progress: null, onMeasuring: null, cancellation);
        while (await Task.WhenAny(running, Task.Delay(SampleInterval, cancellation)) != running)
        {
            Take("load", process, data);
        }

        return await running;
    }

    private async Task<long> DeleteAllAsync(S3Endpoint endpoint, CancellationToken cancellation)
    {
        List<string> keys = [];
        using (var client = new LiveS3Client(endpoint, TimeSpan.FromSeconds(60), content: null))
        {
            for (bool more = true; more;)
            {
                S3Result page = Demand(client.Send(new S3Operation { Verb = S3Verb.List, Bucket = Bucket, StartAfter = keys.Count > 0 ? keys[^1] : "" }), "list");
                keys.AddRange(page.Entries.Select(static entry => entry.Key));
                more = page.IsTruncated;
            }
        }

        IEnumerable<Task> workers = Enumerable.Range(0, options.Concurrency).Select(worker => Task.Factory.StartNew(
            () =>
            {
                using var client = new LiveS3Client(endpoint, TimeSpan.FromSeconds(60), content: null);
                for (int index = worker; index < keys.Count; index += options.Concurrency)
                {
                    Demand(client.Send(new S3Operation { Verb = S3Verb.Delete, Bucket = Bucket, Key = keys[index] }), "delete");
                }
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        await Task.WhenAll(workers.ToList());
        return keys.Count;
    }

    /// <summary>Waits until the files of the store have stopped shrinking.</summary>
    private async Task<SoakSample> SettleAsync(int process, string data, CancellationToken cancellation)
    {
        const int QuietSeconds = 5;
        long began = Stopwatch.GetTimestamp();
        (long least, int quiet) = (long.MaxValue, 0);
        while (quiet < QuietSeconds && Stopwatch.GetElapsedTime(began) < ReclaimPatience)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            long bytes = ServerFootprint.FilesOf(data).Bytes;
            quiet = bytes < least ? 0 : quiet + 1;
            least = Math.Min(least, bytes);
        }

        return Take("empty", process, data);
    }

    private SoakSample Take(string phase, int process, string data)
    {
        ServerFootprint now = ServerFootprint.Of(process, data);
        var sample = new SoakSample(Math.Round(_elapsed.Elapsed.TotalSeconds, 1), phase, now.ResidentBytes, now.Handles, now.Threads, now.DiskBytes);
        _samples.Add(sample);
        return sample;
    }

    private static S3Result Demand(S3Result? result, string what) =>
        result is { Ok: true } ? result : throw new InvalidOperationException($"{what}: {(result is null ? "no answer" : $"{result.Status} {result.Code}")}");
}
