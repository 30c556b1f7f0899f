using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using ObjectStore.Sim.Mutants;
using ObjectStore.Sim.Trace;
using Xunit;

namespace ObjectStore.Commands.Proofs;

/// <summary>
/// Goal: the exploration finds bugs of different kinds, and its findings can be repeated. Method: the fast subset of the catalogue, planted in one copy of the engine by the command
/// <c>mutants</c>, each bug active in processes of its own.
/// </summary>
public sealed class PlantedBugTests(PlantedBugTests.FastSubset subset) : IClassFixture<PlantedBugTests.FastSubset>
{
    private const int ShrunkEventsMax = 15;
    private const string ShrinkBudget = "60s";
    private const string ShrunkBug = "acknowledge-before-sync";

    [Fact]
    public void Every_bug_of_the_fast_subset_is_found_from_every_first_seed_and_nothing_without_one()
    {
        Assert.True(subset.Ended.ExitCode == 0, subset.Ended.ToString());
        Assert.True(subset.Table.IsWhole, subset.Ended.ToString());
        Assert.True(subset.Table.Scores.Count >= 4, "the fast subset is empty");
        Assert.All(subset.Table.Scores, static score => Assert.NotEmpty(score.Promises));
    }

    [Fact]
    public void What_was_found_replays_from_its_seed_and_only_with_the_bug()
    {
        foreach (Score score in subset.Table.Scores)
        {
            using var folder = new WorkFolder();
            Detection found = score.Detections[0];
            string[] run = ["--scenario", found.Scenario!, "--seed", $"{found.Seed}"];
            RunResult replayed = Replay(subset.Simulator, folder, exitCode: 1, score.Number, run);
            Assert.Equal(found.Promise, replayed.PromiseBroken);
            Replay(Commands.Simulator, folder, exitCode: 0, bug: 0, run);
        }
    }

    [Fact]
    public void A_failing_run_shrinks_to_a_few_events_that_break_the_same_promise()
    {
        using var folder = new WorkFolder();
        Score score = subset.Table.Scores.Single(static score => score.Name == ShrunkBug);
        string scenario = score.Detections[0].Scenario!;
        Ended ended = Commands.Simulate(
            subset.Simulator, folder.Path, score.Number, "run", "--scenario", scenario, "--seed", $"{score.Detections[0].Seed}", "--iterations", "1", "--json", folder.File("found.json"));
        Assert.True(ended.ExitCode == 1, ended.ToString());
        RunResult found = Read(folder.File("found.json"));
        Assert.Contains($"--seed {found.Seed}", found.ReplayCommand, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File(found.HtmlFile!)));

        string shrunkFile = folder.File("shrunk.choices");
        ended = Commands.Simulate(
            subset.Simulator, folder.Path, score.Number,
            "shrink", folder.File(found.ChoiceFile!), "--budget", ShrinkBudget, "--out", shrunkFile, "--json", folder.File("shrunk.json"));
        Assert.True(ended.ExitCode == 1, ended.ToString());
        ShrunkRun shrunk = Read(folder.File("shrunk.json")).Shrunk!;
        Assert.True(shrunk.Events <= ShrunkEventsMax && shrunk.Events < shrunk.EventsBefore, $"{scenario}: {shrunk}");
        RunResult replayed = Replay(subset.Simulator, folder, 1, score.Number, shrunkFile, "--html", folder.File("shrunk.page.html"));
        Assert.Equal(found.PromiseBroken, replayed.PromiseBroken);
        Assert.Contains("</html>", File.ReadAllText(folder.File("shrunk.page.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("shrunk.html")));
    }

    private static RunResult Replay(string simulator, WorkFolder folder, int exitCode, int bug, params string[] arguments)
    {
        Ended ended = Commands.Simulate(simulator, folder.Path, bug, ["replay", "--json", folder.File("replayed.json"), .. arguments]);
        Assert.True(ended.ExitCode == exitCode, ended.ToString());
        return Read(folder.File("replayed.json"));
    }

    private static RunResult Read(string file) => RunResult.FromJson(File.ReadAllText(file));

    /// <summary>One call of the command; the copy of the engine stays for as long as the tests run.</summary>
    public sealed class FastSubset : IDisposable
    {
        private readonly WorkFolder _folder = new();

        public FastSubset()
        {
            Ended = Commands.Simulate(
                Commands.Simulator, Commands.Root, bug: 0, "mutants", "--fast", "--sequences", "2", "--clean-runs", "10", "--keep", _folder.File("copy"), "--json", _folder.File("table.json"));
            Table = File.Exists(_folder.File("table.json"))
                ? ScoreTable.FromJson(File.ReadAllText(_folder.File("table.json")))
                : throw new JsonException($"the command left no table: {Ended}");
        }

        internal Ended Ended { get; }

        internal ScoreTable Table { get; }

        internal string Simulator => _folder.File("copy/artifacts/bin/ObjectStore.Sim.Cli/release/ObjectStore.Sim.Cli.dll");

        public void Dispose() => _folder.Dispose();
    }
}
