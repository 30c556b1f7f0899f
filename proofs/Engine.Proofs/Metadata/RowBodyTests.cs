using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: a short body lies in the row of its object and goes where that goes; wherever a body lies, it is read, kept and freed.</summary>
public class RowBodyTests
{
    private const string Short = "12345";
    private const string Long = "123456";

    [Fact]
    public void A_body_lies_in_the_row_up_to_the_limit_and_in_one_of_its_own_beyond()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("short", Short);
        Assert.Empty(bench.Rows(Tables.InlineBodies));
        bench.Put("long", Long);
        Assert.Single(bench.Rows(Tables.InlineBodies));
        Assert.Equal([Short, Long], [bench.BodyOf("short"), bench.BodyOf("long")]);
        Assert.Equal([Long.Length, Short.Length], bench.List().Objects.Select(o => (int)o.SizeBytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Short)]
    [InlineData(Long)]
    public void What_changes_an_object_leaves_its_body(string body)
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", body);
        bench.Do(new UpdateObjectCommand(MachineBench.Bucket, "k", null) { NowUtc = bench.Now, Tags = [KeyValuePair.Create("name", "value")] });
        Assert.Equal("value", Assert.Single(bench.Get("k").Object!.Tags).Value);
        Assert.Equal(body, bench.BodyOf("k"));
    }

    [Theory]
    [InlineData(0, int.MaxValue)]
    [InlineData(int.MaxValue, 0)]
    public void Another_limit_leaves_the_bodies_that_are_there(int before, int after)
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.LayOutBodiesBy(before);
        bench.Put("overwritten", Short);
        bench.Put("deleted", Short);
        bench.Put("kept", Short);
        bench.LayOutBodiesBy(after);
        Assert.Equal([Short, Short, Short], [bench.BodyOf("overwritten"), bench.BodyOf("deleted"), bench.BodyOf("kept")]);
        bench.Put("overwritten", Long);
        bench.Delete("deleted");
        bench.Do(new UpdateObjectCommand(MachineBench.Bucket, "kept", null) { NowUtc = bench.Now, Tags = [] });
        Assert.Equal([Long, Short], [bench.BodyOf("overwritten"), bench.BodyOf("kept")]);

        // One of the two that are left has a row of its own, whichever limit it was written under.
        Assert.Equal(2, bench.Rows(Tables.Objects).Count);
        Assert.Single(bench.Rows(Tables.InlineBodies));
        bench.Delete("overwritten");
        bench.Delete("kept");
        Assert.Empty(bench.Rows(Tables.Objects));
        Assert.Empty(bench.Rows(Tables.InlineBodies));
    }
}
