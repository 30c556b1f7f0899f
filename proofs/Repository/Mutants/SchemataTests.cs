using System.IO;
using ObjectStore.Sim.Mutants;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: one file holds all versions, and only what can be chosen at run time may differ. Method: small files by hand.</summary>
public sealed class SchemataTests
{
    private const string Original = """
        namespace N;
        internal sealed class C
        {
            private readonly int _start = 1;
            internal int Value => _start + 1;
            internal static int Add(int left, int right)
            {
                int sum = left + right;
                return sum;
            }
            internal static void Nothing() => Add(1, 2);
        }
        """;

    [Fact]
    public void A_changed_body_becomes_a_choice_and_the_rest_stays()
    {
        string merged = Schemata.Merge(Original, [(1, Original.Replace("left + right", "left - right", System.StringComparison.Ordinal)), (2, Original.Replace("left + right", "right", System.StringComparison.Ordinal))]);
        Assert.Contains($"if ({Schemata.IsActive}(1))", merged, System.StringComparison.Ordinal);
        Assert.Contains($"else if ({Schemata.IsActive}(2))", merged, System.StringComparison.Ordinal);
        Assert.Contains("int sum = left - right;", merged, System.StringComparison.Ordinal);
        Assert.Contains("int sum = left + right;", merged, System.StringComparison.Ordinal);
        Assert.Contains("internal int Value => _start + 1;", merged, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Expression_bodies_and_initial_values_can_be_chosen_too()
    {
        string changed = Original.Replace("_start = 1", "_start = 5", System.StringComparison.Ordinal).Replace("_start + 1", "_start + 3", System.StringComparison.Ordinal)
            .Replace("Add(1, 2)", "Add(3, 4)", System.StringComparison.Ordinal);
        string merged = Schemata.Merge(Original, [(7, changed)]);
        Assert.Contains($"_start = {Schemata.IsActive}(7) ? (5) : (1);", merged, System.StringComparison.Ordinal);
        Assert.Contains("get {", merged, System.StringComparison.Ordinal);
        Assert.Contains("{ Add(3, 4); }", merged, System.StringComparison.Ordinal);
    }

    [Fact]
    public void New_members_are_added()
    {
        string changed = Original.Replace("internal static int Add", "private static int Wrong() => 3;\n    internal static int Add", System.StringComparison.Ordinal)
            .Replace("return sum;", "return Wrong();", System.StringComparison.Ordinal);
        Assert.Contains("private static int Wrong() => 3;", Schemata.Merge(Original, [(1, changed)]), System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int left, int right", "int left, long right")]
    [InlineData("internal sealed class C", "internal class C")]
    [InlineData("internal int Value", "internal long Value")]
    public void What_cannot_be_chosen_at_run_time_is_refused(string before, string after) =>
        Assert.Throws<InvalidDataException>(() => Schemata.Merge(Original, [(1, Original.Replace(before, after, System.StringComparison.Ordinal))]));

    [Fact]
    public void A_version_without_a_change_is_refused() => Assert.Throws<InvalidDataException>(() => Schemata.Merge(Original, [(1, Original + "\n")]));
}
