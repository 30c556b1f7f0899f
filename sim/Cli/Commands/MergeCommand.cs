using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Coverage;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>merge</c>: one verdict from the results of shards.</summary>
internal static class MergeCommand
{
    internal static Command Make()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "What the shards wrote with --json.", Arity = ArgumentArity.OneOrMore };
        var outputs = new CampaignOutputs();
        var command = new Command("merge", "Puts the results of shards together: one page, one JSON, one JUnit file, one verdict. A missing shard is bad use.") { files };
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            var shards = new List<CampaignResult>();
            foreach (FileInfo file in parsed.GetValue(files)!)
            {
                try
                {
                    shards.Add(CampaignResult.FromJson(File.ReadAllText(file.FullName)));
                }
                catch (Exception unreadable) when (unreadable is IOException or InvalidDataException or UnauthorizedAccessException)
                {
                    return ExitCodes.Refuse($"{file}: {unreadable.Message}");
                }
            }

            if (Complaint(shards) is { } complaint)
            {
                return ExitCodes.Refuse(complaint);
            }

            CampaignResult merged = CampaignResult.Merge(shards, MarkRegistry.NeverHit);
            Console.WriteLine($"merged {shards.Count} results: {merged.Verdict}");
            foreach (RunResult broken in merged.Runs.Where(static run => run.Verdict != "clean"))
            {
                Console.WriteLine($"  {broken.Scenario}, {broken.Strategy}: promise broken: {broken.PromiseBroken}\n  replay:  {broken.ReplayCommand}");
            }

            return outputs.Write(parsed, merged);
        });
        return command;
    }

    /// <summary>What is wrong with a set of shards; null when each of them is there once. Results of whole campaigns may be put together as they are.</summary>
    private static string? Complaint(List<CampaignResult> shards)
    {
        string?[] names = [.. shards.Select(static shard => shard.Shard)];
        if (Array.TrueForAll(names, static name => name is null))
        {
            return null;
        }

        int count = int.TryParse(names.OfType<string>().First().Split('/')[^1], out int said) ? said : 0;
        string[] missing = [.. Enumerable.Range(1, count).Select(number => $"{number}/{count}").Except(names.OfType<string>())];
        return missing.Length > 0 ? $"Shards are missing: {string.Join(", ", missing)}."
            : names.Length != count || names.Contains(null) ? $"There are {names.Length} results where {count} shards are expected: one is there twice, or is of another campaign."
            : null;
    }
}
