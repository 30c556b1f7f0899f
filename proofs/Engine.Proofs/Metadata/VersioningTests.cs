using System.Linq;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: object and version rules of the S3 user guide, "Working with versioning", one by one.</summary>
public class VersioningTests
{
    [Fact]
    public void Overwriting_without_versioning_keeps_one_version_and_frees_the_old_bytes()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", "first");
        CommandResult second = bench.Put("k", "second");
        Assert.True(second.Object!.Version.IsNull);
        Assert.Equal(6, bench.Get("k").Object!.SizeBytes);
        Assert.Equal("second", bench.BodyOf("k"));
        Assert.Single(bench.ListVersions().Versions);
        Assert.Single(bench.Rows(Tables.InlineBodies));
    }

    [Fact]
    public void Overwriting_a_large_object_leaves_its_blob_to_reclamation()
    {
        MachineBench bench = new MachineBench().WithBucket();
        BlobRef blob = bench.NextLarge();
        bench.PutLarge("k", blob);
        bench.Put("k");
        Assert.Empty(bench.Released);
        bench.ReclaimAll();
        Assert.Equal([blob], bench.Released);
        Assert.Empty(bench.Rows(Tables.Garbage));
    }

    [Fact]
    public void Deleting_without_versioning_removes_and_deleting_again_succeeds()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", "a body of its own row");
        CommandResult deleted = bench.Delete("k");
        Assert.Equal(VersionId.Null, deleted.Version);
        Assert.Equal(MetadataError.NoSuchKey, bench.Get("k").Error);
        CommandResult again = bench.Delete("k");
        Assert.Equal((MetadataError.None, null), (again.Error, again.Version));
        Assert.Empty(bench.Rows(Tables.Objects));
        Assert.Empty(bench.Rows(Tables.InlineBodies));
    }

    [Fact]
    public void Each_put_under_versioning_makes_a_version_and_all_stay_readable()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        VersionId first = bench.Put("k", "1").Object!.Version;
        VersionId second = bench.Put("k", "22").Object!.Version;
        Assert.True(second.Value > first.Value);
        Assert.Equal(2, bench.Get("k").Object!.SizeBytes);
        Assert.Equal(1, bench.Get("k", first).Object!.SizeBytes);
        VersionEntry[] versions = bench.ListVersions().Versions.ToArray();
        Assert.Equal([(second, true), (first, false)], versions.Select(v => (v.Object.Version, v.IsLatest)));
    }

    [Fact]
    public void Deleting_under_versioning_makes_a_marker_and_removing_the_marker_restores()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        bench.Put("k", "a body of its own row");
        CommandResult deleted = bench.Delete("k");
        Assert.True(deleted.IsDeleteMarker);
        QueryResult hidden = bench.Get("k");
        Assert.Equal((MetadataError.NoSuchKey, true), (hidden.Error, hidden.Object!.IsDeleteMarker));
        Assert.Equal(deleted.Version, hidden.Object.Version);
        Assert.Equal(MetadataError.IsDeleteMarker, bench.Get("k", deleted.Version).Error);
        CommandResult restored = bench.Delete("k", deleted.Version);
        Assert.True(restored.IsDeleteMarker);
        Assert.Equal(MetadataError.None, bench.Get("k").Error);
    }

    [Fact]
    public void Deleting_a_key_that_never_was_makes_a_marker_under_versioning()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        Assert.True(bench.Delete("ghost").IsDeleteMarker);
        Assert.Single(bench.ListVersions().Versions);
        Assert.Empty(bench.List().Objects);
    }

    [Fact]
    public void A_version_from_before_versioning_is_the_null_version()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", "old");
        bench.SetVersioning(VersioningState.Enabled);
        bench.Put("k", "newer");
        Assert.Equal(3, bench.Get("k", VersionId.Null).Object!.SizeBytes);
        Assert.Equal(VersionId.Null, bench.Delete("k", VersionId.Null).Version);
        Assert.Equal(MetadataError.NoSuchVersion, bench.Get("k", VersionId.Null).Error);
        Assert.Equal(5, bench.Get("k").Object!.SizeBytes);
    }

    [Fact]
    public void Suspended_puts_replace_only_the_null_version()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", "1");
        bench.SetVersioning(VersioningState.Enabled);
        VersionId kept = bench.Put("k", "22").Object!.Version;
        bench.SetVersioning(VersioningState.Suspended);
        Assert.True(bench.Put("k", "333333").Object!.Version.IsNull);
        bench.Put("k", "4444444");
        Assert.Equal([VersionId.Null, kept], bench.ListVersions().Versions.Select(v => v.Object.Version));
        Assert.Equal("4444444", bench.BodyOf("k", VersionId.Null));
        Assert.Equal("22", bench.BodyOf("k", kept));
        Assert.Single(bench.Rows(Tables.InlineBodies));
    }

    [Fact]
    public void A_suspended_delete_replaces_the_null_version_by_a_null_marker()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        VersionId kept = bench.Put("k", "22").Object!.Version;
        bench.SetVersioning(VersioningState.Suspended);
        bench.Put("k", "gone");
        CommandResult deleted = bench.Delete("k");
        Assert.Equal((true, VersionId.Null), (deleted.IsDeleteMarker, deleted.Version));
        Assert.Equal([VersionId.Null, kept], bench.ListVersions().Versions.Select(v => v.Object.Version));
        Assert.Equal(MetadataError.IsDeleteMarker, bench.Get("k", VersionId.Null).Error);
        bench.Delete("k", VersionId.Null);
        Assert.Equal(kept, bench.Get("k").Object!.Version);
        Assert.Empty(bench.Rows(Tables.NullVersions));
    }

    [Fact]
    public void The_place_of_a_null_version_is_not_a_version_id()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Suspended);
        bench.Put("k");
        Assert.Equal(MetadataError.NoSuchVersion, bench.Get("k", new VersionId(bench.Store.AppliedSequence)).Error);
        Assert.Null(bench.Delete("k", new VersionId(bench.Store.AppliedSequence)).Version);
        Assert.Equal(MetadataError.None, bench.Get("k").Error);
    }

    [Fact]
    public void Attributes_change_in_place_and_the_rest_stays()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        VersionId first = bench.Put("k", "1").Object!.Version;
        bench.Put("k", "22");
        CommandResult tagged = bench.Do(new UpdateObjectCommand(MachineBench.Bucket, "k", first) { NowUtc = bench.Now, Tags = [new("a", "b")] });
        Assert.Equal(MetadataError.None, tagged.Error);
        Assert.Equal(("a", 1L), (bench.Get("k", first).Object!.Tags[0].Key, bench.Get("k", first).Object!.SizeBytes));
        Assert.Empty(bench.Get("k").Object!.Tags);
        Assert.Equal(2, bench.ListVersions().Versions.Count);
    }
}
