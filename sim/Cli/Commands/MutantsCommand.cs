using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Mutants;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>mutants</c>: plants the bugs of the catalogue into a copy of the engine, looks for each, and prints the detection table.</summary>
internal static class MutantsCommand
{
    private const string Catalogue = "proofs/Mutants/catalogue";

    internal static Command Make()
    {
        var options = new MutantsOptions();
        var command = new Command("mutants", "Plants every bug of proofs/Mutants/catalogue into a copy of the engine (one build), explores, and tells which are found and how soon; or, with --automatic, small changes that a machine makes.");
        options.AddTo(command);
        command.SetAction(parsed => Run(options.Read(parsed)));
        return command;
    }

    private static int Run(MutantsPlan plan)
    {
        long started = Stopwatch.GetTimestamp();
        if (Repository() is not { } repository)
        {
            return ExitCodes.Refuse("Run it inside of the repository: it needs the sources.");
        }

        if (plan.Automatic is not null)
        {
            return AutomaticMutants.Run(plan, repository);
        }

        IReadOnlyList<PlantedBug> all = PlantedBug.ReadAll(Path.Combine(repository, Catalogue));
        (PlantedBug Bug, int Number)[] chosen = [.. Choose(plan, all.Select(static (bug, index) => (bug, index + 1)))];
        if (chosen.Length == 0)
        {
            return ExitCodes.Refuse("No planted bug is left by these options.");
        }

        if (Array.Find(chosen, static one => one.Bug.Scenarios.Any(static name => ScenarioCatalogue.Find(name) is null)).Bug is { } lost)
        {
            return ExitCodes.Refuse($"{lost.Name} names a scenario that does not exist.");
        }

        if (plan.ListOnly)
        {
            foreach ((PlantedBug bug, _) in chosen)
            {
                Console.WriteLine($"{bug.Class,-14} {bug.Name,-40} {string.Join(',', bug.Scenarios),-30} {bug.Schedules,5} {(bug.Fast ? "fast " : "     ")}{bug.Title}");
            }

            return ExitCodes.Clean;
        }

        Console.WriteLine($"{chosen.Length} of {all.Count} planted bugs, {plan.Sequences} explorations each by {string.Join(", ", plan.Strategies)}; building the engine with all of them");
        using EngineCopy copy = EngineCopy.Build(repository, [.. all.Select(static bug => (bug.Name, (ISourceChange)bug.Patch))], plan.Keep);
        Console.WriteLine($"built in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        var campaign = new DetectionCampaign(new DetectionRunner(copy.Simulator), plan.Strategies, plan.Jobs);
        long searching = Stopwatch.GetTimestamp();
        double searched = 0;
        var told = new List<Score>();
        IReadOnlyList<Score> scores = campaign.Explore([.. chosen.Select(ToTarget)], plan.Sequences, score =>
        {
            Tell(score);
            lock (told)
            {
                // A run of an hour that is stopped leaves what it has seen.
                told.Add(score);
                searched = Stopwatch.GetElapsedTime(searching).TotalSeconds;
                SaveTable(told, [], 0);
            }
        });
        if (plan.Shrinks)
        {
            var current = scores.ToList();
            scores = campaign.Shrink(scores, score =>
            {
                TellSmallest(score);
                lock (current)
                {
                    current[current.FindIndex(known => known.Number == score.Number && known.Strategy == score.Strategy)] = score;
                    SaveTable(current, [], 0);
                }
            });
        }

        (IReadOnlyList<string> broke, long cleanRuns) = campaign.CheckClean(scores, chosen.SelectMany(static one => one.Bug.Scenarios), plan.CleanRuns);
        ScoreTable table = SaveTable(scores, broke, cleanRuns);
        foreach (string line in broke)
        {
            Console.WriteLine($"BROKEN without a bug: {line}");
        }

        Console.WriteLine(table.Summary());
        return table.IsWhole ? ExitCodes.Clean : ExitCodes.PromiseBroken;

        ScoreTable SaveTable(IReadOnlyList<Score> current, IReadOnlyList<string> cleanEngineBroke, long runs)
        {
            var kept = new ScoreTable
            {
                Scores = current,
                CleanEngineBroke = cleanEngineBroke,
                CleanRuns = runs,
                SearchSeconds = searched,
                WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            };
            Save(plan.Json, kept.ToJson);
            Save(plan.Markdown, kept.ToMarkdown);
            return kept;
        }
    }

    private static IEnumerable<(PlantedBug Bug, int Number)> Choose(MutantsPlan plan, IEnumerable<(PlantedBug Bug, int Number)> all) => all
        .Where(one => (!plan.Fast || one.Bug.Fast)
            && (plan.Class is null || one.Bug.Class == plan.Class)
            && plan.Takes(one.Bug.Name))
        .Where((_, index) => plan.Shard.Has(index));

    private static DetectionCampaign.Target ToTarget((PlantedBug Bug, int Number) one) => new(
        new Score
        {
            Class = one.Bug.Class,
            Name = one.Bug.Name,
            Number = one.Number,
            Title = one.Bug.Title,
            Breaks = one.Bug.Breaks,
            Strategy = "",
            Budget = one.Bug.Schedules,
            Detections = [],
        },
        one.Bug.Scenarios);

    private static void Tell(Score score) => Console.WriteLine(
        $"{score.Class,-14} {score.Name,-44} {score.Strategy,-8} {(score.Found ? "found" : score.FoundCount > 0 ? "PARTLY" : "NOT FOUND"),-9} {score.FoundCount}/{score.Detections.Count}"
        + $"  median {score.Median?.ToString() ?? "-",5}  p95 {score.P95?.ToString() ?? "-",5}  of {score.Budget,5}  {score.ProcessorSeconds,5:0.0} s  {string.Join(", ", score.Promises)}"
        + (score.Ran ? "" : "its code never ran"));

    private static void TellSmallest(Score score) => Console.WriteLine(
        score.Smallest is { } small
            ? $"{score.Name,-44} shrunk from {small.EventsBefore} to {small.Events} events in {small.WallSeconds:0} s{(small.Minimal ? "" : ", and time ran out")}"
            : $"{score.Name,-44} was not seen again when it was to be shrunk");

    /// <summary>Writes a file that was asked for.</summary>
    internal static void Save(string? file, Func<string> content)
    {
        if (file is not null)
        {
            File.WriteAllText(file, content());
        }
    }

    /// <summary>The folder above that holds the sources, or null.</summary>
    private static string? Repository()
    {
        for (DirectoryInfo? folder = new(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, Catalogue)))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
