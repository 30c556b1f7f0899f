using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Compare;

/// <summary>Measures every cell of the grid on every server in turn, repetition by repetition, so that what disturbs the machine disturbs all alike.</summary>
internal sealed class CompareRun(CompareOptions options, IReadOnlyList<PeerServer> servers, TextWriter progress)
{
    /// <summary>Objects that are read: few enough to be in the memory of every server that keeps what is asked for, as the ceiling does.</summary>
    private const long PoolBytesMax = 64L * 1024 * 1024;
    private const long DeleteBytesMax = 512L * 1024 * 1024;

    private static readonly TimeSpan MixedWarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ScenarioWarmUp = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(string Server, string Size, int Concurrency), double> _putRates = [];
    private readonly HashSet<(string Server, string Prefix)> _prepared = [];
    private readonly SortedDictionary<string, string> _skipped = new(StringComparer.Ordinal);
    private int _runs;

    /// <summary>Measures all cells.</summary>
    /// <param name="absent">Servers that are not there, and why. A peer that no longer answers joins them: what was measured until then counts.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="InvalidOperationException">Our store no longer answers.</exception>
    internal async Task<CompareReport> RunAsync(IReadOnlyDictionary<string, string> absent, CancellationToken cancellation)
    {
        foreach ((string server, string reason) in absent)
        {
            _skipped.Add(server, reason);
        }

        RunOrigin origin = await RunOrigin.TakeAsync();
        await progress.WriteLineAsync("measuring the machine's limits");
        MachineLimits limits = MachineLimits.Measure(options.Folder, options.Concurrency);
        foreach (PeerServer server in servers)
        {
            await WarmAsync(server, cancellation);
        }

        var cells = new List<CompareCell>();
        foreach (SizeRange size in options.Sizes)
        {
            // Puts first: their rates say how many objects a run of deletes needs.
            foreach (PoolScenario scenario in options.Scenarios.OrderBy(static scenario => scenario.Name == "put" ? 0 : 1))
            {
                foreach (int concurrency in options.Concurrency)
                {
                    cells.AddRange(await MeasureAsync(scenario, size, concurrency, cancellation));
                }
            }
        }

        return new CompareReport(origin.Machine, origin.Commit, origin.StartedUtc, origin.LoadBefore, options.Repetitions, options.Duration.TotalSeconds, _skipped, limits, cells);
    }

    /// <summary>In a bucket of its own: until the runtime has compiled it for good, a server is slower than it will be, and the first cells would be those of its start.</summary>
    private async Task WarmAsync(PeerServer server, CancellationToken cancellation)
    {
        await progress.WriteLineAsync($"warming {server.Name}");
        await WarmAsync(server, PoolScenarios.Find("mixed"), MixedWarmUp, cancellation);

        // Deleting ends with what it made: the mix has deletes.
        foreach (PoolScenario scenario in options.Scenarios.Where(scenario => scenario.Name is not "mixed" and not "delete" && IsMeasured(server, scenario)))
        {
            await WarmAsync(server, scenario, ScenarioWarmUp, cancellation);
        }
    }

    private async Task WarmAsync(PeerServer server, PoolScenario scenario, TimeSpan duration, CancellationToken cancellation)
    {
        var load = LoadOptions.Full(
            scenario,
            new PoolShape { ObjectCount = 100, Sizes = new SizeRange(4096, 4096), Prefix = $"warm-up-{scenario.Name}/" },
            server.Endpoint,
            "warm-up",
            options.Concurrency.Max(),
            duration,
            warmUp: TimeSpan.Zero,
            options.Seed);
        await LoadRun.RunAsync(load, progress: null, onMeasuring: null, cancellation);
    }

    private static bool IsMeasured(PeerServer server, PoolScenario scenario) => server.Name switch
    {
        PeerServer.Ceiling => scenario.Name != "list",
        PeerServer.Log => scenario.Name == "put",
        _ => true,
    };

    private async Task<List<CompareCell>> MeasureAsync(PoolScenario scenario, SizeRange size, int concurrency, CancellationToken cancellation)
    {
        var runs = servers.ToDictionary(static server => server.Name, static _ => new List<(LoadReport Report, double Cpu)>(), StringComparer.Ordinal);
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (PeerServer server in servers)
            {
                if (!IsMeasured(server, scenario) || _skipped.ContainsKey(server.Name))
                {
                    continue;
                }

                try
                {
                    runs[server.Name].Add(await RunAsync(server, scenario, size, concurrency, cancellation));
                }
                catch (InvalidOperationException failure) when (server.Name != PeerServer.Store)
                {
                    string reason = string.Create(CultureInfo.InvariantCulture, $"since {scenario.Name} of {size} with {concurrency} clients: {failure.Message}");
                    _skipped.Add(server.Name, reason);
                    runs[server.Name].Clear();
                    await progress.WriteLineAsync($"SKIPPED {server.Name}: {reason}");
                }
            }
        }

        var cells = new List<CompareCell>();
        foreach (PeerServer server in servers.Where(server => runs[server.Name].Count > 0))
        {
            List<(LoadReport Report, double Cpu)> ordered = [.. runs[server.Name].OrderBy(static run => run.Report.OperationsPerSecond)];
            (LoadReport median, double cpu) = ordered[ordered.Count / 2];
            _putRates[(server.Name, size.ToString(), concurrency)] = scenario.Name == "put" ? median.OperationsPerSecond : _putRates.GetValueOrDefault((server.Name, size.ToString(), concurrency));
            var cell = new CompareCell(
                server.Name,
                scenario.Name,
                size.ToString(),
                concurrency,
                median.OperationsPerSecond,
                median.ByOperation.Sum(static operation => operation.MebibytesPerSecond),
                median.ByOperation.Sum(static operation => operation.EntriesPerSecond),
                median.Operations == 0 ? 0 : cpu * 1e6 / median.Operations,
                median.ByOperation.Count == 0 ? 0 : median.ByOperation.Max(static operation => operation.At(50)),
                median.ByOperation.Count == 0 ? 0 : median.ByOperation.Max(static operation => operation.At(99)),
                ordered.Sum(static run => run.Report.Errors),
                [.. runs[server.Name].Select(static run => Math.Round(run.Report.OperationsPerSecond, 1))]);
            cells.Add(cell);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{scenario.Name,-8} {size,-6} c={concurrency,-3} {server.Name,-8} {cell.OperationsPerSecond,9:F0} op/s {cell.MebibytesPerSecond,8:F1} MiB/s  p50 {cell.P50Ms:F2} p99 {cell.P99Ms:F2} ms  {cell.ServerCpuMicroseconds,7:F1} µs of server CPU an operation{(cell.Errors > 0 ? $"  {cell.Errors} ERRORS" : "")}"));
        }

        return cells;
    }

    private async Task<(LoadReport Report, double Cpu)> RunAsync(
        PeerServer server, PoolScenario scenario, SizeRange size, int concurrency, CancellationToken cancellation)
    {
        int number = _runs++;
        double putRate = _putRates.GetValueOrDefault((server.Name, size.ToString(), concurrency));
        int deletes = (int)Math.Clamp(Math.Min(putRate * options.Duration.TotalSeconds, DeleteBytesMax / size.ToBytes), concurrency * 2, 50_000);

        // What is only read is stored once and read by all runs; what runs change is their own.
        bool isOnlyRead = scenario.Name is "get" or "head" or "list";
        string prefix = isOnlyRead ? $"{(scenario.Name == "list" ? "list" : "read")}-{size}/" : string.Create(CultureInfo.InvariantCulture, $"r{number:D5}/");
        var shape = new PoolShape
        {
            ObjectCount = scenario.Name == "list" ? 1000 : (int)Math.Clamp(PoolBytesMax / size.ToBytes, 4, 1000),
            DeleteObjectCount = scenario.Name == "delete" ? deletes : 0,
            Sizes = scenario.Name == "list" ? new SizeRange(16, 16) : size,
            Prefix = prefix,
        };
        LoadOptions run = LoadOptions.Full(
            scenario,
            shape,
            server.Endpoint,
            "compare",
            concurrency,
            scenario.Name == "delete" ? TimeSpan.FromSeconds(60) : options.Duration,
            options.WarmUp,
            isOnlyRead ? options.Seed : unchecked(options.Seed + number)) with
        {
            IsPrepared = isOnlyRead && !_prepared.Add((server.Name, prefix)),
        };
        double before = 0;
        double cpu = 0;
        LoadReport report = await LoadRun.RunAsync(
            run,
            progress: null,
            measuring =>
            {
                if (measuring)
                {
                    before = server.CpuSeconds();
                }
                else
                {
                    cpu = server.CpuSeconds() - before;
                }
            },
            cancellation);
        return (report, cpu);
    }
}
