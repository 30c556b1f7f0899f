using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: a mistyped entry bans nothing and says nothing, so each is shown to fire. Method: compile one forbidden call per entry.</summary>
public sealed partial class BanlistTests
{
    private static readonly string[] Entries =
        [.. SourceTree.Read("engine/BannedSymbols.Engine.txt").Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal))
            .Select(line => line.Split(';')[0])];

    [Fact]
    public void Every_entry_fires_on_its_call()
    {
        string[] source = SourceTree.Read("proofs/Repository/Banlist/Forbidden.cs").Split('\n');
        HashSet<int> fired = ErrorLines(Build());
        var silent = new List<string>();
        var shown = new HashSet<string>(StringComparer.Ordinal);
        for (int line = 0; line + 1 < source.Length; line++)
        {
            string text = source[line].Trim();
            if (text.StartsWith("// ", StringComparison.Ordinal) && text.Length > 5 && text[4] == ':')
            {
                shown.Add(text[3..]);
                if (!fired.Contains(line + 2))
                {
                    silent.Add(text[3..]);
                }
            }
        }

        Assert.Empty(silent);
        Assert.Empty(Entries.Except(shown, StringComparer.Ordinal));
        Assert.Empty(shown.Except(Entries, StringComparer.Ordinal));
    }

    [Fact]
    public void No_engine_file_lifts_the_ban()
    {
        foreach (string file in SourceTree.Files("engine", ".cs").Concat(SourceTree.Files("engine", ".csproj")))
        {
            if (file.StartsWith("engine/Host/", StringComparison.Ordinal))
            {
                continue;
            }

            string text = SourceTree.Read(file);
            Assert.False(text.Contains("RS0030", StringComparison.Ordinal), $"{file} mentions RS0030");
            Assert.False(text.Contains("SeamExempt", StringComparison.Ordinal), $"{file} is exempt from the seams");
            Assert.False(text.Contains("SuppressMessage", StringComparison.Ordinal), $"{file} suppresses an analyzer");
        }
    }

    private static HashSet<int> ErrorLines(string output) =>
        [.. ErrorLine().Matches(output).Select(match => int.Parse(match.Groups[1].Value))];

    private static string Build()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = SourceTree.Root,
        };
        foreach (string argument in (string[])["build", Path.Combine("proofs", "Repository", "Banlist"), "-c", "Release", "--no-incremental", "-nodeReuse:false"])
        {
            start.ArgumentList.Add(argument);
        }

        // The test host's own MSBuild settings must not leak into this build.
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        using Process build = Process.Start(start)!;
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.NotEqual(0, build.ExitCode);
        return output;
    }

    [GeneratedRegex(@"Forbidden\.cs\((\d+),\d+\): error RS0030")]
    private static partial Regex ErrorLine();
}
