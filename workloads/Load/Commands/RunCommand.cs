using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Http;
using ObjectStore.Workloads.Load.Reporting;
using ObjectStore.Workloads.Load.Running;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>run</c>: one load scenario.</summary>
internal static class RunCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    internal static Command Make()
    {
        var scenario = new Argument<string>("scenario")
        {
            Description = string.Join("; ", LoadScenario.All.Select(one => $"{one.Name}: {one.Description}")),
        };
        scenario.CompletionSources.Add([.. LoadScenario.All.Select(one => one.Name)]);
        var endpoint = new Option<string[]>("--endpoint") { Description = "URL of an S3 endpoint; several are used in turn.", DefaultValueFactory = _ => ["http://127.0.0.1:9000"] };
        var accessKey = new Option<string?>("--access-key") { Description = "Default: OBJECTSTORE_ACCESS_KEY or AWS_ACCESS_KEY_ID." };
        var secretKey = new Option<string?>("--secret-key") { Description = "Default: OBJECTSTORE_SECRET_KEY or AWS_SECRET_ACCESS_KEY." };
        var region = new Option<string>("--region") { Description = "Region that requests are signed for.", DefaultValueFactory = _ => "us-east-1" };
        var bucket = new Option<string>("--bucket") { Description = "Made when missing.", DefaultValueFactory = _ => "load" };
        var concurrency = new Option<int>("--concurrency") { Description = "Requests under way at once.", DefaultValueFactory = _ => 16 };
        var rate = new Option<double>("--rate") { Description = "Open loop: operations a second, latency from the intended start. 0: closed loop.", DefaultValueFactory = _ => 0 };
        var duration = new Option<double>("--duration") { Description = "Measured seconds.", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before measuring.", DefaultValueFactory = _ => 2 };
        var pool = new Option<int>("--objects") { Description = "Objects prepared for gets and heads.", DefaultValueFactory = _ => 1000 };
        var size = new Option<string>("--size") { Description = "Object size, such as 4KiB, 1MiB, or 1KiB..1MiB (log-uniform).", DefaultValueFactory = _ => "4KiB" };
        var seed = new Option<int?>("--seed") { Description = "Repeats keys, sizes and order. Default: drawn." };
        var json = new Option<string?>("--json") { Description = "Write the figures to this file." };
        var html = new Option<string?>("--html") { Description = "Write a page with plots to this file." };
        var command = new Command("run", "Runs a load scenario, checking every byte read, and reports rates and latency percentiles.")
        {
            scenario, endpoint, accessKey, secretKey, region, bucket, concurrency, rate, duration, warmUp, pool, size, seed, json, html,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            LoadOptions options;
            try
            {
                string access = parsed.GetValue(accessKey) ?? FromEnvironment("OBJECTSTORE_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "--access-key");
                string secret = parsed.GetValue(secretKey) ?? FromEnvironment("OBJECTSTORE_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "--secret-key");
                options = new LoadOptions(
                    LoadScenario.Find(parsed.GetValue(scenario)!),
                    [.. parsed.GetValue(endpoint)!.Select(address => new S3Endpoint(new Uri(address), access, secret, parsed.GetValue(region)!))],
                    parsed.GetValue(bucket)!,
                    Math.Max(1, parsed.GetValue(concurrency)),
                    parsed.GetValue(rate),
                    TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(duration))),
                    TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
                    Math.Max(1, parsed.GetValue(pool)),
                    SizeRange.Parse(parsed.GetValue(size)!),
                    parsed.GetValue(seed) ?? Random.Shared.Next());
            }
            catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
            {
                await Console.Error.WriteLineAsync(failure.Message);
                return 2;
            }

            return await RunAsync(options, parsed.GetValue(json), parsed.GetValue(html), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(LoadOptions options, string? json, string? html, CancellationToken cancellation)
    {
        LoadReport report;
        try
        {
            report = await LoadRun.RunAsync(options, Console.Error, cancellation);
        }
        catch (InvalidOperationException failure)
        {
            await Console.Error.WriteLineAsync($"{failure.Message}. Is the endpoint up, and are the keys right?");
            return 1;
        }

        if (json is not null)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(report, Indented), cancellation);
        }

        if (html is not null)
        {
            await File.WriteAllTextAsync(html, LoadHtml.Render(report), cancellation);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Scenario}: {report.OperationsPerSecond:F0} op/s, {report.Operations} operations, {report.Errors} errors, seed {report.Seed}"));
        foreach (OperationReport operation in report.ByOperation)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {operation.Operation,-6} {operation.PerSecond,9:F0} op/s {operation.MebibytesPerSecond,9:F1} MiB/s  p50 {operation.Latency[0].Milliseconds:F2} ms  p99 {operation.Latency[4].Milliseconds:F2} ms  max {operation.Latency[^1].Milliseconds:F2} ms"));
            foreach ((string error, long count) in operation.Errors)
            {
                Console.WriteLine($"         {count} × {error}");
            }
        }

        return report.Errors == 0 ? 0 : 1;
    }

    private static string FromEnvironment(string name, string other, string option) =>
        Environment.GetEnvironmentVariable(name)
        ?? Environment.GetEnvironmentVariable(other)
        ?? throw new ArgumentException($"No key: give {option}, or set {name} or {other}.");
}
