using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Memory;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>A server of its own with one bucket of numbered objects.</summary>
internal sealed class ScalingStore : IDisposable
{
    private const string Bucket = "scaling";
    private static readonly TimeSpan FillTimeMax = TimeSpan.FromDays(7);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    private readonly ScalingOptions _options;
    private readonly TextWriter _progress;
    private readonly ServerProcess _server;
    private readonly S3Endpoint _endpoint;
    private readonly NumberedObjects _objects;
    private readonly long _emptyBytes;
    private int _runs;

    private ScalingStore(ScalingOptions options, TextWriter progress, ServerProcess server, S3Endpoint endpoint, string data)
    {
        (_options, _progress, _server, _endpoint, Data) = (options, progress, server, endpoint, data);
        _objects = new NumberedObjects(options.Sizes);
        _emptyBytes = ServerFootprint.FilesOf(data).Bytes;
    }

    /// <summary>Folder of its data.</summary>
    internal string Data { get; }

    /// <summary>Its process.</summary>
    internal int Process => _server.Id;

    /// <summary>Objects in the bucket.</summary>
    internal int Count => _objects.Count;

    /// <summary>Bytes of the files beyond what the empty store had.</summary>
    internal long GrownBytes(long diskBytes) => Math.Max(0, diskBytes - _emptyBytes);

    /// <summary>Starts a server with an empty store and warms it.</summary>
    /// <param name="options">Of the run.</param>
    /// <param name="folder">Data and log.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    internal static async Task<ScalingStore> StartAsync(ScalingOptions options, string folder, TextWriter progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        ServerCommand command = options.Server.Serving(folder, "scaling", "--log-level", "warning");
        ServerProcess server = await ServerProcess.StartAsync(command, cancellation);
        try
        {
            await WarmAsync(options, command.Endpoint, cancellation);
            return new ScalingStore(options, progress, server, command.Endpoint, Path.Combine(folder, "data"));
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose() => _server.Dispose();

    /// <summary>Puts objects until there are so many.</summary>
    /// <returns>Objects a second.</returns>
    /// <exception cref="InvalidOperationException">An object could not be stored.</exception>
    internal async Task<double> FillAsync(int end, CancellationToken cancellation)
    {
        int first = _objects.Count;
        Task<LoadReport> running = LoadAsync(NumberedStep.Put, end, _options.FillConcurrency, FillTimeMax, TimeSpan.Zero, cancellation);
        long began = Stopwatch.GetTimestamp();
        (long last, int before) = (began, first);
        while (await Task.WhenAny(running, Task.Delay(ProgressInterval, cancellation)) != running)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = _objects.Count;
            double recent = (count - before) / Stopwatch.GetElapsedTime(last).TotalSeconds;
            double mean = (count - first) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            (last, before) = (Stopwatch.GetTimestamp(), count);
            await _progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"filling: {count:N0} of {end:N0} objects, {recent:N0} a second, {(mean > 0 ? $"{TimeSpan.FromSeconds(Math.Min((end - count) / mean, 1e9)):d\\.hh\\:mm\\:ss} to go" : "no end in sight")}"));
        }

        LoadReport filled = await running;
        return filled.Errors == 0 ? filled.OperationsPerSecond : throw new InvalidOperationException($"filling failed: {string.Join("; ", filled.ErrorKinds())}");
    }

    /// <summary>Waits for the server to come to rest.</summary>
    internal Task<(bool CameToRest, double Seconds)> RestAsync(CancellationToken cancellation) =>
        ServerRest.WaitAsync(Process, Data, _options.RestPatience, cancellation);

    /// <summary>Reads the files of the rows once, so that the system holds in its page cache what fits there. Without it gets of the larger plateaus would measure how cold that cache is.</summary>
    internal async Task WarmFilesAsync(CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 20];
        foreach (string file in Directory.EnumerateFiles(Data, "run-*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
            while (await stream.ReadAsync(buffer, cancellation) > 0)
            {
                // What counts is that it was read.
            }
        }
    }

    /// <param name="step">What clients do.</param>
    /// <param name="end">Puts end when there are so many objects.</param>
    /// <param name="concurrency">Clients.</param>
    /// <param name="duration">Measured time.</param>
    /// <param name="warmUp">Before it.</param>
    /// <param name="cancellation">Ends it early.</param>
    internal Task<LoadReport> LoadAsync(NumberedStep step, int end, int concurrency, TimeSpan duration, TimeSpan warmUp, CancellationToken cancellation)
    {
        var load = LoadOptions.Full(
            PoolScenarios.Find(step.ToString().ToLowerInvariant()),
            new PoolShape { ObjectCount = _objects.Count, Sizes = _options.Sizes },
            _endpoint,
            Bucket,
            concurrency,
            duration,
            warmUp,
            unchecked(_options.Seed + _runs++));
        return LoadRun.RunAsync(load, new NumberedWorkload(_objects, step, end), progress: null, onMeasuring: null, cancellation);
    }

    /// <summary>All that is measured, in a bucket of its own: until the runtime has compiled it for good, the server is slower than it will be.</summary>
    private static async Task WarmAsync(ScalingOptions options, S3Endpoint endpoint, CancellationToken cancellation)
    {
        foreach (string scenario in (string[])["mixed", "list", "put"])
        {
            var shape = new PoolShape { Sizes = options.Sizes, Prefix = scenario };
            var load = LoadOptions.Full(PoolScenarios.Find(scenario), shape, endpoint, "warm-up", options.Concurrency, options.Duration, options.Duration, options.Seed);
            await LoadRun.RunAsync(load, progress: null, onMeasuring: null, cancellation);
        }
    }
}
