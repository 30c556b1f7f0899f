using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>Options of a run.</summary>
internal sealed record RegionRunOptions(
    IReadOnlyList<RegionTrouble> Troubles, bool RollingRestart, int Clients, int Keys, int ThinkMs, IReadOnlyList<int> SizesBytes, int Seed, TimeSpan Calm, TimeSpan Outage, TimeSpan RepairPatience, string? HistoryFile);

/// <summary>What a run found.</summary>
internal sealed record RegionRunResult(int Seed, int Requests, IReadOnlyList<TroubleResult> Troubles, RegionVerdict Verdict)
{
    internal bool Holds => Verdict.Holds && Troubles.All(static trouble => trouble.Complaint.Length == 0);
}

/// <summary>Load on a region of real processes while one trouble after another is done to it; then everything that was recorded is checked.</summary>
internal sealed class RegionRun(RegionScript script, RegionRunOptions options, TextWriter progress)
{
    private static readonly TimeSpan FeltWithin = TimeSpan.FromSeconds(15);

    private Task[] _clients = [];

    internal async Task<RegionRunResult> RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<(string Node, S3Endpoint Endpoint)> nodes = await script.EndpointsAsync(cancellation);
        using var load = new RegionLoad(nodes, options.Keys, TimeSpan.FromMilliseconds(options.ThinkMs), options.SizesBytes);
        await load.CreateBucketAsync(cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _clients = [.. Enumerable.Range(0, options.Clients).Select(number => Task.Run(() => load.RunClientAsync(number, options.Seed, stop.Token), cancellation))];
        var results = new List<TroubleResult>();
        try
        {
            foreach (RegionTrouble trouble in options.Troubles)
            {
                await Task.Delay(options.Calm, cancellation);
                results.Add(await StrikeAsync(trouble, load, cancellation));
                await ReportAsync(results[^1]);
            }

            if (options.RollingRestart)
            {
                await Task.Delay(options.Calm, cancellation);
                results.Add(await RestartAllAsync(nodes, load, cancellation));
                await ReportAsync(results[^1]);
            }

            await Task.Delay(options.Calm, cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(_clients);
        }

        await load.ReadBackAsync(cancellation);
        if (options.HistoryFile is not null)
        {
            await load.WriteHistoryAsync(options.HistoryFile);
        }

        return new RegionRunResult(options.Seed, load.Log.Count, results, RegionVerdict.Of(load.History, load.Bucket));
    }

    private async Task<TroubleResult> StrikeAsync(RegionTrouble trouble, RegionLoad load, CancellationToken cancellation)
    {
        Func<string, string> names = await NamesAsync(cancellation);
        TimeSpan began = load.Log.At(await script.StrikeAsync([.. trouble.Break.Select(names)], cancellation));
        TimeSpan broken = load.Log.Now;
        if (trouble.Mend.Count > 0)
        {
            await Task.Delay(options.Outage, cancellation);
            await script.RunAsync([.. trouble.Mend.Select(names)], cancellation);
        }

        double? redundant = await AwaitRedundancyAsync(cancellation);

        await AwaitClientsAsync(load.Log, broken, cancellation);
        TimeSpan window = broken - began + FeltWithin < options.Outage ? FeltWithin : options.Outage;
        double back = load.Log.BackAfter(began, broken, window).TotalSeconds;
        int unanswered = load.Log.Unanswered(began, load.Log.Now).Count;
        string complaint = redundant is null ? $"not fully redundant within {options.RepairPatience.TotalSeconds} s"
            : back > trouble.BackSecondsMax ? string.Create(CultureInfo.InvariantCulture, $"service was back after {back:0.00} s, promised are {trouble.BackSecondsMax} s")
            : unanswered > 0 ? $"{unanswered} requests got no answer after all attempts"
            : "";
        return new TroubleResult(trouble.Name, names(trouble.Break[1]), Math.Round(back, 3), redundant, unanswered, complaint);
    }

    private async Task<TroubleResult> RestartAllAsync(IReadOnlyList<(string Node, S3Endpoint Endpoint)> nodes, RegionLoad load, CancellationToken cancellation)
    {
        TimeSpan began = load.Log.Now;
        foreach ((string node, S3Endpoint _) in nodes)
        {
            await script.RunAsync(["restart", node], cancellation);
        }

        TimeSpan restarted = load.Log.Now;
        double? redundant = await AwaitRedundancyAsync(cancellation);
        await AwaitClientsAsync(load.Log, restarted, cancellation);
        int unanswered = load.Log.Unanswered(began, load.Log.Now).Count;
        string complaint = unanswered > 0 ? $"{unanswered} requests got no answer after all attempts"
            : redundant is null ? $"not fully redundant within {options.RepairPatience.TotalSeconds} s"
            : "";

        // There is no one moment from which to count: what counts is how long a single request had to wait.
        double longest = load.Log.LongestWait(began, restarted).TotalSeconds;
        return new TroubleResult("rolling-restart", $"{nodes.Count} nodes", Math.Round(longest, 3), redundant, unanswered, complaint);
    }

    // A request that is still under way is not in the log: a client that is not served at all would count as one that noticed nothing. Requests end when their patience does, so this does too;
    // a client that failed ends the run.
    private async Task AwaitClientsAsync(ServiceLog log, TimeSpan struck, CancellationToken cancellation)
    {
        await Task.Delay(options.Calm, cancellation);
        while (log.ClientsThatAskedSince(struck) < options.Clients && !_clients.Any(static client => client.IsCompleted))
        {
            await Task.Delay(100, cancellation);
        }
    }

    private async Task<double?> AwaitRedundancyAsync(CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < options.RepairPatience)
        {
            if (await script.AdminAsync("repair", cancellation) is { } repair && repair.GetProperty("isFullyRedundant").GetBoolean())
            {
                return Math.Round(waited.Elapsed.TotalSeconds, 3);
            }

            await Task.Delay(250, cancellation);
        }

        return null;
    }

    private async Task<Func<string, string>> NamesAsync(CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < options.RepairPatience)
        {
            if (await script.AdminAsync("status", cancellation) is { } status && status.GetProperty("rootLeader").GetString() is { Length: > 0 } leader)
            {
                JsonElement[] nodes = [.. status.GetProperty("nodes").EnumerateArray()];
                string zone = nodes.First(node => node.GetProperty("name").GetString() == leader).GetProperty("zone").GetString()!;
                string other = nodes.Select(static node => node.GetProperty("zone").GetString()!).FirstOrDefault(one => one != zone) ?? zone;
                return word => word switch { "LEADER" => leader, "LEADERZONE" => zone, "OTHERZONE" => other, _ => word };
            }

            await Task.Delay(250, cancellation);
        }

        throw new InvalidOperationException("the region has no root leader");
    }

    private Task ReportAsync(TroubleResult result) => progress.WriteLineAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Name} ({result.Target}): service back after {result.BackSeconds:0.00} s, fully redundant after {result.RedundantAgainSeconds?.ToString("0.0", CultureInfo.InvariantCulture) ?? "never"} s, {result.Unanswered} unanswered{(result.Complaint.Length > 0 ? " BROKEN: " + result.Complaint : "")}"));
}
