using System;
using System.Linq;
using Xunit;

namespace ObjectStore.Commands.Proofs;

/// <summary>Goal: the command draws mutations that compile, the same ones each time, for scenarios that exist. Method: the command itself, without the explorations.</summary>
public sealed class AutomaticMutantsTests
{
    [Fact]
    public void The_same_seed_lists_the_same_mutations()
    {
        string[] first = List("--mutation-seed", "3");
        Assert.Equal(12, first.Length);
        Assert.All(first, static line => Assert.Contains("engine/Placement/", line, StringComparison.Ordinal));
        Assert.Equal(first, List("--mutation-seed", "3"));
        Assert.NotEqual(first, List("--mutation-seed", "4"));
    }

    [Theory]
    [InlineData("--fast")]
    [InlineData("--class", "durability")]
    [InlineData("--strategy", "seed", "seed-pct")]
    [InlineData("--filter", "no-such-file")]
    public void What_does_not_go_together_is_refused(params string[] arguments)
    {
        Ended ended = Commands.Simulate(Commands.Simulator, Commands.Root, ["mutants", "--automatic", "12", "--list", .. arguments]);
        Assert.True(ended.ExitCode == 2, ended.ToString());
    }

    private static string[] List(params string[] arguments)
    {
        Ended ended = Commands.Simulate(Commands.Simulator, Commands.Root, ["mutants", "--automatic", "12", "--filter", "engine/Placement", "--list", .. arguments]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        return [.. ended.Output.Split('\n').Skip(1).Where(static line => line.Length > 0)];
    }
}
