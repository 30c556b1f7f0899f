using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Mutants;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>mutants</c>: plants the bugs of the catalogue into a copy of the engine, looks for each, and prints the detection table.</summary>
internal static class MutantsCommand
{
    private const string Catalogue = "proofs/Mutants/catalogue";

    internal static Command Make()
    {
        var options = new Options();
        var command = new Command("mutants", "Plants every bug of proofs/Mutants/catalogue into a copy of the engine (one build), explores, and tells which are found and how soon.");
        options.AddTo(command);
        command.SetAction(parsed => Run(options.Read(parsed)));
        return command;
    }

    private static int Run(Plan plan)
    {
        long started = Stopwatch.GetTimestamp();
        if (Repository() is not { } repository)
        {
            return ExitCodes.Refuse("Run it inside of the repository: it needs the sources.");
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
        using EngineCopy copy = EngineCopy.Build(repository, [.. all.Select(static bug => (bug.Name, bug.Patch))], plan.Keep);
        Console.WriteLine($"built in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        var runner = new DetectionRunner(copy.Simulator);
        Score[] scores = Explore(runner, plan, chosen);
        (string[] broke, long cleanRuns) = CheckClean(runner, plan, scores, chosen);
        var table = new ScoreTable
        {
            Scores = scores,
            CleanEngineBroke = broke,
            CleanRuns = cleanRuns,
            WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
        Save(plan.Json, table.ToJson);
        Save(plan.Markdown, table.ToMarkdown);
        foreach (string line in broke)
        {
            Console.WriteLine($"BROKEN without a bug: {line}");
        }

        Console.WriteLine(table.Summary());
        return table.IsWhole ? ExitCodes.Clean : ExitCodes.PromiseBroken;
    }

    private static IEnumerable<(PlantedBug Bug, int Number)> Choose(Plan plan, IEnumerable<(PlantedBug Bug, int Number)> all) => all
        .Where(one => (!plan.Fast || one.Bug.Fast)
            && (plan.Class is null || one.Bug.Class == plan.Class)
            && (plan.Filter is null || plan.Filter.Split(',').Any(part => one.Bug.Name.Contains(part, StringComparison.Ordinal))))
        .Where((_, index) => index % plan.Shard.Count == plan.Shard.Number - 1);

    private static Score[] Explore(DetectionRunner runner, Plan plan, (PlantedBug Bug, int Number)[] chosen)
    {
        var scores = new ConcurrentDictionary<(string, string), Score>();
        (PlantedBug Bug, int Number, string Strategy)[] work = [.. plan.Strategies.SelectMany(strategy => chosen.Select(one => (one.Bug, one.Number, strategy)))];
        Parallel.ForEach(Partitioner.Create(work, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = plan.Jobs }, one =>
        {
            (IReadOnlyList<Detection> detections, double seconds) = runner.Explore(new DetectionRunner.Task(one.Number, one.Bug.Scenarios, one.Strategy, one.Bug.Schedules, plan.Sequences));
            var score = new Score
            {
                Class = one.Bug.Class,
                Name = one.Bug.Name,
                Number = one.Number,
                Title = one.Bug.Title,
                Breaks = one.Bug.Breaks,
                Strategy = one.Strategy,
                Budget = one.Bug.Schedules,
                Detections = detections,
                ProcessorSeconds = seconds,
            };
            scores[(one.Bug.Name, one.Strategy)] = score;
            Console.WriteLine(
                $"{score.Class,-14} {score.Name,-44} {score.Strategy,-8} {(score.Found ? "found" : score.FoundCount > 0 ? "PARTLY" : "NOT FOUND"),-9} {score.FoundCount}/{detections.Count}"
                + $"  median {score.Median?.ToString() ?? "-",5}  p95 {score.P95?.ToString() ?? "-",5}  of {score.Budget,5}  {seconds,5:0.0} s  {string.Join(", ", score.Promises)}");
        });
        return [.. work.Select(one => scores[(one.Bug.Name, one.Strategy)])];
    }

    /// <summary>The same build with no bug active: runs of its own, and the very seeds that showed the bugs.</summary>
    private static (string[] Broke, long Runs) CheckClean(DetectionRunner runner, Plan plan, Score[] scores, (PlantedBug Bug, int Number)[] chosen)
    {
        var broke = new ConcurrentBag<string>();
        long runs = 0;
        string[] scenarios = [.. chosen.SelectMany(static one => one.Bug.Scenarios).Distinct().Order(StringComparer.Ordinal)];
        var seeds = scores.SelectMany(static score => score.Detections.Select(one => (score.Strategy, one.Scenario, one.Seed)))
            .Where(static one => one.Seed is not null)
            .GroupBy(static one => (one.Strategy, one.Scenario), static one => one.Seed!.Value)
            .ToDictionary(static group => group.Key, static group => group.Distinct().Order().ToArray());
        Parallel.ForEach(Partitioner.Create(scenarios, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = plan.Jobs }, scenario =>
        {
            foreach (Detection one in runner.Explore(new DetectionRunner.Task(0, [scenario], "seed", plan.CleanRuns, 1)).Detections)
            {
                System.Threading.Interlocked.Add(ref runs, one.Schedules);
                if (one.Found)
                {
                    broke.Add($"{scenario}, seed {one.Seed}: {one.Promise}: {one.Said}");
                }
            }

            foreach (string strategy in plan.Strategies)
            {
                if (seeds.TryGetValue((strategy, scenario), out ulong[]? shown))
                {
                    System.Threading.Interlocked.Add(ref runs, shown.Length);
                    foreach (Detection one in runner.Repeat(0, scenario, strategy, shown))
                    {
                        broke.Add($"{scenario}, strategy {strategy}, seed {one.Seed}, which shows a planted bug: {one.Promise}: {one.Said}");
                    }
                }
            }
        });
        return ([.. broke.Order(StringComparer.Ordinal)], runs);
    }

    private static void Save(string? file, Func<string> content)
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

    /// <summary>What was asked for.</summary>
    private sealed record Plan(
        string? Filter, string? Class, bool Fast, string[] Strategies, Shard Shard, int Sequences, int Jobs, long CleanRuns, bool ListOnly, string? Keep, string? Json, string? Markdown);

    private sealed class Options
    {
        private readonly Option<string?> _filter = new("--filter") { Description = "Only bugs whose name contains this; several with commas." };
        private readonly Option<string?> _class = new("--class") { Description = "Only bugs of this class." };
        private readonly Option<bool> _fast = new("--fast") { Description = "Only the subset that continuous integration looks for at every change." };
        private readonly Option<string[]> _strategy = new("--strategy")
        {
            Description = $"Who answers what is left open: {string.Join(", ", CommonOptions.Strategies)}; several are compared side by side.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = static _ => ["seed"],
        };

        private readonly Option<Shard> _shard = Shard.MakeOption();
        private readonly Option<int> _sequences = new("--sequences") { Description = "Independent explorations of each bug.", DefaultValueFactory = static _ => 5 };
        private readonly Option<int> _jobs = new("--jobs") { Description = "Processes at a time.", DefaultValueFactory = static _ => Math.Max(1, Environment.ProcessorCount) };
        private readonly Option<long> _clean = new("--clean-runs") { Description = "Runs of each scenario with no bug active.", DefaultValueFactory = static _ => 20 };
        private readonly Option<bool> _list = new("--list") { Description = "Only list them." };
        private readonly Option<string?> _keep = new("--keep") { Description = "Put the copy of the engine into this folder and leave it there." };
        private readonly Option<string?> _json = CommonOptions.Json();
        private readonly Option<string?> _markdown = new("--markdown") { Description = "Write the table in Markdown to this file." };

        internal void AddTo(Command command)
        {
            _strategy.AcceptOnlyFromAmong(CommonOptions.Strategies);
            foreach (Option option in (Option[])[_filter, _class, _fast, _strategy, _shard, _sequences, _jobs, _clean, _list, _keep, _json, _markdown])
            {
                command.Add(option);
            }
        }

        internal Plan Read(ParseResult parsed) => new(
            parsed.GetValue(_filter), parsed.GetValue(_class), parsed.GetValue(_fast), parsed.GetValue(_strategy)!, parsed.GetValue(_shard)!, Math.Max(1, parsed.GetValue(_sequences)),
            Math.Max(1, parsed.GetValue(_jobs)), Math.Max(1, parsed.GetValue(_clean)), parsed.GetValue(_list), parsed.GetValue(_keep), parsed.GetValue(_json), parsed.GetValue(_markdown));
    }
}
