using System;
using System.IO;
using System.Text.Json;
using ObjectStore.Sim.Trace;
using Xunit;

namespace ObjectStore.Commands.Proofs;

/// <summary>Goal: what people and CI systems rely on when they run the simulator.</summary>
public sealed class SimulatorTests
{
    [Fact]
    public void The_same_seeds_in_two_processes_make_the_same_trace()
    {
        using var folder = new WorkFolder();
        RunResult first = Run(folder, "first.json", "--scenario", "crash", "--seed", "5", "--iterations", "8");
        RunResult second = Run(folder, "second.json", "--scenario", "crash", "--seed", "5", "--iterations", "8");
        Assert.Equal(8, first.Iterations);
        Assert.Equal(first.TraceHash, second.TraceHash);
        Assert.Equal(first.Events, second.Events);
        Assert.Equal("clean", first.Verdict);
    }

    [Fact]
    public void The_same_seed_of_a_Coyote_strategy_in_two_processes_makes_the_same_trace()
    {
        using var folder = new WorkFolder();
        RunResult first = Run(folder, "first.json", "--scenario", "versions", "--seed", "3", "--iterations", "5", "--strategy", "portfolio");
        RunResult second = Run(folder, "second.json", "--scenario", "versions", "--seed", "3", "--iterations", "5", "--strategy", "portfolio");
        Assert.Equal(first.TraceHash, second.TraceHash);
        Assert.Equal(5, first.Schedules);
    }

    [Fact]
    public void A_replay_repeats_the_run_and_writes_its_trace()
    {
        using var folder = new WorkFolder();
        Ended replay = Commands.Simulate(
            Commands.Simulator, folder.Path, "replay", "--scenario", "smoke", "--seed", "9", "--trace", folder.File("trace.jsonl"), "--json", folder.File("a.json"));
        Assert.True(replay.ExitCode == 0, replay.ToString());
        Ended again = Commands.Simulate(Commands.Simulator, folder.Path, "replay", "--scenario", "smoke", "--seed", "9", "--json", folder.File("b.json"));
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Equal(Read(folder.File("a.json")).TraceHash, Read(folder.File("b.json")).TraceHash);
        Assert.True(new FileInfo(folder.File("trace.jsonl")).Length > 0);
    }

    [Fact]
    public void Accelerated_lives_of_the_engine_are_what_the_reports_compare_with_their_model()
    {
        using var folder = new WorkFolder();
        Ended run = Commands.Simulate(Commands.Simulator, folder.Path, "accelerate", "--lives", "2", "--layout", "2+2", "--json", folder.File("lives.json"));
        Assert.True(run.ExitCode == 0, run.ToString());
        using JsonDocument lives = JsonDocument.Parse(File.ReadAllText(folder.File("lives.json")));
        JsonElement layout = Assert.Single(lives.RootElement.GetProperty("layouts").EnumerateArray());
        Assert.Equal("2+2", layout.GetProperty("layout").GetString());
        Assert.Equal(2, layout.GetProperty("lives").GetArrayLength());
        Assert.All(layout.GetProperty("lives").EnumerateArray(), static life => Assert.True(life.GetProperty("diskFailures").GetInt32() > 2, "a stripe of 2+2 is lost by three failures at least"));
        Assert.All(layout.GetProperty("repairHours").EnumerateArray(), static hours => Assert.InRange(hours.GetDouble() * 3600, 5, 60));
    }

    [Theory]
    [InlineData("run --bogus")]
    [InlineData("run --scenario nothing-of-that-name")]
    [InlineData("run --budget soon")]
    [InlineData("run --strategy luck")]
    [InlineData("replay")]
    [InlineData("replay --scenario crash")]
    [InlineData("replay no-such-file.choices")]
    [InlineData("run --shard 5/4")]
    [InlineData("run --shard 0/4")]
    [InlineData("run --iterations 0")]
    [InlineData("run --scenario smoke --iterations 2 --shard 3/4")]
    [InlineData("shrink")]
    [InlineData("shrink --scenario smoke --seed 1")]
    [InlineData("shrink no-such-file.choices")]
    [InlineData("merge")]
    [InlineData("merge no-such-file.json")]
    [InlineData("determinism --seeds 0")]
    public void Bad_use_is_exit_code_2(string arguments)
    {
        using var folder = new WorkFolder();
        Ended ended = Commands.Simulate(Commands.Simulator, folder.Path, arguments.Split(' '));
        Assert.True(ended.ExitCode == 2, ended.ToString());
    }

    [Fact]
    public void Shards_merge_to_the_campaign_in_one_piece_with_one_verdict_and_a_missing_one_is_bad_use()
    {
        using var folder = new WorkFolder();
        CampaignResult whole = Campaign(folder, "whole.json", "run", "--scenario", "crash", "--iterations", "11");
        CampaignResult one = Campaign(folder, "1.json", "run", "--scenario", "crash", "--iterations", "11", "--shard", "1/2");
        CampaignResult two = Campaign(folder, "2.json", "run", "--scenario", "crash", "--iterations", "11", "--shard", "2/2");
        Assert.Equal((6, 5), (one.Iterations, two.Iterations));
        CampaignResult merged = Campaign(
            folder, "merged.json", "merge", folder.File("1.json"), folder.File("2.json"),
            "--html", folder.File("all.html"), "--junit", folder.File("all.xml"), "--markdown", folder.File("all.md"));
        Assert.Equal(whole.TraceHash, merged.TraceHash);
        Assert.Equal((whole.Iterations, whole.Schedules, whole.Events, whole.Requests, whole.VirtualSeconds), (merged.Iterations, merged.Schedules, merged.Events, merged.Requests, merged.VirtualSeconds));
        Assert.Equal(whole.Marks, merged.Marks);
        Assert.Equal(whole.Faults, merged.Faults);
        Assert.Equal(whole.MarksNeverHit, merged.MarksNeverHit);
        Assert.Contains("</html>", File.ReadAllText(folder.File("all.html")), StringComparison.Ordinal);
        Assert.Contains("<testsuites", File.ReadAllText(folder.File("all.xml")), StringComparison.Ordinal);
        Assert.StartsWith("## Simulation: clean", File.ReadAllText(folder.File("all.md")), StringComparison.Ordinal);
        Assert.Equal(2, Commands.Simulate(Commands.Simulator, folder.Path, "merge", folder.File("1.json")).ExitCode);
        Assert.Equal(2, Commands.Simulate(Commands.Simulator, folder.Path, "merge", folder.File("1.json"), folder.File("1.json")).ExitCode);
    }

    [Fact]
    public void Seeds_twice_make_no_difference_whatever_the_number_of_jobs()
    {
        using var folder = new WorkFolder();
        CampaignResult alone = Campaign(folder, "alone.json", "determinism", "--seeds", "20", "--jobs", "1");
        CampaignResult together = Campaign(folder, "together.json", "determinism", "--seeds", "20", "--jobs", "4");
        Assert.Equal((40, 20), (alone.Iterations, alone.Schedules));
        Assert.Equal(alone.TraceHash, together.TraceHash);
    }

    [Fact]
    public void A_mark_that_must_be_reached_and_is_not_is_exit_code_3()
    {
        using var folder = new WorkFolder();
        Ended ended = Commands.Simulate(
            Commands.Simulator, folder.Path, "run", "--scenario", "smoke", "--iterations", "1", "--require-marks", "--junit", folder.File("marks.xml"));
        Assert.True(ended.ExitCode == 3, ended.ToString());
        Assert.Contains("wal-torn-tail", ended.Output, StringComparison.Ordinal);
        Assert.Contains("mark-never-hit", File.ReadAllText(folder.File("marks.xml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_replay_shows_itself_on_a_page()
    {
        using var folder = new WorkFolder();
        Ended ended = Commands.Simulate(Commands.Simulator, folder.Path, "replay", "--scenario", "crash", "--seed", "3", "--html", folder.File("run.html"));
        Assert.True(ended.ExitCode == 0, ended.ToString());
        string page = File.ReadAllText(folder.File("run.html"));
        foreach (string word in (string[])["\"kind\":\"client\"", "\"kind\":\"node\"", "\"kind\":\"disk\"", "\"history\":[{", "\"crashes\":[{"])
        {
            Assert.Contains(word, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Help_teaches_by_example()
    {
        using var folder = new WorkFolder();
        Ended help = Commands.Simulate(Commands.Simulator, folder.Path, "--help");
        Assert.Equal(0, help.ExitCode);
        foreach (string word in (string[])["check", "replay", "--scenario crash", "Exit codes"])
        {
            Assert.Contains(word, help.Output, StringComparison.Ordinal);
        }
    }

    private static RunResult Run(WorkFolder folder, string file, params string[] arguments)
    {
        Ended ended = Commands.Simulate(Commands.Simulator, folder.Path, ["run", "--json", folder.File(file), .. arguments]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        return Read(folder.File(file));
    }

    private static CampaignResult Campaign(WorkFolder folder, string file, params string[] arguments)
    {
        Ended ended = Commands.Simulate(Commands.Simulator, folder.Path, [.. arguments, "--json", folder.File(file)]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        return CampaignResult.FromJson(File.ReadAllText(folder.File(file)));
    }

    private static RunResult Read(string file) => RunResult.FromJson(File.ReadAllText(file));
}
