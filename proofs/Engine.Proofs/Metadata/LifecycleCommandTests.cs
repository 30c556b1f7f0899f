using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: what a lifecycle rule asks for is done while all that it was decided by holds, and else nothing is.</summary>
public sealed class LifecycleCommandTests
{
    private const string Key = "k";

    private static readonly byte[] Rules = Encoding.UTF8.GetBytes("rules");

    private readonly MachineBench _bench = new();

    private byte[] RulesDigest => LifecycleGrounds.DigestOf(new BucketRecord
    {
        Name = MachineBench.Bucket,
        Id = 1,
        OwnerId = MachineBench.Owner,
        CreatedUtc = _bench.Now,
        Documents = [KeyValuePair.Create(LifecycleGrounds.RulesKind, (ReadOnlyMemory<byte>)Rules)],
    });

    [Fact]
    public void Where_versioning_was_never_on_an_expired_object_goes_with_its_bytes()
    {
        _bench.WithBucket();
        SetRules(Rules);
        BlobRef blob = _bench.NextLarge();
        _bench.PutLarge(Key, blob);
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.Expire, _bench.Get(Key).Object!).Error);
        Assert.Equal(MetadataError.NoSuchKey, _bench.Get(Key).Error);
        _bench.ReclaimAll();
        Assert.Equal([blob], _bench.Released);
        Assert.Empty(_bench.Rows(Tables.Objects));
    }

    [Theory]
    [InlineData(VersioningState.Enabled)]
    [InlineData(VersioningState.Suspended)]
    public void Under_versioning_an_expired_object_gets_a_marker_of_the_buckets_owner(VersioningState versioning)
    {
        _bench.WithBucket(VersioningState.Enabled);
        SetRules(Rules);
        ObjectRecord written = _bench.Put(Key, change: static record => record with { OwnerId = "writer" }).Object!;
        _bench.SetVersioning(versioning);
        CommandResult result = Apply(LifecycleAction.Expire, written);
        Assert.True(result.IsDeleteMarker);
        Assert.Equal((MachineBench.Owner, versioning == VersioningState.Suspended), (result.Object!.OwnerId, result.Version!.Value.IsNull));
        Assert.Equal(MetadataError.NoSuchKey, _bench.Get(Key).Error);
        Assert.Equal(written.ETag, _bench.Get(Key, written.Version).Object!.ETag);
    }

    public static TheoryData<string> Changes => new("rules withdrawn", "other rules", "other least size", "written again", "tagged otherwise", "deleted", "hidden by a marker");

    [Theory]
    [MemberData(nameof(Changes))]
    public void Nothing_expires_on_grounds_that_have_changed(string change)
    {
        _bench.WithBucket(change == "hidden by a marker" ? VersioningState.Enabled : VersioningState.Off);
        SetRules(Rules);
        ObjectRecord seen = _bench.Put(Key, change: static record => record with { Tags = [KeyValuePair.Create("a", "1")] }).Object!;
        _bench.Now += TimeSpan.FromMilliseconds(1);
        Action happen = change switch
        {
            "rules withdrawn" => () => SetRules(null),
            "other rules" => () => SetRules([1, 2, 3]),
            "other least size" => () => _bench.Do(
                new SetBucketDocumentCommand(MachineBench.Bucket, LifecycleGrounds.SizeMinKind, (ReadOnlyMemory<byte>)Rules) { NowUtc = _bench.Now }),
            "written again" => () => _bench.Put(Key, change: record => record with { Tags = seen.Tags }),
            "tagged otherwise" => () => _bench.Do(new UpdateObjectCommand(MachineBench.Bucket, Key, null) { NowUtc = _bench.Now, Tags = [KeyValuePair.Create("a", "2")] }),
            _ => () => _bench.Delete(Key),
        };
        happen();
        List<(string, string)> before = _bench.Rows();
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.Expire, seen, tags: seen.Tags).Error);
        Assert.Equal(before, _bench.Rows());
    }

    [Fact]
    public void Tags_that_no_rule_asked_for_may_change()
    {
        _bench.WithBucket();
        SetRules(Rules);
        ObjectRecord seen = _bench.Put(Key).Object!;
        _bench.Do(new UpdateObjectCommand(MachineBench.Bucket, Key, null) { NowUtc = _bench.Now, Tags = [KeyValuePair.Create("a", "2")] });
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.Expire, seen).Error);
    }

    [Fact]
    public void Of_noncurrent_versions_as_many_stay_as_are_to_be_kept()
    {
        _bench.WithBucket(VersioningState.Enabled);
        SetRules(Rules);
        ObjectRecord[] versions = [.. Enumerable.Range(0, 4).Select(i => _bench.Put(Key, $"body {i}").Object!)];
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.RemoveNoncurrent, versions[3]).Error);
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.RemoveNoncurrent, versions[1], under: versions[2], newerMin: 2).Error);
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.RemoveNoncurrent, versions[0], under: versions[1], newerMin: 2).Error);
        Assert.Equal(MetadataError.NoSuchVersion, _bench.Get(Key, versions[0].Version).Error);
        Assert.Equal(3, _bench.ListVersions().Versions.Count);
    }

    [Fact]
    public void A_version_that_became_current_again_stays()
    {
        _bench.WithBucket(VersioningState.Enabled);
        SetRules(Rules);
        ObjectRecord older = _bench.Put(Key, "older").Object!;
        ObjectRecord newer = _bench.Put(Key, "newer").Object!;
        _bench.Delete(Key, newer.Version);
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.RemoveNoncurrent, older, under: newer).Error);
        Assert.Equal("older", _bench.BodyOf(Key));

        // Noncurrent again, but not since then.
        _bench.Put(Key, "newest");
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.RemoveNoncurrent, older, under: newer).Error);
        Assert.Equal(MetadataError.None, _bench.Get(Key, older.Version).Error);
    }

    [Fact]
    public void What_became_noncurrent_by_a_null_version_counts_from_the_last_one()
    {
        _bench.WithBucket(VersioningState.Enabled);
        SetRules(Rules);
        ObjectRecord version = _bench.Put(Key, "version").Object!;
        _bench.SetVersioning(VersioningState.Suspended);
        ObjectRecord seen = _bench.Put(Key, "null").Object!;
        _bench.Now += TimeSpan.FromMilliseconds(1);
        ObjectRecord last = _bench.Put(Key, "another null").Object!;
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.RemoveNoncurrent, version, under: seen).Error);
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.RemoveNoncurrent, version, under: last).Error);
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.Expire, seen).Error);
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.Expire, last).Error);
        Assert.True(Assert.Single(_bench.ListVersions().Versions).Object.IsDeleteMarker);
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("GOVERNANCE")]
    [InlineData("COMPLIANCE")]
    public void Locked_versions_stay(string how)
    {
        _bench.WithBucket(VersioningState.Enabled, objectLock: true);
        SetRules(Rules);
        ObjectRecord locked = _bench.Put(Key, change: record => how == "hold"
            ? record with { LegalHold = true }
            : record with { RetentionMode = how, RetainUntilUtc = _bench.Now.AddDays(1) }).Object!;
        ObjectRecord above = _bench.Put(Key).Object!;
        Assert.Equal(MetadataError.ObjectLocked, Apply(LifecycleAction.RemoveNoncurrent, locked, under: above).Error);
        Assert.Equal(MetadataError.None, _bench.Get(Key, locked.Version).Error);
        _bench.Now = _bench.Now.AddDays(2);
        Assert.Equal(how == "hold" ? MetadataError.ObjectLocked : MetadataError.None, Apply(LifecycleAction.RemoveNoncurrent, locked, under: above).Error);
    }

    [Fact]
    public void A_marker_goes_when_it_hides_nothing_any_more()
    {
        _bench.WithBucket(VersioningState.Enabled);
        SetRules(Rules);
        ObjectRecord hidden = _bench.Put(Key).Object!;
        ObjectRecord marker = _bench.Delete(Key).Object!;
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.RemoveMarker, marker).Error);
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.RemoveNoncurrent, hidden, under: marker).Error);
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.Expire, marker).Error);
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.RemoveMarker, marker).Error);
        Assert.Empty(_bench.Rows(Tables.Objects));
    }

    [Theory]
    [InlineData("in")]
    [InlineData("a body that has a row of its own")]
    public void A_move_changes_the_class_and_nothing_else(string body)
    {
        _bench.WithBucket();
        SetRules(Rules);
        ObjectRecord written = _bench.Put(Key, body).Object!;
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.Transition, written, storageClass: "GLACIER").Error);
        ObjectRecord moved = _bench.Get(Key).Object!;
        Assert.Equal(("GLACIER", written.ETag, written.ModifiedUtc), (moved.StorageClass, moved.ETag, moved.ModifiedUtc));
        Assert.Equal(body, _bench.BodyOf(Key));

        // By one who saw it before the move: it might lead upwards.
        Assert.Equal(MetadataError.PreconditionFailed, Apply(LifecycleAction.Transition, written, storageClass: "STANDARD_IA").Error);
    }

    [Fact]
    public void What_was_restored_is_so_no_more_in_its_new_class()
    {
        _bench.WithBucket();
        SetRules(Rules);
        ObjectRecord written = _bench.Put(Key, change: static record => record with { StorageClass = "GLACIER" }).Object!;
        _bench.Do(new UpdateObjectCommand(MachineBench.Bucket, Key, null)
        {
            NowUtc = _bench.Now,
            Restore = new ObjectRestore(_bench.Now.AddDays(9), written.StorageClass, written.ModifiedUtc, written.ETag),
        });
        Assert.NotNull(_bench.Get(Key).Object!.RestoredUntilUtc);
        Assert.Equal(MetadataError.None, Apply(LifecycleAction.Transition, written, storageClass: "DEEP_ARCHIVE").Error);
        Assert.Null(_bench.Get(Key).Object!.RestoredUntilUtc);
    }

    [Fact]
    public void An_upload_is_aborted_and_its_parts_are_freed()
    {
        _bench.WithBucket();
        SetRules(Rules);
        var upload = new UploadRecord
        {
            UploadId = "u",
            Template = new ObjectRecord { Key = Key, Version = default, ModifiedUtc = _bench.Now, OwnerId = MachineBench.Owner },
            InitiatorId = MachineBench.Owner,
            InitiatedUtc = _bench.Now,
        };
        _bench.Do(new CreateUploadCommand(MachineBench.Bucket, upload) { NowUtc = _bench.Now });
        BlobRef blob = _bench.NextLarge();
        var part = new PartRecord { Number = 1, SizeBytes = 10, ETag = "e", ModifiedUtc = _bench.Now, Data = new ObjectData { Blobs = [blob] } };
        _bench.Do(new PutPartCommand(MachineBench.Bucket, Key, "u", part, default) { NowUtc = _bench.Now });
        Assert.Equal(MetadataError.PreconditionFailed, Abort(_bench.Now.AddSeconds(1)).Error);
        Assert.Equal(MetadataError.None, Abort(_bench.Now).Error);
        Assert.Equal(MetadataError.PreconditionFailed, Abort(_bench.Now).Error);
        _bench.ReclaimAll();
        Assert.Equal([blob], _bench.Released);
        Assert.Empty(_bench.Rows(Tables.Parts));
    }

    private CommandResult Abort(DateTime initiatedUtc) =>
        _bench.Do(new ApplyLifecycleCommand(MachineBench.Bucket, Key, LifecycleAction.AbortUpload, new LifecycleGrounds(RulesDigest, initiatedUtc))
        {
            NowUtc = _bench.Now,
            UploadId = "u",
        });

    private CommandResult Apply(
        LifecycleAction action, ObjectRecord seen, ObjectRecord? under = null, int newerMin = 0, string storageClass = "", IReadOnlyList<KeyValuePair<string, string>>? tags = null)
    {
        var grounds = new LifecycleGrounds(RulesDigest, seen.ModifiedUtc)
        {
            StorageClass = seen.StorageClass,
            Tags = tags,
            Successor = under is null ? null : new LifecycleSuccessor(under.Version, under.ModifiedUtc),
            NewerNoncurrentMin = newerMin,
        };
        return _bench.Do(new ApplyLifecycleCommand(MachineBench.Bucket, seen.Key, action, grounds)
        {
            NowUtc = _bench.Now,
            Version = seen.Version,
            StorageClass = storageClass,
        });
    }

    private void SetRules(byte[]? rules) =>
        _bench.Do(new SetBucketDocumentCommand(MachineBench.Bucket, LifecycleGrounds.RulesKind, rules is null ? null : (ReadOnlyMemory<byte>)rules) { NowUtc = _bench.Now });
}
