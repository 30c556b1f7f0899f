using System;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: conditional writes and deletes as in the S3 API reference.</summary>
public class ConditionTests
{
    private static readonly WriteConditions NoneMatchAny = new(IfNoneMatch: ["*"]);

    [Fact]
    public void If_none_match_any_lets_the_first_put_through_only()
    {
        MachineBench bench = new MachineBench().WithBucket();
        Assert.Equal(MetadataError.None, bench.Put("k", "1", NoneMatchAny).Error);
        CommandResult second = bench.Put("k", "2", NoneMatchAny);
        Assert.Equal(MetadataError.PreconditionFailed, second.Error);
        Assert.Equal(MachineBench.ETagOf("1"), second.Object!.ETag);
        Assert.Equal(MachineBench.ETagOf("1"), bench.Get("k").Object!.ETag);
    }

    [Fact]
    public void A_delete_marker_counts_as_no_object()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        bench.Put("k");
        bench.Delete("k");
        Assert.Equal(MetadataError.PreconditionNoSuchKey, bench.Put("k", "2", new WriteConditions(IfMatch: ["*"])).Error);
        Assert.Equal(MetadataError.None, bench.Put("k", "2", NoneMatchAny).Error);
    }

    [Theory]
    [InlineData("*", MetadataError.None)]
    [InlineData("right", MetadataError.None)]
    [InlineData("wrong", MetadataError.PreconditionFailed)]
    public void If_match_compares_with_the_current_version(string tag, MetadataError expected)
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", "1");
        string etag = tag == "right" ? MachineBench.ETagOf("1") : tag;
        Assert.Equal(expected, bench.Put("k", "2", new WriteConditions(IfMatch: [etag])).Error);
    }

    [Fact]
    public void If_match_on_nothing_is_no_such_key() =>
        Assert.Equal(
            MetadataError.PreconditionNoSuchKey,
            new MachineBench().WithBucket().Put("k", "2", new WriteConditions(IfMatch: ["*"])).Error);

    [Fact]
    public void A_conditional_delete_needs_every_condition()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", "1234");
        string etag = MachineBench.ETagOf("1234");
        Assert.Equal(MetadataError.PreconditionFailed, bench.Delete("k", null, new WriteConditions(IfMatch: ["x"])).Error);
        Assert.Equal(MetadataError.PreconditionFailed, bench.Delete("k", null, new WriteConditions(IfMatch: [etag], IfMatchSizeBytes: 5)).Error);
        Assert.Equal(
            MetadataError.PreconditionFailed,
            bench.Delete("k", null, new WriteConditions(IfMatchModifiedUtc: bench.Now.AddSeconds(1))).Error);
        var all = new WriteConditions(IfMatch: [etag], IfMatchSizeBytes: 4, IfMatchModifiedUtc: bench.Now);
        Assert.Equal(MetadataError.None, bench.Delete("k", null, all).Error);
        Assert.Equal(MetadataError.NoSuchKey, bench.Get("k").Error);
    }

    [Fact]
    public void A_delete_of_what_must_match_finds_no_key_or_a_marker_and_makes_none()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        Assert.Equal(MetadataError.PreconditionNoSuchKey, bench.Delete("k", null, new WriteConditions(IfMatch: ["x"])).Error);
        Assert.Equal(MetadataError.PreconditionNoSuchKey, bench.Delete("k", null, new WriteConditions(IfMatch: ["*"])).Error);
        CommandResult bySize = bench.Delete("k", null, new WriteConditions(IfMatchSizeBytes: 1));
        Assert.Equal((MetadataError.None, false), (bySize.Error, bySize.IsDeleteMarker));
        Assert.Empty(bench.ListVersions().Versions);
        bench.Delete("k");
        Assert.Equal(MetadataError.PreconditionFailed, bench.Delete("k", null, new WriteConditions(IfMatch: ["*"])).Error);
        VersionId marker = Assert.Single(bench.ListVersions().Versions).Object.Version;
        Assert.Equal(MetadataError.PreconditionFailed, bench.Delete("k", marker, new WriteConditions(IfMatchSizeBytes: 1)).Error);
    }

    [Fact]
    public void A_refused_put_leaves_no_row_behind()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k", "1");
        int rows = bench.Rows().Count;
        bench.Put("k", "2", NoneMatchAny);
        Assert.Equal(rows, bench.Rows().Count);
    }
}

/// <summary>Goal: object lock as in the S3 user guide.</summary>
public class ObjectLockTests
{
    private static MachineBench Locked(string mode, bool hold, out VersionId version)
    {
        MachineBench bench = new MachineBench().WithBucket(objectLock: true);
        DateTime until = bench.Now.AddDays(1);
        version = bench.Put(
            "k", change: r => r with { RetentionMode = mode, RetainUntilUtc = mode.Length > 0 ? until : null, LegalHold = hold }).Object!.Version;
        return bench;
    }

    [Theory]
    [InlineData("GOVERNANCE", false, false, MetadataError.ObjectLocked)]
    [InlineData("GOVERNANCE", false, true, MetadataError.None)]
    [InlineData("COMPLIANCE", false, true, MetadataError.ObjectLocked)]
    [InlineData("", true, true, MetadataError.ObjectLocked)]
    [InlineData("", false, false, MetadataError.None)]
    public void A_locked_version_is_not_deleted(string mode, bool hold, bool bypass, MetadataError expected)
    {
        MachineBench bench = Locked(mode, hold, out VersionId version);
        Assert.Equal(expected, bench.Delete("k", version, bypass: bypass).Error);
    }

    [Fact]
    public void Retention_ends_with_its_time_and_a_marker_may_always_be_made()
    {
        MachineBench bench = Locked("COMPLIANCE", hold: false, out VersionId version);
        Assert.True(bench.Delete("k").IsDeleteMarker);
        bench.Now = bench.Now.AddDays(2);
        Assert.Equal(MetadataError.None, bench.Delete("k", version).Error);
    }

    [Theory]
    [InlineData("GOVERNANCE", "GOVERNANCE", 2, false, MetadataError.None)]
    [InlineData("GOVERNANCE", "GOVERNANCE", 0, false, MetadataError.ObjectLocked)]
    [InlineData("GOVERNANCE", "GOVERNANCE", 0, true, MetadataError.None)]
    [InlineData("GOVERNANCE", "COMPLIANCE", 2, false, MetadataError.ObjectLocked)]
    [InlineData("COMPLIANCE", "COMPLIANCE", 2, false, MetadataError.None)]
    [InlineData("COMPLIANCE", "COMPLIANCE", 0, true, MetadataError.ObjectLocked)]
    [InlineData("COMPLIANCE", "GOVERNANCE", 2, true, MetadataError.ObjectLocked)]
    public void Retention_is_prolonged_freely_and_shortened_by_bypass_of_governance_only(
        string from, string to, int days, bool bypass, MetadataError expected)
    {
        MachineBench bench = Locked(from, hold: false, out _);
        var change = new UpdateObjectCommand(MachineBench.Bucket, "k", null)
        {
            NowUtc = bench.Now,
            RetentionMode = to,
            RetainUntilUtc = bench.Now.AddDays(days),
            BypassGovernance = bypass,
        };
        Assert.Equal(expected, bench.Do(change).Error);
    }

    [Fact]
    public void Lock_needs_a_bucket_with_it_and_forbids_suspending()
    {
        MachineBench plain = new MachineBench().WithBucket();
        Assert.Equal(MetadataError.InvalidBucketState, plain.Put("k", change: r => r with { LegalHold = true }).Error);
        MachineBench locked = new MachineBench().WithBucket(objectLock: true);
        Assert.Equal(
            MetadataError.InvalidBucketState,
            locked.Do(new SetVersioningCommand(MachineBench.Bucket, VersioningState.Suspended) { NowUtc = locked.Now }).Error);
    }
}
