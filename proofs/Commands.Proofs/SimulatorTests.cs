using System;
using System.IO;
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

    [Theory]
    [InlineData("run --bogus")]
    [InlineData("run --scenario nothing-of-that-name")]
    [InlineData("run --budget soon")]
    [InlineData("run --strategy luck")]
    [InlineData("replay")]
    [InlineData("replay --scenario crash")]
    [InlineData("replay no-such-file.choices")]
    public void Bad_use_is_exit_code_2(string arguments)
    {
        using var folder = new WorkFolder();
        Ended ended = Commands.Simulate(Commands.Simulator, folder.Path, arguments.Split(' '));
        Assert.True(ended.ExitCode == 2, ended.ToString());
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

    private static RunResult Read(string file) => RunResult.FromJson(File.ReadAllText(file));
}
