using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Mutants;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: the catalogue is up to date with the engine. Method: apply and merge every entry; whether each is found is the command's business.</summary>
public sealed class CatalogueTests
{
    private const int CountMin = 100;
    private const int ClassesMin = 10;

    private static IReadOnlyList<PlantedBug> All { get; } = PlantedBug.ReadAll(Path.Combine(SourceTree.Root, "proofs", "Mutants", "catalogue"));

    [Fact]
    public void There_are_a_hundred_bugs_in_ten_classes()
    {
        Assert.True(All.Count >= CountMin, $"{All.Count}");
        Assert.True(All.Select(static bug => bug.Class).Distinct().Count() >= ClassesMin);
        Assert.All(All, static bug => Assert.InRange(bug.Schedules, 1, 5_000));
    }

    [Fact]
    public void Every_bug_fits_the_sources_and_changes_only_what_can_be_switched()
    {
        var versions = new SortedDictionary<string, List<(int Number, string Text)>>(System.StringComparer.Ordinal);
        for (int index = 0; index < All.Count; index++)
        {
            foreach (string file in All[index].Patch.Files)
            {
                Assert.StartsWith("engine/", file, System.StringComparison.Ordinal);
                versions.TryAdd(file, []);
                versions[file].Add((index + 1, All[index].Patch.Apply(file, SourceTree.Read(file))));
            }
        }

        foreach ((string file, List<(int, string)> list) in versions)
        {
            Assert.Contains(Schemata.IsActive, Schemata.Merge(SourceTree.Read(file), list), System.StringComparison.Ordinal);
        }
    }
}
