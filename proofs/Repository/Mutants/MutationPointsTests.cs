using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Mutants;
using Xunit;

namespace ObjectStore.Repository.Proofs;

/// <summary>Goal: the operators change what they say and leave alone what no promise hangs on. Method: a small class by hand around each piece of code, and real files of the engine.</summary>
public sealed class MutationPointsTests
{
    private const string File = "engine/Toy/C.cs";

    [Theory]
    [InlineData("relation", "_f = a < b;", "_f = a <= b;")]
    [InlineData("relation", "_f = a <= b;", "_f = a < b;")]
    [InlineData("relation", "_f = a > b;", "_f = a >= b;")]
    [InlineData("relation", "_f = a >= b;", "_f = a > b;")]
    [InlineData("relation", "_f = a == b;", "_f = a != b;")]
    [InlineData("relation", "_f = a != b;", "_f = a == b;")]
    [InlineData("logic", "_f = p && q;", "_f = p || q;")]
    [InlineData("logic", "_f = p || q;", "_f = p && q;")]
    [InlineData("condition", "if (p) { One(); }", "if (!(p)) { One(); }")]
    [InlineData("condition", "while (p) { One(); }", "while (!(p)) { One(); }")]
    [InlineData("condition", "_n = p ? a : b;", "_n = !(p) ? a : b;")]
    [InlineData("off-by-one", "_n = a + 1;", "_n = a;")]
    [InlineData("off-by-one", "_n = a - 1;", "_n = a;")]
    [InlineData("constant", "_f = true;", "_f = false;")]
    [InlineData("constant", "One(false);", "One(true);")]
    [InlineData("deletion", "One();", ";")]
    [InlineData("deletion", "_f = p;", ";")]
    [InlineData("deletion", "_n += a;", ";")]
    [InlineData("deletion", "_n++;", ";")]
    [InlineData("deletion", "await OneAsync();", ";")]
    [InlineData("deletion", "_other?.One();", ";")]
    [InlineData("extreme", "_n = Math.Min(a, b);", "_n = Math.Max(a, b);")]
    [InlineData("extreme", "_n = Math.Max(a, b);", "_n = Math.Min(a, b);")]
    public void Each_operator_makes_its_change(string kind, string before, string after)
    {
        string text = Class(before);
        Assert.Contains(Class(after), In(text).Where(one => one.Kind == kind).Select(one => one.Apply(File, text)));
    }

    [Fact]
    public void Answers_are_turned_round_in_blocks_and_in_expression_bodies()
    {
        const string Text = "class C { bool A() { return Is(1); } bool B => Is(2); async Task<bool> D() => await Is(3); int E() { return Of(4); } Func<bool> G() => () => { return Is(5); }; }";
        Assert.Equal(["!(Is(1))", "!(Is(2))", "!(await Is(3))"], In(Text).Where(static one => one.Kind == "answer").Select(static one => one.After));
    }

    [Fact]
    public void The_only_statement_of_an_expression_body_is_left_out_too()
    {
        const string Text = "class C { void A() => One(); int B() => One(); }";
        Mutation only = Assert.Single(In(Text));
        Assert.Equal("class C { void A() => _ = 0; int B() => One(); }", only.Apply(File, Text));
    }

    [Theory]
    [InlineData("ArgumentNullException.ThrowIfNull(a);")]
    [InlineData("if (a < 1) { throw new ArgumentException(\"small\"); }")]
    [InlineData("throw new InvalidDataException(Say(a + 1, true));")]
    [InlineData("Invariant.Check(a < b && p, \"order\");")]
    [InlineData("_environment.Trace.Emit(new Event(a + 1, true));")]
    [InlineData("_environment.Trace.Mark(\"reached\");")]
    [InlineData("if (_environment.Rare.Happens(\"early\")) { }")]
    [InlineData("EmitAll(true);")]
    [InlineData("const bool Always = true;")]
    [InlineData("int local = a;")]
    public void What_no_promise_hangs_on_is_left_alone(string code) => Assert.Empty(In(Class(code)));

    [Theory]
    [InlineData("class C { private bool _f = true; }")]
    [InlineData("class C { const bool F = true; }")]
    [InlineData("[Some(true)] class C { [Other(1 < 2)] void A() { } }")]
    [InlineData("class C { void A(bool f = true) { } }")]
    [InlineData("class C { public override string ToString() => Of(true) ? \"a\" : \"b\"; }")]
    [InlineData("enum E { A = 1 + 1 }")]
    public void What_lies_outside_of_bodies_is_left_alone(string text) => Assert.Empty(In(text));

    [Fact]
    public void A_refusal_of_bad_data_is_not_taken_for_a_guard_of_arguments() =>
        Assert.Contains(In(Class("if (a < 1) { throw new InvalidDataException(); }")), static one => one.Kind == "relation");

    [Fact]
    public void A_mutation_is_refused_by_a_text_it_was_not_made_from()
    {
        Mutation one = In(Class("_f = a < b;"))[0];
        Assert.Throws<InvalidDataException>(() => one.Apply(File, "class C { }"));
        Assert.Throws<InvalidDataException>(() => one.Apply("engine/Toy/D.cs", Class("_f = a < b;")));
    }

    [Theory]
    [InlineData("engine/Consensus/Core/PeerProgress.cs")]
    [InlineData("engine/Storage/Extents/FrameHeader.cs")]
    [InlineData("engine/Metadata/Replicated/KeySpace.cs")]
    [InlineData("engine/Cluster/Repair/FoundChunk.cs")]
    public void Every_mutation_of_a_file_of_the_engine_can_be_chosen_at_run_time(string file)
    {
        string text = SourceTree.Read(file);
        IReadOnlyList<Mutation> all = MutationPoints.In(file, text);
        Assert.NotEmpty(all);
        string merged = Schemata.Merge(text, [.. all.Select((one, index) => (index + 1, one.Apply(file, text)))]);
        Assert.All(Enumerable.Range(1, all.Count), number => Assert.Contains($"{Schemata.IsActive}({number})", merged, StringComparison.Ordinal));
    }

    private static IReadOnlyList<Mutation> In(string text) => MutationPoints.In(File, text);

    private static string Class(string code) => $"class C {{ async Task Body(int a, int b, bool p, bool q) {{ {code} }} }}";
}
