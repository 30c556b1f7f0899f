using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
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
    [InlineData("", VersioningState.Off)]
    [InlineData(Short, VersioningState.Off)]
    [InlineData(Long, VersioningState.Off)]
    [InlineData(Short, VersioningState.Enabled)]
    [InlineData(Long, VersioningState.Enabled)]
    [InlineData(Short, VersioningState.Suspended)]
    public void What_changes_an_object_leaves_its_body(string body, VersioningState versioning)
    {
        MachineBench bench = new MachineBench().WithBucket(versioning);
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
        bench.Put("overwritten", Short, rowBodyBytesMax: before);
        bench.Put("deleted", Short, rowBodyBytesMax: before);
        bench.Put("kept", Short, rowBodyBytesMax: before);
        Assert.Equal([Short, Short, Short], [bench.BodyOf("overwritten"), bench.BodyOf("deleted"), bench.BodyOf("kept")]);
        bench.Put("overwritten", Long, rowBodyBytesMax: after);
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

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(6)]
    public void A_row_with_another_body_than_its_object_has_is_refused(int bodyBytes)
    {
        byte[] row = RowFormat.Encode(RowOf(5));
        Assert.Equal(5, RowFormat.DecodeObject(row, "k", 0).Body.Length);
        byte[] damaged = [.. row[..^5], .. new byte[bodyBytes]];
        Assert.Throws<MalformedDataException>(() => RowFormat.DecodeObject(damaged, "k", 0));
    }

    [Fact]
    public void A_command_with_another_body_than_its_object_has_is_refused()
    {
        var to = new ByteWriter();
        CommandCodec.Encode(new PutObjectCommand("b", RowOf(5).Record, new byte[4], RowOf(5).Data, null) { NowUtc = DateTime.UnixEpoch, BodyLiesInRow = true }, to);
        Assert.Throws<MalformedDataException>(() => CommandCodec.Decode(to.Written));
    }

    private static ObjectRow RowOf(int bodyBytes) => new(
        0,
        new ObjectRecord { Key = "k", Version = default, ModifiedUtc = DateTime.UnixEpoch, OwnerId = "o", SizeBytes = bodyBytes },
        new ObjectData { Inline = new BlobRef(new BlobId(1, 1), bodyBytes, 0) },
        0,
        "")
    { Body = new byte[bodyBytes] };
}
