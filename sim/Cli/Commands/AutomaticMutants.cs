using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Mutants;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>mutants --automatic</c>: makes small changes all over the engine, explores with each, and lists those that nobody noticed.</summary>
/// <remarks>Stryker.NET, the tool for C#, drives unit tests; what is put to the test here is the exploration.</remarks>
internal static class AutomaticMutants
{
    private const string Equivalents = "proofs/Mutants/equivalent.txt";

    /// <summary>A changed loop is often an endless one; the longest run of these scenarios takes a tenth of it.</summary>
    private const int HangSeconds = 20;

    internal static int Run(MutantsPlan plan, string repository)
    {
        long started = Stopwatch.GetTimestamp();
        if (plan.Strategies.Length > 1 || plan.Fast || plan.Class is not null)
        {
            return ExitCodes.Refuse("--automatic goes with one --strategy, and without --fast and --class, which are the catalogue's.");
        }

        if (MutationArea.All.SelectMany(static area => area.Scenarios).FirstOrDefault(static name => ScenarioCatalogue.Find(name) is null) is { } lost)
        {
            return ExitCodes.Refuse($"'{lost}' is no scenario.");
        }

        var check = new CompileCheck(repository, CompileCheck.OfThisProgram);
        var sample = MutationSample.Draw(MutationSample.Everything(repository, plan.Takes), plan.Automatic!.Value, plan.MutationSeed, check.Compiles);
        (Mutation Mutation, int Number)[] chosen =
            [.. sample.Chosen.Select(static (mutation, index) => (mutation, index + 1)).Where((_, index) => plan.Shard.Has(index))];
        Console.WriteLine(
            $"{chosen.Length} mutations of {sample.Points}, seed {plan.MutationSeed}; {sample.NotCompiling} more did not compile ({Stopwatch.GetElapsedTime(started).TotalSeconds:0} s)");
        if (chosen.Length == 0)
        {
            return ExitCodes.Refuse("No mutation is left by these options.");
        }

        if (plan.ListOnly)
        {
            foreach ((Mutation mutation, int number) in chosen)
            {
                Console.WriteLine($"{number,4} {mutation.Name} in {mutation.Member}: {mutation.Before}  ->  {mutation.After}");
            }

            return ExitCodes.Clean;
        }

        using EngineCopy copy = EngineCopy.Build(repository, [.. sample.Chosen.Select(static mutation => (mutation.Name, (ISourceChange)mutation))], plan.Keep);
        Console.WriteLine($"built ({Stopwatch.GetElapsedTime(started).TotalSeconds:0} s)");
        var campaign = new DetectionCampaign(new DetectionRunner(copy.Simulator, HangSeconds), plan.Strategies, plan.Jobs);
        IReadOnlyList<Score> scores = campaign.Explore([.. chosen.Select(static one => ToTarget(one.Mutation, one.Number))], plan.Sequences, Tell);
        (IReadOnlyList<string> broke, long cleanRuns) = campaign.CheckClean(scores, chosen.SelectMany(static one => MutationArea.Of(one.Mutation.File)!.Scenarios), plan.CleanRuns);
        string list = Path.Combine(repository, Equivalents);
        var known = KnownEquivalents.Parse(File.Exists(list) ? File.ReadAllLines(list) : []);
        var report = new MutationReport
        {
            Seed = plan.MutationSeed,
            Points = sample.Points,
            NotCompiling = sample.NotCompiling,
            Results = [.. chosen.Zip(scores, (one, score) => new MutationResult(one.Mutation, score, known.Reason(one.Mutation)))],
            CleanEngineBroke = broke,
            CleanRuns = cleanRuns,
            WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
        MutantsCommand.Save(plan.Json, report.ToJson);
        MutantsCommand.Save(plan.Markdown, report.ToMarkdown);
        Console.WriteLine("\nSurvivors:");
        foreach (string line in report.SurvivorLines().Concat(broke.Select(static line => $"BROKEN without a mutation: {line}")))
        {
            Console.WriteLine(line);
        }

        Console.WriteLine(report.Summary());
        return broke.Count == 0 ? ExitCodes.Clean : ExitCodes.PromiseBroken;
    }

    private static DetectionCampaign.Target ToTarget(Mutation mutation, int number)
    {
        MutationArea area = MutationArea.Of(mutation.File)!;
        return new DetectionCampaign.Target(
            new Score
            {
                Class = area.Folder,
                Name = mutation.Name,
                Number = number,
                Title = $"{mutation.Before} -> {mutation.After}",
                Breaks = "whatever is seen first",
                Strategy = "",
                Budget = area.Schedules,
                Detections = [],
            },
            area.Scenarios);
    }

    private static void Tell(Score score) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{score.Number,4} {(score.FoundCount > 0 ? "killed" : score.Ran ? "SURVIVED" : "NEVER RAN"),-9} {score.ProcessorSeconds,5:0.0} s  {score.Name}: {score.Title}  {string.Join(", ", score.Promises)}"));
}
