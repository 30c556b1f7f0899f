using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: references point one way, down to the seams. Method: read the project files and hold them to the table of engine/ARCHITECTURE.md.</summary>
public sealed partial class LayeringTests
{
    /// <summary>Project folder → folders that it may reference. What is not here may not exist.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["engine/Kernel"] = [],
        ["engine/Erasure"] = ["engine/Kernel"],
        ["engine/Placement"] = ["engine/Kernel"],
        ["engine/Metrics"] = ["engine/Kernel"],
        ["engine/Auth"] = ["engine/Kernel"],
        ["engine/Storage"] = ["engine/Kernel"],
        ["engine/Rpc"] = ["engine/Kernel"],
        ["engine/Consensus"] = ["engine/Kernel", "engine/Storage"],
        ["engine/Metadata"] = ["engine/Kernel", "engine/Storage", "engine/Consensus"],
        ["engine/Cluster"] =
        [
            "engine/Kernel", "engine/Rpc", "engine/Erasure", "engine/Placement", "engine/Storage", "engine/Consensus", "engine/Metadata",
        ],
        ["engine/Gateway"] = ["engine/Kernel", "engine/Storage", "engine/Metadata", "engine/Auth"],
        ["engine/Node"] = ["engine/*"],
        ["engine/Host"] = ["engine/*"],
        ["sim/World"] = ["engine/Kernel", "sim/Trace"],
        ["sim/Trace"] = ["engine/Kernel"],
        ["sim/Faults"] = ["engine/Kernel", "sim/World", "sim/Trace"],
        ["sim/Consensus"] = ["engine/Kernel", "engine/Consensus", "sim/World", "sim/Trace"],
        ["sim/Checking"] = ["engine/Kernel", "sim/Trace"],
        ["sim/Mutants"] = [],
        ["sim/Viewer"] = ["engine/Kernel", "sim/Trace", "sim/World"],
        ["sim/Cli"] = ["engine/*", "sim/*", "workloads/Contract", "workloads/Library"],
        ["workloads/Contract"] = ["engine/Kernel", "sim/Checking"],
        ["workloads/Library"] = ["engine/Kernel", "engine/Auth", "engine/Gateway", "workloads/Contract", "sim/Checking"],
        ["workloads/Live"] = ["workloads/Contract", "workloads/Library", "engine/Auth", "engine/Kernel", "sim/Checking"],
        ["workloads/NBomber"] = ["workloads/Contract", "workloads/Library", "workloads/Live", "sim/Checking"],
        ["workloads/Load"] = ["workloads/Contract", "workloads/Library", "workloads/Live", "engine/Auth", "engine/Kernel", "sim/Checking", "sim/Trace"],
        ["workloads/Ceiling"] = [],
        ["workloads/Benchmarks"] = ["engine/*", "sim/*"],
        ["reports/ObjectStore.Reports"] = ["sim/Trace"],
    };

    [Fact]
    public void Projects_reference_only_what_lies_below_them()
    {
        var wrong = new List<string>();
        foreach (string project in SourceTree.Files("", ".csproj"))
        {
            string folder = Path.GetDirectoryName(project)!.Replace('\\', '/');
            if (folder.StartsWith("proofs/", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.True(Allowed.ContainsKey(folder), $"{project} is not in the table of layers");
            foreach (Match reference in Reference().Matches(SourceTree.Read(project)))
            {
                string target = Path.GetRelativePath(
                    SourceTree.Root,
                    Path.GetDirectoryName(Path.GetFullPath(Path.Combine(SourceTree.Root, folder, reference.Groups[1].Value)))!).Replace('\\', '/');
                if (!Allowed[folder].Any(allowed => allowed == target || (allowed.EndsWith("/*", StringComparison.Ordinal) && target.StartsWith(allowed[..^1], StringComparison.Ordinal)))
                    || (target == "engine/Host" && folder != "workloads/Benchmarks"))
                {
                    wrong.Add($"{folder} -> {target}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_engine_does_not_know_Coyote_or_the_simulator()
    {
        foreach (string project in SourceTree.Files("engine", ".csproj"))
        {
            Assert.DoesNotContain("Coyote", SourceTree.Read(project), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Every_top_folder_and_every_project_says_what_it_is()
    {
        foreach (string folder in (string[])["engine", "sim", "workloads", "proofs", "reports"])
        {
            Assert.True(File.Exists(Path.Combine(SourceTree.Root, folder, "README.md")), $"{folder}/README.md is missing");
        }

        foreach (string project in SourceTree.Files("", ".csproj"))
        {
            string folder = Path.GetDirectoryName(project)!.Replace('\\', '/');
            if (folder != "proofs/Repository/Banlist")
            {
                Assert.True(File.Exists(Path.Combine(SourceTree.Root, folder, "README.md")), $"{folder}/README.md is missing");
            }
        }
    }

    [GeneratedRegex("<ProjectReference Include=\"([^\"]+)\"")]
    private static partial Regex Reference();
}
