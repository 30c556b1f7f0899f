using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Counting;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>count</c>: what a request costs the server, counted rather than timed.</summary>
internal static class CountCommand
{
    internal static Command Make()
    {
        var server = new Option<string>("--server") { Description = "The server to start: the objectstore program or its .dll.", DefaultValueFactory = _ => ServerProgram.DefaultPath };
        var scenarios = new Option<string[]>("--scenarios") { Description = "Operations.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["put", "get", "head", "list", "delete", "mixed"] };
        var size = new Option<string>("--size") { Description = "Object size.", DefaultValueFactory = _ => "4KiB" };
        var concurrency = new Option<int[]>("--concurrency") { Description = "Clients.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 16] };
        var duration = new Option<double>("--duration") { Description = "Counted seconds of each.", DefaultValueFactory = _ => 3 };
        var markdown = new Option<string?>("--markdown") { Description = "Write the table to this file." };
        var json = new Option<string?>("--json") { Description = "Write the counts to this file." };
        var command = new Command("count", "Starts a server and counts, for each request: changes of thread, managed memory, disk calls and syncs, processor time.")
        {
            server, scenarios, size, concurrency, duration, markdown, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string temporary = Path.Combine(Path.GetTempPath(), $"objectstore-count-{Guid.NewGuid():N}");
            return await ServerRun.RunAsync(temporary, async () =>
            {
                var run = new CountRun(ServerProgram.Find(parsed.GetValue(server)!), temporary, Console.Error);
                IReadOnlyList<CountRow> rows = await run.RunAsync(
                    [.. parsed.GetValue(scenarios)!.Select(PoolScenarios.Find)],
                    SizeRange.Parse(parsed.GetValue(size)!),
                    parsed.GetValue(concurrency)!,
                    TimeSpan.FromSeconds(Math.Max(0.1, parsed.GetValue(duration))),
                    cancellation);
                string table = CountRun.Render(rows);
                if (parsed.GetValue(markdown) is { } path)
                {
                    await File.WriteAllTextAsync(path, table, cancellation);
                }

                if (parsed.GetValue(json) is { } file)
                {
                    await File.WriteAllTextAsync(file, JsonSerializer.Serialize(rows, LoadReport.Json), cancellation);
                }

                Console.Write(table);
                return rows.All(static row => row.Errors == 0) ? 0 : 1;
            });
        });
        return command;
    }
}
