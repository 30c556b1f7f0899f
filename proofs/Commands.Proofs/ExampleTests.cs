using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Sim.Trace;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace ObjectStore.Commands.Proofs;

/// <summary>Goal: the examples for CI and Kubernetes work. Method: they are read as YAML, and every shell step that calls the simulator is run as it stands there.</summary>
public sealed class ExampleTests
{
    private const int Shards = 4;

    [Fact]
    public void The_workflow_explores_in_shards_and_merges_to_one_verdict()
    {
        using var folder = new WorkFolder();
        YamlMappingNode workflow = Assert.Single(Read(".github/workflows/simulation.yml"));
        YamlNode explore = workflow["jobs"]["explore"];
        Assert.Equal(
            Enumerable.Range(1, Shards).Select(static shard => $"{shard}"),
            ((YamlSequenceNode)explore["strategy"]["matrix"]["shard"]).Select(static shard => shard.ToString()));
        Assert.Equal($"{Shards}", workflow["env"]["SHARDS"].ToString());
        foreach (int shard in Enumerable.Range(1, Shards))
        {
            foreach (string step in Steps(explore))
            {
                Run(folder, step, ("SHARD", $"{shard}"));
            }
        }

        foreach (string step in Steps(workflow["jobs"]["verdict"]))
        {
            Run(folder, step);
        }

        AssertWhole(folder.File("out/campaign.json"));
        Assert.True(File.Exists(folder.File("out/campaign.xml")));
    }

    [Fact]
    public void The_indexed_job_explores_a_shard_in_each_pod_and_merges_to_one_verdict()
    {
        using var folder = new WorkFolder();
        IReadOnlyList<YamlMappingNode> documents = Read("sim/examples/kubernetes/indexed-job.yaml");
        YamlMappingNode[] jobs = [.. documents.Where(static document => document["kind"].ToString() == "Job")];
        Assert.Equal(["simulation", "simulation-verdict"], jobs.Select(static job => job["metadata"]["name"].ToString()));
        Assert.Equal("Indexed", jobs[0]["spec"]["completionMode"].ToString());
        Assert.Equal($"{Shards}", jobs[0]["spec"]["completions"].ToString());
        YamlNode pod = jobs[0]["spec"]["template"]["spec"]["containers"][0];
        Assert.Equal($"{Shards}", ((YamlSequenceNode)pod["env"]).Single(static variable => variable["name"].ToString() == "SHARDS")["value"].ToString());
        for (int index = 0; index < Shards; index++)
        {
            Run(folder, pod["args"][0].ToString(), ("JOB_COMPLETION_INDEX", $"{index}"));
        }

        Run(folder, jobs[1]["spec"]["template"]["spec"]["containers"][0]["args"][0].ToString());
        AssertWhole(folder.File("campaign.json"));
    }

    private static void AssertWhole(string file)
    {
        CampaignResult campaign = CampaignResult.FromJson(File.ReadAllText(file));
        Assert.Equal("clean", campaign.Verdict);
        Assert.Null(campaign.Shard);
        Assert.True(campaign.Iterations >= Shards);
    }

    /// <summary>Shell steps, apart from those that build, for that is done.</summary>
    private static IEnumerable<string> Steps(YamlNode job) =>
        ((YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>()
            .Where(static step => step.Children.ContainsKey("run") && step["name"].ToString() != "build")
            .Select(static step => step["run"].ToString());

    private static IReadOnlyList<YamlMappingNode> Read(string file)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Commands.Root, file));
        yaml.Load(reader);
        return [.. yaml.Documents.Select(static document => (YamlMappingNode)document.RootNode)];
    }

    private static void Run(WorkFolder folder, string script, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder.Path };
        start.ArgumentList.Add("-e");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        foreach ((string name, string value) in (IEnumerable<(string, string)>)[("SIM", $"dotnet {Commands.Simulator}"), ("SHARDS", $"{Shards}"), ("BUDGET", "1500ms"), ("SEED", "1"), .. variables])
        {
            start.Environment[name] = value;
        }

        start.Environment.Remove("GITHUB_STEP_SUMMARY");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{script}\nexit code {process.ExitCode}\n{output}{errors.GetAwaiter().GetResult()}");
    }
}
