using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Sim.Mutants;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: what is killed is told from what survives, and a survivor that ran from one that did not. Method: an exploration that is made up.</summary>
public sealed class MutationReportTests
{
    private const string File = "engine/Storage/Wal/Toy.cs";
    private const string Text = "class C { void A() { Fatal(); Harmless(); Unreached(); Same(); } }";

    [Fact]
    public void A_fatal_mutation_is_killed_and_the_others_are_listed_with_how_they_stand()
    {
        MutationReport report = Make(out FakeFinder finder);
        Assert.Equal(["killed", "unnoticed", "never ran", "equivalent"], report.Results.Select(static one => one.Standing));
        Assert.StartsWith("1 of 4 mutations killed; survivors: 1 ran and nothing was noticed, 1 lie in bodies that never ran, 1 are known", report.Summary(), System.StringComparison.Ordinal);
        Assert.DoesNotContain(report.SurvivorLines(), static line => line.Contains("Fatal", System.StringComparison.Ordinal));
        Assert.Equal(3, report.SurvivorLines().Count());
        Assert.All(finder.Tasks, static task => Assert.Equal(["crash", "disk-full"], task.Scenarios));
        Assert.Equal([1, 2, 3, 4], finder.Tasks.Select(static task => task.Bug).Order());
        string page = report.ToMarkdown();
        Assert.Contains("| Storage/Wal/Toy.cs:1 | A | deletion | `Harmless();` | `(nothing)` | unnoticed |", page, System.StringComparison.Ordinal);
        Assert.Contains("equivalent: it is done twice", page, System.StringComparison.Ordinal);
        Assert.Contains("| engine/Storage/Wal | 4 | 1 | 1 | 1 | 1 |", page, System.StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        MutationReport report = Make(out _);
        MutationReport again = MutationReport.FromJson(report.ToJson());
        Assert.Equal(report.Summary(), again.Summary());
        Assert.Equal(report.SurvivorLines(), again.SurvivorLines());
    }

    [Fact]
    public void The_seeds_that_killed_are_tried_without_a_mutation_and_what_breaks_then_is_told()
    {
        var finder = new FakeFinder { CleanBreaks = true };
        var campaign = new DetectionCampaign(finder, ["seed"], jobs: 1);
        IReadOnlyList<Score> scores = campaign.Explore([new DetectionCampaign.Target(Known(1, "Fatal();"), ["crash"])], 1, static _ => { });
        (IReadOnlyList<string> broke, long runs) = campaign.CheckClean(scores, ["crash", "crash"], 5);
        Assert.Equal(6, runs);
        Assert.StartsWith("crash, strategy seed, seed 77", Assert.Single(broke), System.StringComparison.Ordinal);
    }

    [Fact]
    public void What_showed_a_bug_is_shrunk_and_the_table_tells_to_how_many_events()
    {
        var campaign = new DetectionCampaign(new FakeFinder(), ["seed"], jobs: 1);
        IReadOnlyList<Score> scores = campaign.Explore([new(Known(1, "Fatal();"), ["crash"]), new(Known(2, "Harmless();"), ["crash"])], 1, static _ => { });
        var told = new List<string>();
        scores = campaign.Shrink(scores, score => told.Add(score.Title));
        Assert.Equal(["Fatal();"], told);
        Assert.Null(scores[1].Smallest);
        var table = new ScoreTable { Scores = scores, CleanEngineBroke = [], CleanRuns = 10, WallSeconds = 1 };
        Assert.Contains("1 counterexamples shrunk, to 4 events in the median", table.Summary(), System.StringComparison.Ordinal);
        Assert.Contains("| 4 of 30 |", ScoreTable.FromJson(table.ToJson()).ToMarkdown(), System.StringComparison.Ordinal);
    }

    private static MutationReport Make(out FakeFinder finder)
    {
        IReadOnlyList<Mutation> all = MutationPoints.In(File, Text);
        finder = new FakeFinder();
        var campaign = new DetectionCampaign(finder, ["seed"], jobs: 2);
        IReadOnlyList<Score> scores = campaign.Explore([.. all.Select(static (one, index) => new DetectionCampaign.Target(Known(index + 1, one.Before), ["crash", "disk-full"]))], 1, static _ => { });
        var equivalents = KnownEquivalents.Parse(["# by hand", "", $"{File} | A | deletion | Same(); -> (nothing) | it is done twice"]);
        return new MutationReport
        {
            Seed = 1,
            Points = all.Count,
            NotCompiling = 0,
            Results = [.. all.Zip(scores, (one, score) => new MutationResult(one, score, equivalents.Reason(one)))],
            CleanEngineBroke = [],
            CleanRuns = 10,
            WallSeconds = 1,
        };
    }

    private static Score Known(int number, string title) => new()
    {
        Class = "engine/Storage/Wal",
        Name = title,
        Number = number,
        Title = title,
        Breaks = "",
        Strategy = "",
        Budget = 10,
        Detections = [],
    };

    private sealed class FakeFinder : IBugFinder
    {
        internal bool CleanBreaks { get; init; }

        internal ConcurrentBag<DetectionTask> Tasks { get; } = [];

        public Explored Explore(DetectionTask task)
        {
            Tasks.Add(task);
            bool found = task.Bug == 1;
            var seen = new Detection
            {
                Sequence = 0,
                Found = found,
                Schedules = found ? 3 : task.Schedules,
                Scenario = found ? "crash" : null,
                Seed = found ? 77UL : null,
                Promise = found ? "durable" : null,
            };
            return new Explored([seen], 0.5, Ran: task.Bug is 1 or 2 or 4);
        }

        public IReadOnlyList<Detection> Repeat(int bug, string scenario, string strategy, IReadOnlyList<ulong> seeds) =>
            CleanBreaks ? [.. seeds.Select(static seed => new Detection { Sequence = 0, Found = true, Schedules = 1, Seed = seed, Promise = "durable" })] : [];

        public Counterexample? Shrink(int bug, string scenario, string strategy, ulong seed) =>
            bug == 1 && (scenario, strategy, seed) == ("crash", "seed", 77UL) ? new Counterexample(4, 30, Minimal: true, 2.5) : null;
    }
}
