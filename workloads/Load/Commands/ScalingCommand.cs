using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Memory;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Scaling;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>scaling</c>: the same operations in a bucket of ten thousand objects and of ten million.</summary>
internal static class ScalingCommand
{
    private const int ObjectsMax = 1_000_000_000;

    internal static Command Make()
    {
        var server = new Option<string>("--server") { Description = "The server to start: the objectstore program or its .dll.", DefaultValueFactory = _ => ServerProgram.DefaultPath };
        var objects = new Option<int[]>("--objects") { Description = "Plateaus: numbers of objects at which to measure, rising.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10_000, 100_000, 1_000_000, 10_000_000] };
        var size = new Option<string>("--size") { Description = "Object size, such as 1KiB, or 100..4KiB (log-uniform). Free disk space is checked first: three times body and row of the largest plateau, 43 GiB for ten million of 1KiB.", DefaultValueFactory = _ => "1KiB" };
        var concurrency = new Option<int>("--concurrency") { Description = "Clients while measuring.", DefaultValueFactory = _ => 16 };
        var fillConcurrency = new Option<int>("--fill-concurrency") { Description = "Clients while filling.", DefaultValueFactory = _ => 64 };
        var repetitions = new Option<int>("--repetitions") { Description = "Runs of each operation at each plateau; the median counts.", DefaultValueFactory = _ => 5 };
        var duration = new Option<double>("--duration") { Description = "Measured seconds of a run.", DefaultValueFactory = _ => 3 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before measuring gets and listings; 0.15 at most before puts, which add to the bucket.", DefaultValueFactory = _ => 0.5 };
        var rest = new Option<double>("--rest") { Description = "Seconds to wait at most until the server has come to rest after filling; then it is measured as it is, and the table says so.", DefaultValueFactory = _ => 300 };
        var within = new Option<double>("--within") { Description = "Percent that the slowest plateau's rate of puts, and of gets, may lie below the fastest one's: slowest over fastest >= 1 - within/100. Rates are shares of those of a small store measured in turn.", DefaultValueFactory = _ => 20 };
        var listMin = new Option<double>("--list-min") { Description = "Keys a second of listings at each plateau of a million objects or more.", DefaultValueFactory = _ => 200_000 };
        var memoryMax = new Option<string>("--memory-max") { Description = "Resident memory that the server must never pass.", DefaultValueFactory = _ => "2GiB" };
        var folder = new Option<string?>("--folder") { Description = "Where data and logs go, on the disk that is to be measured; removed after. Default: a temporary folder." };
        var seed = new Option<int>("--seed") { Description = "Repeats what is drawn.", DefaultValueFactory = _ => 1 };
        var markdown = new Option<string?>("--markdown") { Description = "Write the table to this file." };
        var json = new Option<string?>("--json") { Description = "Write all figures to this file." };
        var command = new Command("scaling", "Starts a server, grows one bucket from plateau to plateau, and fails when puts, gets or listings become slow or memory grows with it.")
        {
            server, objects, size, concurrency, fillConcurrency, repetitions, duration, warmUp, rest, within, listMin, memoryMax, folder, seed, markdown, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string temporary = parsed.GetValue(folder) ?? Path.Combine(Path.GetTempPath(), $"objectstore-scaling-{Guid.NewGuid():N}");
            if (Directory.Exists(temporary) && Directory.EnumerateFileSystemEntries(temporary).Any())
            {
                await Console.Error.WriteLineAsync($"{temporary} is not empty, and is removed after: give another --folder.");
                return 2;
            }

            return await ServerRun.RunAsync(temporary, async () =>
            {
                var options = new ScalingOptions(
                    ServerProgram.Find(parsed.GetValue(server)!),
                    temporary,
                    Plateaus(parsed.GetValue(objects)!),
                    SizeRange.Parse(parsed.GetValue(size)!),
                    Math.Max(1, parsed.GetValue(concurrency)),
                    Math.Max(1, parsed.GetValue(fillConcurrency)),
                    Math.Max(1, parsed.GetValue(repetitions)),
                    TimeSpan.FromSeconds(Math.Max(0.1, parsed.GetValue(duration))),
                    TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(warmUp))),
                    TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(rest))),
                    parsed.GetValue(seed));
                var verdict = new ScalingVerdict(parsed.GetValue(within), parsed.GetValue(listMin), ByteSize.Parse(parsed.GetValue(memoryMax)!));
                Directory.CreateDirectory(temporary);
                if (DiskNeed.Missing(temporary, DiskNeed.Of(options.Plateaus[^1] + options.Plateaus[0], options.Sizes, measuredPerObject: 0)) is { Length: > 0 } missing)
                {
                    throw new ArgumentException($"{missing}: ask for fewer or smaller objects, or give another --folder.");
                }

                return await RunAsync(options, verdict, parsed.GetValue(markdown), parsed.GetValue(json), cancellation);
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(ScalingOptions options, ScalingVerdict verdict, string? markdown, string? json, CancellationToken cancellation)
    {
        ScalingReport report = await new ScalingRun(options, Console.Error).RunAsync(cancellation);
        IReadOnlyList<ThresholdResult> results = verdict.Judge(report);
        string page = ScalingMarkdown.Render(report, results);
        if (markdown is not null)
        {
            await File.WriteAllTextAsync(markdown, page, CancellationToken.None);
        }

        if (json is not null)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(report, LoadReport.Json), CancellationToken.None);
        }

        Console.Write(page);
        return results.All(static result => result.Held) ? 0 : 1;
    }

    private static int[] Plateaus(int[] objects) =>
        objects.Length > 0 && objects[0] > 0 && objects[^1] <= ObjectsMax && objects.Zip(objects.Skip(1)).All(static pair => pair.First < pair.Second)
            ? objects
            : throw new ArgumentException($"--objects must rise, from 1 to {ObjectsMax}");
}
