using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Rules of the house that no analyzer holds.</summary>
public sealed class HouseRulesTests
{
    private static readonly string[] Folders = ["engine", "sim", "workloads", "proofs", "reports"];

    [Fact]
    public void No_file_is_too_long_to_be_one_idea()
    {
        const int LinesMax = 800;
        Assert.All(
            Folders.SelectMany(folder => SourceTree.Files(folder, ".cs")),
            file => Assert.InRange(SourceTree.Read(file).Count(letter => letter == '\n'), 0, LinesMax));
    }

    [Fact]
    public void Nothing_is_left_for_later_or_called_by_an_empty_name()
    {
        string[] words = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception"];
        string[] names = ["Helper", "Manager", "Util", "V2"];
        var wrong = new List<string>();
        foreach (string file in Folders.SelectMany(folder => SourceTree.Files(folder, ".cs")))
        {
            string text = SourceTree.Read(file);
            wrong.AddRange(words.Where(word => text.Contains(word, StringComparison.Ordinal)).Select(word => $"{file}: {word}"));
            string name = System.IO.Path.GetFileNameWithoutExtension(file);
            wrong.AddRange(names.Where(ending => name.EndsWith(ending, StringComparison.Ordinal)).Select(ending => $"{file}: {ending}"));
        }

        Assert.Empty(wrong);
    }
}
