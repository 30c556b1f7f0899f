using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Region;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>region-faults</c>: a region of real processes under load and under troubles.</summary>
internal static class RegionFaultsCommand
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    internal static Command Make()
    {
        var script = new Option<string>("--script") { Description = "The region script. Default: the one of this source tree.", DefaultValueFactory = static _ => DefaultScript() };
        var folder = new Option<string?>("--folder") { Description = "Where the region is, or is made with --up. Default: the script's own." };
        var up = new Option<bool>("--up") { Description = "Make the region first and tear it down afterwards." };
        var netns = new Option<bool>("--netns") { Description = "With --up: in network namespaces, so that partitions can be made (needs root)." };
        var troubles = new Option<string>("--troubles")
        {
            Description = $"What to do, in this order, with commas between. 'all', or of: {string.Join(", ", RegionTrouble.All.Select(static trouble => trouble.Name))}, rolling-restart. Default: all that need no namespaces.",
            DefaultValueFactory = static _ => "kill-leader,stop-zone,wipe-disk,rolling-restart",
        };
        var clients = new Option<int>("--clients") { Description = "Parallel clients.", DefaultValueFactory = static _ => 12 };
        var keys = new Option<int>("--keys") { Description = "Keys that they share.", DefaultValueFactory = static _ => 100 };
        var think = new Option<int>("--think") { Description = "Milliseconds between two requests of a client, on average.", DefaultValueFactory = static _ => 40 };
        var sizes = new Option<int[]>("--sizes")
        {
            Description = "Sizes of bodies in bytes, each as often as the others; a body is up to a half smaller. Default: 120 3000 60000 300000 2500000.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => [120, 3_000, 60_000, 300_000, 2_500_000],
        };
        var calm = new Option<int>("--calm") { Description = "Seconds of load before and after each trouble.", DefaultValueFactory = static _ => 5 };
        var outage = new Option<int>("--outage") { Description = "Seconds that a trouble lasts.", DefaultValueFactory = static _ => 15 };
        var patience = new Option<int>("--repair-patience") { Description = "Seconds in which everything must be fully redundant again.", DefaultValueFactory = static _ => 180 };
        var seed = new Option<int?>("--seed") { Description = "Repeats the clients' draws (not the machine's timing). Default: drawn." };
        var json = new Option<string?>("--json") { Description = "Write the result to this file." };
        var history = new Option<string?>("--history") { Description = "Write the recorded history to this file, one JSON object a line." };
        var command = new Command(
            "region-faults",
            "Load on a region of real processes while nodes are killed, zones stopped, disks wiped, networks cut and nodes restarted; then checks that nothing acknowledged was lost, no read was stale (linearizability of the recorded history), service came back and redundancy too.")
        {
            script, folder, up, netns, troubles, clients, keys, think, sizes, calm, outage, patience, seed, json, history,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!TryFind(parsed.GetValue(troubles)!, out IReadOnlyList<RegionTrouble> chosen, out bool rolling, out string wrong))
            {
                await Console.Error.WriteLineAsync($"There is no trouble '{wrong}'; --help lists them.");
                return 2;
            }

            if (!File.Exists(parsed.GetValue(script)))
            {
                await Console.Error.WriteLineAsync($"There is no script '{parsed.GetValue(script)}'.");
                return 2;
            }

            var region = new RegionScript(parsed.GetValue(script)!, parsed.GetValue(folder) is { } at ? ["--dir", at] : []);
            var options = new RegionRunOptions(
                chosen,
                rolling,
                parsed.GetValue(clients),
                parsed.GetValue(keys),
                parsed.GetValue(think),
                parsed.GetValue(sizes)!,
                parsed.GetValue(seed) ?? Random.Shared.Next(),
                TimeSpan.FromSeconds(parsed.GetValue(calm)),
                TimeSpan.FromSeconds(parsed.GetValue(outage)),
                TimeSpan.FromSeconds(parsed.GetValue(patience)),
                parsed.GetValue(history));
            return await RunAsync(region, options, parsed.GetValue(up), parsed.GetValue(netns), parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(RegionScript region, RegionRunOptions options, bool up, bool netns, string? json, CancellationToken cancellation)
    {
        try
        {
            if (up)
            {
                await region.RunAsync(netns ? ["--netns", "up"] : ["up"], cancellation);
            }

            RegionRunResult result = await new RegionRun(region, options, Console.Error).RunAsync(cancellation);
            if (json is not null)
            {
                await File.WriteAllTextAsync(json, JsonSerializer.Serialize(result, Indented), cancellation);
            }

            return Print(result);
        }
        catch (InvalidOperationException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        finally
        {
            if (up)
            {
                await region.RunAsync(["down"], CancellationToken.None);
            }
        }
    }

    private static int Print(RegionRunResult result)
    {
        RegionVerdict verdict = result.Verdict;
        Console.WriteLine($"{result.Requests} requests, {verdict.Operations} attempts, {verdict.Unknown} of unknown outcome, seed {result.Seed}");
        Console.WriteLine($"acknowledged objects lost: {verdict.Lost.Count}; keys unreadable: {verdict.Unreadable.Count}; history: {verdict.Linearizability}");
        foreach (TroubleResult trouble in result.Troubles.Where(static trouble => trouble.Complaint.Length > 0))
        {
            Console.WriteLine($"BROKEN: {trouble.Name} ({trouble.Target}): {trouble.Complaint}");
        }

        foreach (string key in verdict.Lost.Concat(verdict.Unreadable).Take(20))
        {
            Console.WriteLine($"BROKEN: {key} was acknowledged and is {(verdict.Lost.Contains(key) ? "lost" : "unreadable")}");
        }

        if (verdict.Explanation.Length > 0)
        {
            Console.WriteLine($"BROKEN: {verdict.Explanation}");
        }

        return result.Holds ? 0 : 1;
    }

    private static bool TryFind(string list, out IReadOnlyList<RegionTrouble> troubles, out bool rolling, out string wrong)
    {
        var chosen = new List<RegionTrouble>();
        (troubles, rolling, wrong) = (chosen, false, "");
        foreach (string name in list == "all" ? [.. RegionTrouble.All.Select(static trouble => trouble.Name), "rolling-restart"] : list.Split(','))
        {
            if (name == "rolling-restart")
            {
                rolling = true;
            }
            else if (RegionTrouble.All.FirstOrDefault(trouble => trouble.Name == name) is { } found)
            {
                chosen.Add(found);
            }
            else
            {
                wrong = name;
                return false;
            }
        }

        return true;
    }

    private static string DefaultScript()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, "engine", "Host", "packaging", "region", "region.sh");
            if (File.Exists(script))
            {
                return script;
            }
        }

        return "region.sh";
    }
}
