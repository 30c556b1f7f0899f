using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Counting;

/// <summary>One row: what a request of a scenario costs the server.</summary>
internal sealed record CountRow(string Scenario, int Concurrency, double OperationsPerSecond, long Errors, ServerCounts PerRequest);

/// <summary>Counts what each request costs a server of its own: changes of thread, allocations, disk calls, processor time.</summary>
/// <remarks>But for the processor time these are counts and not times: other work on the machine hardly changes them.</remarks>
internal sealed class CountRun(ServerProgram server, string folder, TextWriter progress)
{
    /// <exception cref="InvalidOperationException">The server does not start, or the load cannot be prepared.</exception>
    internal async Task<IReadOnlyList<CountRow>> RunAsync(
        IReadOnlyList<PoolScenario> scenarios, SizeRange size, IReadOnlyList<int> concurrency, TimeSpan duration, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        ServerCommand command = server.Serving(folder, "count", "--log-level", "warning");
        using ServerProcess process = await ServerProcess.StartAsync(command, cancellation);
        var rows = new List<CountRow>();
        foreach (PoolScenario scenario in scenarios)
        {
            foreach (int clients in concurrency)
            {
                ServerCounts? before = null;
                ServerCounts? after = null;
                LoadReport report = await LoadRun.RunAsync(
                    Options(scenario, size, clients, duration, command.Endpoint, rows.Count),
                    progress: null,
                    measuring =>
                    {
                        if (measuring)
                        {
                            before = ServerCounts.Take(process.Id, command.Address);
                        }
                        else
                        {
                            after = ServerCounts.Take(process.Id, command.Address);
                        }
                    },
                    cancellation);
                rows.Add(new CountRow(scenario.Name, clients, report.OperationsPerSecond, report.Errors, after!.Since(before!, report.Operations)));
                await progress.WriteLineAsync($"{scenario.Name}, {clients} clients: done");
            }
        }

        return rows;
    }

    /// <summary>The rows as a Markdown table.</summary>
    internal static string Render(IEnumerable<CountRow> rows)
    {
        var text = new StringBuilder("| operation | clients | op/s | CPU µs | sleeps of a thread | preemptions | managed bytes | disk writes | bytes written | disk reads | syncs |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (CountRow row in rows)
        {
            ServerCounts each = row.PerRequest;
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {row.Scenario} | {row.Concurrency} | {row.OperationsPerSecond:F0}{(row.Errors > 0 ? $" ({row.Errors} errors)" : "")} | {each.CpuSeconds * 1e6:F1} | {each.Sleeps:F2} | {each.Preemptions:F2} | {each.AllocatedBytes:F0} | {each.DiskWrites:F3} | {each.DiskWrittenBytes:F0} | {each.DiskReads:F3} | {each.DiskSyncs:F3} |\n");
        }

        return text.ToString();
    }

    private static LoadOptions Options(PoolScenario scenario, SizeRange size, int clients, TimeSpan duration, S3Endpoint endpoint, int number) => new(
        scenario,
        new PoolShape
        {
            ObjectCount = (int)Math.Clamp((256L << 20) / size.ToBytes, 16, 1000),
            DeleteObjectCount = scenario.Name == "delete" ? (int)Math.Clamp((1L << 30) / size.ToBytes, clients, 30_000) : 0,
            Sizes = size,
            Prefix = string.Create(CultureInfo.InvariantCulture, $"n{number:D3}/"),
        },
        [endpoint],
        "count",
        clients,
        RatePerSecond: 0,
        Ramp: TimeSpan.Zero,
        duration,
        WarmUp: TimeSpan.FromSeconds(1),
        RetryCountMax: 0,
        Verify: true,
        Seed: number);
}
