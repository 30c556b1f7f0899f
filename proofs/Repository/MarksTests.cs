using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: a campaign that lists the marks it never hit knows all of them. Method: the registry is held against the sources, both ways.</summary>
public sealed partial class MarksTests
{
    private const string Registry = "sim/Cli/Coverage/marks.txt";

    [Fact]
    public void Every_mark_of_the_sources_is_in_the_registry_and_no_other()
    {
        string[] lines = [.. SourceTree.Read(Registry).Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('#')[0].Trim())];
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
        Assert.Equal(lines.Distinct(), lines);
        var known = new HashSet<string>(lines);
        var used = new HashSet<string>();
        var wrong = new List<string>();
        foreach (string file in ((string[])["engine", "sim"]).SelectMany(static folder => SourceTree.Files(folder, ".cs")))
        {
            foreach (Match call in Call().Matches(SourceTree.Read(file)))
            {
                string mark = call.Groups["mark"].Value;
                if (!call.Groups["mark"].Success)
                {
                    wrong.Add($"{file}: {call.Value}: write the mark as a constant where it is said");
                }
                else if (call.Groups["more"].Success)
                {
                    // The end is known at run time only: the registry names what it can be.
                    string[] all = [.. lines.Where(line => line.StartsWith(mark, StringComparison.Ordinal) && line.Length > mark.Length)];
                    used.UnionWith(all);
                    if (all.Length == 0)
                    {
                        wrong.Add($"{file}: no line of {Registry} begins with '{mark}'");
                    }
                }
                else if (known.Contains(mark))
                {
                    used.Add(mark);
                }
                else
                {
                    wrong.Add($"{file}: add the line '{mark}' to {Registry}");
                }
            }
        }

        wrong.AddRange(lines.Where(line => !used.Contains(line)).Select(static line => $"{Registry}: no source says '{line}' any more"));
        Assert.Empty(wrong);
        Assert.True(used.Count > 20);
    }

    [Theory]
    [InlineData("Trace.Mark(\"a-b\");", "a-b", false)]
    [InlineData("trace.Mark(\"a-\" + work);", "a-", true)]
    [InlineData("trace.Mark($\"a-{work}\");", "", false)]
    [InlineData("trace.Mark(name);", "", false)]
    public void The_search_sees_calls_in_all_their_forms(string source, string mark, bool isOpen)
    {
        Match call = Call().Match(source);
        Assert.True(call.Success);
        Assert.Equal(mark, call.Groups["mark"].Value);
        Assert.Equal(isOpen, call.Groups["more"].Success);
    }

    [GeneratedRegex("""(?<=[a-zA-Z]\.)Mark\((?:"(?<mark>[^"]*)"(?<more>\s*\+)?|[^)])""")]
    private static partial Regex Call();
}
