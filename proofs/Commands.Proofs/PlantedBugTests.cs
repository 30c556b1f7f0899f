using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Trace;
using Xunit;

namespace ObjectStore.Commands.Proofs;

/// <summary>Goal: the exploration finds bugs of different kinds, and its findings can be repeated. Method: bugs planted in a copy of the engine.</summary>
public sealed class PlantedBugTests(PlantedBugTests.CopyOfTheEngine copy) : IClassFixture<PlantedBugTests.CopyOfTheEngine>
{
    private const int RunsToFind = 500;
    private const int RunsOfTheCleanEngine = 60;
    private const int ShrunkEventsMax = 15;
    private const string ShrinkBudget = "60s";

    [Theory]
    [InlineData("acknowledge-before-sync", "crash")]
    [InlineData("condition-in-two-steps", "conditional-race")]
    [InlineData("torn-record-accepted", "crash")]
    [InlineData("query-shows-what-may-be-lost", "slow-sync")]
    public void A_planted_bug_is_found_replayed_from_its_seed_and_absent_in_the_clean_engine(string bug, string scenario)
    {
        using var folder = new WorkFolder();
        copy.Plant(bug);
        Ended found = Commands.Simulate(
            copy.Simulator, folder.Path, "run", "--scenario", scenario, "--iterations", $"{RunsToFind}", "--json", folder.File("found.json"));
        Assert.True(found.ExitCode == 1, $"{bug} was not found: {found}");
        RunResult result = Read(folder.File("found.json"));
        Assert.Equal("broken", result.Verdict);
        Assert.Contains($"--seed {result.Seed}", result.ReplayCommand, StringComparison.Ordinal);

        string seed = $"{result.Seed}";
        RunResult replayed = Replay(copy.Simulator, folder, 1, "--scenario", scenario, "--seed", seed);
        Assert.Equal(result.PromiseBroken, replayed.PromiseBroken);
        Assert.Equal(result.Explanation, replayed.Explanation);
        RunResult fromChoices = Replay(copy.Simulator, folder, 1, folder.File(result.ChoiceFile!));
        Assert.Equal(replayed.TraceHash, fromChoices.TraceHash);

        AssertShrinks(folder, result, scenario);
        Replay(Commands.Simulator, folder, 0, "--scenario", scenario, "--seed", seed);
        Ended clean = Commands.Simulate(Commands.Simulator, folder.Path, "run", "--scenario", scenario, "--seed", seed, "--iterations", $"{RunsOfTheCleanEngine}");
        Assert.True(clean.ExitCode == 0, clean.ToString());
    }

    /// <summary>What is left breaks the same promise, replays, is small, and has a page.</summary>
    private void AssertShrinks(WorkFolder folder, RunResult found, string scenario)
    {
        string shrunkFile = folder.File("shrunk.choices");
        Ended ended = Commands.Simulate(
            copy.Simulator, folder.Path,
            "shrink", folder.File(found.ChoiceFile!), "--budget", ShrinkBudget, "--out", shrunkFile, "--json", folder.File("shrunk.json"));
        Assert.True(ended.ExitCode == 1, ended.ToString());
        ShrunkRun shrunk = Read(folder.File("shrunk.json")).Shrunk!;
        Assert.True(shrunk.Events <= ShrunkEventsMax && shrunk.Events < shrunk.EventsBefore, $"{scenario}: {shrunk}");
        Assert.InRange(shrunk.WallSeconds, 0, 90);
        RunResult replayed = Replay(copy.Simulator, folder, 1, shrunkFile, "--html", folder.File("shrunk.page.html"));
        Assert.Equal(found.PromiseBroken, replayed.PromiseBroken);
        Assert.Contains("</html>", File.ReadAllText(folder.File("shrunk.page.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("shrunk.html")));
        Assert.True(File.Exists(folder.File(found.HtmlFile!)));
    }

    private static RunResult Replay(string simulator, WorkFolder folder, int exitCode, params string[] arguments)
    {
        Ended ended = Commands.Simulate(simulator, folder.Path, ["replay", "--json", folder.File("replayed.json"), .. arguments]);
        Assert.True(ended.ExitCode == exitCode, ended.ToString());
        return Read(folder.File("replayed.json"));
    }

    private static RunResult Read(string file) => RunResult.FromJson(File.ReadAllText(file));

    /// <summary>Sources of everything that the simulator is built from, with one bug at a time.</summary>
    public sealed class CopyOfTheEngine : IDisposable
    {
        private static readonly string[] Folders = ["engine", "sim", "workloads"];
        private static readonly string[] Generated = ["artifacts", "bin", "obj"];
        private readonly WorkFolder _folder = new();

        public CopyOfTheEngine()
        {
            string[] rootFiles = [.. Directory.EnumerateFiles(Commands.Root).Where(static file => !file.EndsWith(".sln", StringComparison.Ordinal))];
            foreach (string file in rootFiles.Concat(Folders.SelectMany(Sources)))
            {
                string target = _folder.File(Path.GetRelativePath(Commands.Root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        internal string Simulator => _folder.File("artifacts/bin/ObjectStore.Sim.Cli/release/ObjectStore.Sim.Cli.dll");

        internal void Plant(string bug)
        {
            foreach (string source in Sources("engine").Where(static file => file.EndsWith(".cs", StringComparison.Ordinal)))
            {
                string target = _folder.File(Path.GetRelativePath(Commands.Root, source));
                string clean = File.ReadAllText(source);
                if (File.ReadAllText(target) != clean)
                {
                    File.WriteAllText(target, clean);
                }
            }

            Patch.Apply(File.ReadAllLines(Path.Combine(Commands.Root, "proofs", "Commands.Proofs", "Planted", bug + ".patch")), _folder.Path);
            Ended build = Commands.Dotnet(
                _folder.Path, "build", "sim/Cli", "-c", "Release", "-nologo", "-v", "q", "-nodeReuse:false",
                "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false");
            Assert.True(build.ExitCode == 0, build.ToString());
        }

        public void Dispose() => _folder.Dispose();

        private static IEnumerable<string> Sources(string folder) =>
            Directory.EnumerateFiles(Path.Combine(Commands.Root, folder), "*", SearchOption.AllDirectories)
                .Where(static file => !Path.GetRelativePath(Commands.Root, file).Split(Path.DirectorySeparatorChar).Any(part => Generated.Contains(part)));
    }
}
