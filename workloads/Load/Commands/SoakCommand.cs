using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Soak;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>soak</c>: a long run at full load that looks for leaks.</summary>
internal static class SoakCommand
{
    internal static Command Make()
    {
        var server = new Option<string>("--server") { Description = "The server to start: the objectstore program or its .dll.", DefaultValueFactory = _ => ServerProgram.DefaultPath };
        var duration = new Option<double>("--duration") { Description = "Minutes under load.", DefaultValueFactory = _ => 30 };
        var round = new Option<double>("--round") { Description = "Seconds of load between two deletions of everything.", DefaultValueFactory = _ => 60 };
        var concurrency = new Option<int>("--concurrency") { Description = "Clients.", DefaultValueFactory = _ => 16 };
        var size = new Option<string>("--size") { Description = "Object size, such as 4KiB, or 1KiB..1MiB (log-uniform).", DefaultValueFactory = _ => "1KiB..4MiB" };
        var folder = new Option<string?>("--folder") { Description = "Where data and logs go; removed after. Default: a temporary folder." };
        var seed = new Option<int>("--seed") { Description = "Repeats keys and order.", DefaultValueFactory = _ => 1 };
        var json = new Option<string?>("--json") { Description = "Write the samples to this file." };
        var command = new Command("soak", "Starts a server, loads it in rounds with everything deleted after each, and fails when memory, handles, threads or disk grow, or on any error.")
        {
            server, duration, round, concurrency, size, folder, seed, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string temporary = parsed.GetValue(folder) ?? Path.Combine(Path.GetTempPath(), $"objectstore-soak-{Guid.NewGuid():N}");
            return await ServerRun.RunAsync(temporary, async () =>
            {
                var options = new SoakOptions(
                    ServerProgram.Find(parsed.GetValue(server)!),
                    temporary,
                    TimeSpan.FromMinutes(Math.Max(0.01, parsed.GetValue(duration))),
                    TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(round))),
                    Math.Max(1, parsed.GetValue(concurrency)),
                    SizeRange.Parse(parsed.GetValue(size)!),
                    parsed.GetValue(seed));
                SoakReport report = await new SoakRun(options, Console.Out).RunAsync(cancellation);
                if (parsed.GetValue(json) is { } path)
                {
                    await File.WriteAllTextAsync(path, JsonSerializer.Serialize(report, LoadReport.Json), cancellation);
                }

                IReadOnlyList<ThresholdResult> results = new SoakVerdict().Judge(report);
                Console.WriteLine($"{report.Rounds} rounds, {report.Seconds:F0} s of load, {report.Operations} requests.");
                foreach (ThresholdResult result in results)
                {
                    Console.WriteLine(result.ToString());
                }

                return results.All(static result => result.Held) ? 0 : 1;
            });
        });
        return command;
    }
}
