using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Compare;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>compare</c>: the store, servers that do next to nothing, and Ceph, under the same client in the same run.</summary>
internal static class CompareCommand
{
    internal static Command Make()
    {
        var server = new Option<string>("--server") { Description = "The store: the objectstore program or its .dll.", DefaultValueFactory = _ => ServerProgram.DefaultPath };
        var ceiling = new Option<string>("--ceiling") { Description = "The do-nothing server: its program or .dll (dotnet build workloads/Ceiling -c Release).", DefaultValueFactory = _ => Beside("ObjectStore.Workloads.Ceiling", "ceiling.dll") };
        var ceph = new Option<string>("--ceph") { Description = "The script that starts Ceph.", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "peers", "ceph.sh") };
        var only = new Option<string[]>("--servers") { Description = "Which to measure: the store, Kestrel doing nothing, Kestrel that makes what is put durable and does nothing else (puts only), Ceph RGW.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [PeerServer.Store, PeerServer.Ceiling, PeerServer.Log, PeerServer.Ceph] };
        only.AcceptOnlyFromAmong(PeerServer.Store, PeerServer.Ceiling, PeerServer.Log, PeerServer.Ceph);
        var scenarios = new Option<string[]>("--scenarios") { Description = "Operations.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["put", "get", "head", "list", "delete", "mixed"] };
        var sizes = new Option<string[]>("--sizes") { Description = "Object sizes.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["4KiB", "64KiB", "1MiB", "10MiB"] };
        var concurrency = new Option<int[]>("--concurrency") { Description = "Clients.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 16, 64] };
        var repetitions = new Option<int>("--repetitions") { Description = "Runs of each cell; the median counts.", DefaultValueFactory = _ => 5 };
        var duration = new Option<double>("--duration") { Description = "Measured seconds of a run.", DefaultValueFactory = _ => 2 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before measuring.", DefaultValueFactory = _ => 0.5 };
        var folder = new Option<string?>("--folder") { Description = "Where data and logs go; removed after. Default: a temporary folder." };
        var seed = new Option<int>("--seed") { Description = "Repeats keys and order.", DefaultValueFactory = _ => 1 };
        var rules = new Option<string?>("--rules") { Description = "Limits on the grid; exit code 1 when one is broken. Default: none; the project's are in workloads/Load/Compare/rules.json." };
        var markdown = new Option<string?>("--markdown") { Description = "Write the table to this file." };
        var json = new Option<string?>("--json") { Description = "Write all figures to this file." };
        var command = new Command("compare", "Measures the store beside servers that do nothing, or nothing but make puts durable, and beside Ceph RGW, by operation, size and concurrency.")
        {
            server, ceiling, ceph, only, scenarios, sizes, concurrency, repetitions, duration, warmUp, folder, seed, rules, markdown, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string temporary = parsed.GetValue(folder) ?? Path.Combine(Path.GetTempPath(), $"objectstore-compare-{Guid.NewGuid():N}");
            try
            {
                var options = new CompareOptions(
                    [.. parsed.GetValue(scenarios)!.Select(PoolScenarios.Find)],
                    [.. parsed.GetValue(sizes)!.Select(SizeRange.Parse)],
                    parsed.GetValue(concurrency)!,
                    Math.Max(1, parsed.GetValue(repetitions)),
                    TimeSpan.FromSeconds(Math.Max(0.1, parsed.GetValue(duration))),
                    TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(warmUp))),
                    parsed.GetValue(seed),
                    temporary);
                GridRules? limits = parsed.GetValue(rules) is { } file ? GridRules.Load(file) : null;
                Directory.CreateDirectory(temporary);
                (CompareReport report, IReadOnlyList<ThresholdResult> results) = await RunAsync(
                    options, limits, parsed.GetValue(only)!, parsed.GetValue(server)!, parsed.GetValue(ceiling)!, parsed.GetValue(ceph)!, cancellation);
                string page = CompareMarkdown.Render(report, results);
                await WriteAsync(parsed.GetValue(markdown), page);
                await WriteAsync(parsed.GetValue(json), JsonSerializer.Serialize(report, LoadReport.Json));
                Console.Write(page);
                return results.All(static result => result.Held) && report.Cells.All(static cell => cell is { Errors: 0, OperationsPerSecond: > 0 }) ? 0 : 1;
            }
            catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException or JsonException or FileNotFoundException)
            {
                await Console.Error.WriteLineAsync(failure.Message);
                return 2;
            }
            finally
            {
                if (Directory.Exists(temporary))
                {
                    Directory.Delete(temporary, recursive: true);
                }
            }
        });
        return command;
    }

    private static async Task<(CompareReport Report, IReadOnlyList<ThresholdResult> Results)> RunAsync(
        CompareOptions options, GridRules? limits, string[] only, string server, string ceiling, string ceph, CancellationToken cancellation)
    {
        var servers = new List<PeerServer>();
        var skipped = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (only.Contains(PeerServer.Store))
            {
                servers.Add(await PeerServer.StartStoreAsync(Existing(server, "engine/Host"), options.Folder, cancellation));
            }

            if (only.Contains(PeerServer.Ceiling))
            {
                servers.Add(await PeerServer.StartCeilingAsync(Existing(ceiling, "workloads/Ceiling"), options.Folder, cancellation));
            }

            if (only.Contains(PeerServer.Log))
            {
                servers.Add(await PeerServer.StartLogAsync(Existing(ceiling, "workloads/Ceiling"), options.Folder, cancellation));
            }

            if (only.Contains(PeerServer.Ceph))
            {
                (PeerServer? peer, string reason) = await PeerServer.StartCephAsync(ceph, options.Folder, cancellation);
                if (peer is null)
                {
                    skipped.Add(PeerServer.Ceph, reason);
                    await Console.Error.WriteLineAsync($"SKIPPED {PeerServer.Ceph}: {reason}");
                }
                else
                {
                    servers.Add(peer);
                }
            }

            CompareReport report = await new CompareRun(options, servers, Console.Error).RunAsync(skipped, cancellation);
            return (report, limits?.Check(report) ?? []);
        }
        finally
        {
            foreach (PeerServer started in servers)
            {
                started.Dispose();
            }
        }
    }

    private static string Existing(string program, string project) =>
        File.Exists(program) ? program : throw new FileNotFoundException($"There is no server at '{program}'. Build it: dotnet build {project} -c Release.");

    private static Task WriteAsync(string? path, string text) => path is null ? Task.CompletedTask : File.WriteAllTextAsync(path, text);

    private static string Beside(string project, string program) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), program));
}
