using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>run</c>: one load scenario.</summary>
internal static class RunCommand
{
    internal static Command Make()
    {
        var scenario = new Argument<string>("scenario")
        {
            Description = string.Join("; ", PoolScenarios.All.Select(one => $"{one.Name}: {one.Description}")),
        };
        scenario.CompletionSources.Add([.. PoolScenarios.All.Select(one => one.Name)]);
        var endpoint = new Option<string[]>("--endpoint") { Description = "URL of an S3 endpoint; several are used in turn.", DefaultValueFactory = _ => ["http://127.0.0.1:9000"] };
        var accessKey = new Option<string?>("--access-key") { Description = "Default: OBJECTSTORE_ACCESS_KEY or AWS_ACCESS_KEY_ID." };
        var secretKey = new Option<string?>("--secret-key") { Description = "Default: OBJECTSTORE_SECRET_KEY or AWS_SECRET_ACCESS_KEY." };
        var region = new Option<string>("--region") { Description = "Region that requests are signed for.", DefaultValueFactory = _ => "us-east-1" };
        var bucket = new Option<string>("--bucket") { Description = "Made when missing; default load, or load-SCENARIO where that must be versioned." };
        var concurrency = new Option<int>("--concurrency") { Description = "Clients, each with a connection and one request under way.", DefaultValueFactory = _ => 16 };
        var rate = new Option<double>("--rate") { Description = "Open loop: steps a second, latency from the intended start. 0: closed loop.", DefaultValueFactory = _ => 0 };
        var ramp = new Option<double>("--ramp") { Description = "Seconds in which clients (closed loop) or the rate (open loop) grow from none to all.", DefaultValueFactory = _ => 0 };
        var duration = new Option<double>("--duration") { Description = "Measured seconds.", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before measuring.", DefaultValueFactory = _ => 2 };
        var pool = new Option<int>("--objects") { Description = "Objects prepared for gets, heads and lists; for the scenario delete, objects to delete.", DefaultValueFactory = _ => 1000 };
        var size = new Option<string>("--size") { Description = "Object size, such as 4KiB, 1MiB, or 1KiB..1MiB (log-uniform).", DefaultValueFactory = _ => "4KiB" };
        var retries = new Option<int>("--retries") { Description = "How often a request without an answer, or with a 5xx, is sent again; each is counted.", DefaultValueFactory = _ => 0 };
        var noVerify = new Option<bool>("--no-verify") { Description = "Do not compare what is read." };
        var seed = new Option<int?>("--seed") { Description = "Repeats keys and order. Default: drawn." };
        var prepared = new Option<bool>("--prepared") { Description = "The pool is there already, from a run with the same bucket, seed, size and objects: do not store it again." };
        var json = new Option<string?>("--json") { Description = "Write the figures to this file." };
        var csv = new Option<string?>("--csv") { Description = "Write the figures as a table to this file." };
        var html = new Option<string?>("--html") { Description = "Write a page with plots to this file." };
        var thresholds = new Option<string?>("--thresholds") { Description = "A file of limits (README.md, \"Thresholds\"): exit code 1 when one is broken." };
        var command = new Command("run", "Runs a load scenario, checking every byte read, and reports rates and latency percentiles.")
        {
            scenario, endpoint, accessKey, secretKey, region, bucket, concurrency, rate, ramp, duration, warmUp, pool, size, retries, noVerify, seed, prepared, json, csv, html, thresholds,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            LoadOptions options;
            Thresholds? limits;
            try
            {
                string access = parsed.GetValue(accessKey) ?? FromEnvironment("OBJECTSTORE_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "--access-key");
                string secret = parsed.GetValue(secretKey) ?? FromEnvironment("OBJECTSTORE_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "--secret-key");
                PoolScenario found = PoolScenarios.Find(parsed.GetValue(scenario)!);
                int drawn = parsed.GetValue(seed) ?? Random.Shared.Next();
                int objects = Math.Max(1, parsed.GetValue(pool));
                limits = parsed.GetValue(thresholds) is { } file ? Thresholds.Load(file) : null;
                options = new LoadOptions(
                    found,
                    new PoolShape
                    {
                        ObjectCount = objects,
                        DeleteObjectCount = found.Name == "delete" ? objects : 0,
                        Sizes = SizeRange.Parse(parsed.GetValue(size)!),
                        Prefix = string.Create(CultureInfo.InvariantCulture, $"{drawn:x8}/"),
                    },
                    [.. parsed.GetValue(endpoint)!.Select(address => new S3Endpoint(new Uri(address), access, secret, parsed.GetValue(region)!))],
                    parsed.GetValue(bucket) ?? (found.Mix.Churn > 0 ? $"load-{found.Name}" : "load"),
                    Math.Max(1, parsed.GetValue(concurrency)),
                    parsed.GetValue(rate),
                    TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(ramp))),
                    TimeSpan.FromSeconds(Math.Max(0.1, parsed.GetValue(duration))),
                    TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(warmUp))),
                    Math.Max(0, parsed.GetValue(retries)),
                    !parsed.GetValue(noVerify),
                    drawn,
                    parsed.GetValue(prepared));
            }
            catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException or IOException or JsonException)
            {
                await Console.Error.WriteLineAsync(failure.Message);
                return 2;
            }

            return await RunAsync(options, limits, parsed.GetValue(json), parsed.GetValue(csv), parsed.GetValue(html), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(LoadOptions options, Thresholds? limits, string? json, string? csv, string? html, CancellationToken cancellation)
    {
        LoadReport report;
        try
        {
            report = await LoadRun.RunAsync(options, Console.Error, onMeasuring: null, cancellation);
        }
        catch (InvalidOperationException failure)
        {
            await Console.Error.WriteLineAsync($"{failure.Message}. Is the endpoint up, and are the keys right?");
            return 1;
        }

        if (json is not null)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(report, LoadReport.Json), cancellation);
        }

        if (csv is not null)
        {
            await File.WriteAllTextAsync(csv, LoadCsv.Render(report), cancellation);
        }

        if (html is not null)
        {
            await File.WriteAllTextAsync(html, LoadHtml.Render(report), cancellation);
        }

        Console.Write(LoadText.Render(report));
        bool held = report.Errors == 0;
        foreach (ThresholdResult result in limits?.Check(report) ?? [])
        {
            Console.WriteLine(result.ToString());
            held &= result.Held;
        }

        return held ? 0 : 1;
    }

    private static string FromEnvironment(string name, string other, string option) =>
        Environment.GetEnvironmentVariable(name)
        ?? Environment.GetEnvironmentVariable(other)
        ?? throw new ArgumentException($"No key: give {option}, or set {name} or {other}.");
}
