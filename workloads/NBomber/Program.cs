using System;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.NBomber;

var scenario = new Argument<string>("scenario") { Description = string.Join("; ", PoolScenarios.All.Select(static one => $"{one.Name}: {one.Description}")) };
var endpoint = new Option<string[]>("--endpoint") { Description = "URL of an S3 endpoint; several are used in turn.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["http://127.0.0.1:9000"] };
var accessKey = new Option<string?>("--access-key") { Description = "Default: OBJECTSTORE_ACCESS_KEY.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("OBJECTSTORE_ACCESS_KEY") };
var secretKey = new Option<string?>("--secret-key") { Description = "Default: OBJECTSTORE_SECRET_KEY.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("OBJECTSTORE_SECRET_KEY") };
var region = new Option<string>("--region") { Description = "Region that requests are signed for.", DefaultValueFactory = _ => "us-east-1" };
var bucket = new Option<string?>("--bucket") { Description = "Made when missing; default load, or load-SCENARIO where that must be versioned." };
var concurrency = new Option<int>("--concurrency") { Description = "Clients. With --rate, an arrival that finds none free waits for one, which counts into the latency of the scenario.", DefaultValueFactory = _ => 16 };
var rate = new Option<int>("--rate") { Description = "Open loop: steps injected a second. 0: closed loop.", DefaultValueFactory = _ => 0 };
var duration = new Option<double>("--duration") { Description = "Measured seconds.", DefaultValueFactory = _ => 10 };
var warmUp = new Option<double>("--warm-up") { Description = "Seconds before measuring.", DefaultValueFactory = _ => 2 };
var objects = new Option<int>("--objects") { Description = "Objects prepared for gets, heads and lists.", DefaultValueFactory = _ => 1000 };
var size = new Option<string>("--size") { Description = "Object size, such as 4KiB, 1MiB, or 1KiB..1MiB (log-uniform).", DefaultValueFactory = _ => "4KiB" };
var seed = new Option<int>("--seed") { Description = "Repeats keys and order. Default: drawn.", DefaultValueFactory = _ => Random.Shared.Next() };
var reports = new Option<string>("--reports") { Description = "Folder of NBomber's reports.", DefaultValueFactory = _ => "nbomber-reports" };
var root = new RootCommand("A load scenario of workloads/Library under NBomber, every body and page compared. Exit codes: 0 all held, 1 an error, 2 bad use.")
{
    scenario, endpoint, accessKey, secretKey, region, bucket, concurrency, rate, duration, warmUp, objects, size, seed, reports,
};
root.SetAction(parsed =>
{
    try
    {
        string access = parsed.GetValue(accessKey) ?? throw new ArgumentException("No key: give --access-key, or set OBJECTSTORE_ACCESS_KEY.");
        string secret = parsed.GetValue(secretKey) ?? throw new ArgumentException("No key: give --secret-key, or set OBJECTSTORE_SECRET_KEY.");
        PoolScenario found = PoolScenarios.Find(parsed.GetValue(scenario)!);
        int drawn = parsed.GetValue(seed);
        var options = new NBomberOptions(
            found,
            new PoolShape
            {
                ObjectCount = Math.Max(1, parsed.GetValue(objects)),
                Sizes = SizeRange.Parse(parsed.GetValue(size)!),
                Prefix = string.Create(CultureInfo.InvariantCulture, $"{drawn:x8}/"),
            },
            [.. parsed.GetValue(endpoint)!.Select(address => new S3Endpoint(new Uri(address), access, secret, parsed.GetValue(region)!))],
            parsed.GetValue(bucket) ?? (found.Mix.Churn > 0 ? $"load-{found.Name}" : "load"),
            Math.Max(1, parsed.GetValue(concurrency)),
            Math.Max(0, parsed.GetValue(rate)),
            TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(duration))),
            TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(warmUp))),
            parsed.GetValue(reports)!,
            drawn);
        return NBomberRun.Run(options, Console.Out) ? 0 : 1;
    }
    catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
    {
        Console.Error.WriteLine(failure.Message);
        return 2;
    }
    catch (InvalidOperationException failure)
    {
        Console.Error.WriteLine(failure.Message);
        return 1;
    }
});
ParseResult parsed = root.Parse(args);
int code = parsed.Invoke();
return parsed.Errors.Count > 0 ? 2 : code;
