using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Mutants;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: a seed names a sample, which is spread over the engine and compiles; what a person said about a mutation is still about one. Method: the sources as they are.</summary>
public sealed class MutationSampleTests
{
    private static readonly string[] LeftOut = ["engine/Cluster/Administration/", "engine/Cluster/Topology/"];
    private static readonly string[] Mutated = ["Consensus", "Metadata", "Storage", "Cluster", "Placement"];

    private static IReadOnlyList<Mutation> Everything { get; } = MutationSample.Everything(SourceTree.Root);

    [Fact]
    public void A_seed_names_a_sample()
    {
        Assert.Equal(Draw(60, 1), Draw(60, 1));
        Assert.NotEqual(Draw(60, 1), Draw(60, 2));
    }

    [Fact]
    public void Every_area_has_its_share()
    {
        int[] counts = [.. Draw(4 * MutationArea.All.Count, 1).GroupBy(static one => MutationArea.Of(one.File)!.Folder).Select(static group => group.Count())];
        Assert.Equal(MutationArea.All.Count, counts.Length);
        Assert.All(counts, static count => Assert.InRange(count, 4, 4));
    }

    [Fact]
    public void An_edit_elsewhere_leaves_the_choice_in_an_area_as_it_was()
    {
        Mutation[] others = [.. Everything.Where(static one => !one.File.StartsWith("engine/Storage/Wal/", StringComparison.Ordinal)).Select(static one => one with { Line = one.Line + 7 })];
        var before = Draw(200, 1).Select(static one => $"{one.File} {one.Before} {one.After}").ToHashSet(StringComparer.Ordinal);
        Assert.All(MutationSample.Draw(others, 40, 1, static _ => true).Chosen, one => Assert.Contains($"{one.File} {one.Before} {one.After}", before));
    }

    [Fact]
    public void No_folder_of_the_engine_is_forgotten()
    {
        string[] forgotten =
        [
            .. Mutated.SelectMany(static project => SourceTree.Files($"engine/{project}", ".cs"))
                .Where(static file => MutationArea.Of(file) is null && !LeftOut.Any(folder => file.StartsWith(folder, StringComparison.Ordinal))),
        ];
        Assert.True(forgotten.Length == 0, string.Join('\n', forgotten));
        Assert.All(MutationArea.All, static area => Assert.True(Directory.Exists(Path.Combine(SourceTree.Root, area.Folder)), area.Folder));
    }

    [Fact]
    public void What_does_not_compile_is_not_drawn()
    {
        string root = Directory.CreateTempSubdirectory("objectstore-mutations-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "engine", "Toy"));
            File.WriteAllText(Path.Combine(root, "engine", "Toy", "Toy.csproj"), "<Project/>");
            // Without its call the first body assigns nothing to what it gives; the second compiles either way.
            File.WriteAllText(Path.Combine(root, "engine", "Toy", "C.cs"), "class C { void A(out int a) { B(out a); } void B(out int b) { b = 1; A(); } void A() { } }");
            IReadOnlyList<Mutation> both = MutationPoints.In("engine/Toy/C.cs", File.ReadAllText(Path.Combine(root, "engine", "Toy", "C.cs")));
            Assert.Equal(["B(out a);", "A();"], both.Select(static one => one.Before));
            var sample = MutationSample.Draw(both, 2, 1, new CompileCheck(root, CompileCheck.OfThisProgram).Compiles);
            Assert.Equal("A();", Assert.Single(sample.Chosen).Before);
            Assert.Equal(1, sample.NotCompiling);

            File.WriteAllText(Path.Combine(root, "engine", "Toy", "C.cs"), "class C { void A() { A(); Unknown(); } }");
            both = MutationPoints.In("engine/Toy/C.cs", File.ReadAllText(Path.Combine(root, "engine", "Toy", "C.cs")));
            Assert.Throws<InvalidDataException>(() => new CompileCheck(root, CompileCheck.OfThisProgram).Compiles(both[0]));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void What_is_called_equivalent_is_a_mutation_of_the_engine_as_it_stands()
    {
        var known = KnownEquivalents.Parse(File.ReadAllLines(Path.Combine(SourceTree.Root, "proofs", "Mutants", "equivalent.txt")));
        Assert.NotEmpty(known.Identities);
        var standing = Everything.Where(one => known.Reason(one) is not null).Select(static one => $"{one.File} | {one.Member} | {one.Kind} | {one.Before} -> {one.After}").ToHashSet(StringComparer.Ordinal);
        string[] stale = [.. known.Identities.Where(identity => !standing.Contains(identity))];
        Assert.True(stale.Length == 0, string.Join('\n', stale));
    }

    [Theory]
    [InlineData("engine/Toy/C.cs | A | relation | a < b -> a <= b")]
    [InlineData("engine/Toy/C.cs: a < b -> a <= b | why")]
    public void A_line_without_a_reason_is_refused(string line) => Assert.Throws<InvalidDataException>(() => KnownEquivalents.Parse([line]));

    private static IReadOnlyList<Mutation> Draw(int count, ulong seed) => MutationSample.Draw(Everything, count, seed, static _ => true).Chosen;
}
