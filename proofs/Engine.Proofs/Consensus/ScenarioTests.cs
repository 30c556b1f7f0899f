using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>
/// Goal: each situation of the Raft paper and dissertation, as a text that people can read: commands, and what came of them. Method: the files of
/// <c>Scenarios/</c> are run and must come out as they are. <c>RAFT_SCENARIOS_REWRITE=1</c> writes what came out into the files; review the difference.
/// </summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> Names()
    {
        var names = new TheoryData<string>();
        foreach (string resource in typeof(ScenarioTests).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (resource.StartsWith("raft/", StringComparison.Ordinal))
            {
                names.Add(resource["raft/".Length..]);
            }
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_situation_comes_out_as_written(string name)
    {
        using Stream resource = typeof(ScenarioTests).Assembly.GetManifestResourceStream("raft/" + name)!;
        using var reader = new StreamReader(resource);
        string expected = reader.ReadToEnd().ReplaceLineEndings("\n");
        string actual = Play(expected);
        if (Environment.GetEnvironmentVariable("RAFT_SCENARIOS_REWRITE") == "1")
        {
            File.WriteAllText(Path.Combine(Folder(), name + ".txt"), actual);
            return;
        }

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void There_is_a_scenario_for_each_situation() => Assert.True(Names().Count >= 20, "scenarios are missing");

    private static string Play(string text)
    {
        var scenario = new Scenario();
        var played = new StringBuilder();
        bool isFirst = true;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith('#'))
            {
                played.Append(line).Append('\n');
            }
            else if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                played.Append(isFirst ? "\n" : "").Append(line).Append('\n');
                isFirst = false;
                foreach (string said in Do(scenario, line[2..]))
                {
                    played.Append("  ").Append(said).Append('\n');
                }
            }
        }

        return played.ToString();
    }

    private static IReadOnlyList<string> Do(Scenario scenario, string command)
    {
        try
        {
            return scenario.Do(command.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception broken) when (broken is PromiseBrokenException or InvariantViolationException)
        {
            return ["BROKEN: " + broken.Message];
        }
    }

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Scenarios");
}
