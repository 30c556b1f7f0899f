using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Random commands of all kinds over few buckets, keys and uploads, so that they meet.</summary>
internal sealed class ShardProgram
{
    internal const string Owner = "owner";
    internal static readonly string[] Buckets = ["bucket", "other"];
    internal static readonly string[] Keys = ["a", "a/b", "a/b/c", "b\0", "b", "￮", "\U0001F600"];

    internal static readonly MetadataLimits Limits = new() { PartSizeBytesMin = 5, EventsWaitingMax = 8 };

    internal static readonly Gen<Step[]> Steps =
        Gen.Select(Gen.Int[0, 23], Gen.Int[0, Keys.Length - 1], Gen.Int[0, 7], (kind, key, pick) => new Step(kind, Keys[key], pick)).Array[1, 80];

    private ulong _blobs;
    private int _seconds;

    internal sealed record Step(int Kind, string Key, int Pick)
    {
        internal string Bucket => Buckets[Pick == 7 ? 1 : 0];

        internal string Upload => $"upload-{Pick % 2}";
    }

    /// <summary>What is proposed before all steps.</summary>
    internal IEnumerable<MetadataCommand> Prologue() =>
        Buckets.Select(name => new CreateBucketCommand(name, Owner, "", ObjectLock: false) { NowUtc = Now() });

    /// <summary>The command of a step, and whom it tells by rules of the bucket of an id.</summary>
    internal MetadataCommand TellingCommandOf(Step step, ulong bucketId) => CommandOf(step) with
    {
        Events = EventCommands.Draft(step.Pick % 2 == 0 ? ["a"] : ["a", "b"], EventKind.CreatedByPut, EventKind.RemovedForGood, EventKind.CreatedByCompletion, EventKind.TagsPut)! with { BucketId = bucketId },
    };

    internal MetadataCommand CommandOf(Step step) => step.Kind switch
    {
        <= 3 => PutInline(step, null),
        <= 6 => PutBlobs(step, 1 + (step.Pick % 2)),
        7 => PutInline(step, new WriteConditions(IfNoneMatch: ["*"])),
        8 => PutBlobs(step, 1, new WriteConditions(IfMatch: ["*"])),
        9 or 10 => Delete(step, null),
        11 => Delete(step, VersionId.Null),
        12 => new UpdateObjectCommand(step.Bucket, step.Key, null) { NowUtc = Now(), Tags = [KeyValuePair.Create("t", $"{step.Pick}")] },
        13 => new SetVersioningCommand(step.Bucket, step.Pick < 4 ? VersioningState.Enabled : VersioningState.Suspended) { NowUtc = Now() },
        14 => new CreateUploadCommand(step.Bucket, Upload(step)) { NowUtc = Now() },
        <= 18 => PutPart(step),
        19 or 20 => new CompleteUploadCommand(step.Bucket, step.Key, step.Upload, Parts(step)) { NowUtc = Now() },
        21 => new AbortUploadCommand(step.Bucket, step.Key, step.Upload) { NowUtc = Now() },
        22 => step.Pick < 2 ? new DeleteBucketCommand(step.Bucket) { NowUtc = Now() } : Delete(step, null),
        _ => step.Pick < 4
            ? new CreateBucketCommand(step.Bucket, Owner, "", ObjectLock: false) { NowUtc = Now() }
            : new SetBucketDocumentCommand(step.Bucket, "policy", new byte[] { (byte)step.Pick }) { NowUtc = Now() },
    };

    internal DateTime Now() => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(_seconds++);

    internal BlobId NextBlob() => new(((_blobs % 3) << 48) | 7, ++_blobs);

    private PutObjectCommand PutInline(Step step, WriteConditions? conditions)
    {
        // Some lie in the row of their object, some in one of their own.
        byte[] body = [1, 2, .. new byte[step.Pick % 2 == 0 ? 0 : MachineBench.RowBodyBytesMax], (byte)step.Pick];
        return new PutObjectCommand(step.Bucket, Record(step.Key, body.Length), body, new ObjectData { Inline = new BlobRef(NextBlob(), body.Length, 0) }, conditions)
        {
            NowUtc = Now(),
            BodyLiesInRow = body.Length <= MachineBench.RowBodyBytesMax,
        };
    }

    private PutObjectCommand PutBlobs(Step step, int count, WriteConditions? conditions = null) =>
        new(step.Bucket, Record(step.Key, 10 * count), default, new ObjectData { Blobs = NewBlobs(count) }, conditions) { NowUtc = Now() };

    private DeleteObjectCommand Delete(Step step, VersionId? version) =>
        new(step.Bucket, step.Key, version, Owner, null, BypassGovernance: false) { NowUtc = Now() };

    private PutPartCommand PutPart(Step step)
    {
        int number = 1 + (step.Pick % 3);
        bool inline = step.Pick == 5;
        byte[] body = [1, 2, 3, 4, 5, 6];
        var data = inline ? new ObjectData { Inline = new BlobRef(NextBlob(), body.Length, 0) } : new ObjectData { Blobs = NewBlobs(1) };
        var part = new PartRecord { Number = number, SizeBytes = inline ? body.Length : 10, ETag = PartETag(number), ModifiedUtc = Now(), Data = data };
        return new PutPartCommand(step.Bucket, step.Key, step.Upload, part, inline ? body : default) { NowUtc = Now() };
    }

    private static CompletedPart[] Parts(Step step) =>
        [.. Enumerable.Range(1, 1 + (step.Pick % 3)).Select(number => new CompletedPart(number, PartETag(number), null))];

    private UploadRecord Upload(Step step) => new()
    {
        UploadId = step.Upload,
        Template = Record(step.Key, 0),
        InitiatorId = Owner,
        InitiatedUtc = Now(),
    };

    private ObjectRecord Record(string key, long size) => new()
    {
        Key = key,
        Version = default,
        ModifiedUtc = Now(),
        SizeBytes = size,
        ETag = $"{_seconds:x32}",
        OwnerId = Owner,
    };

    private BlobRef[] NewBlobs(int count) => [.. Enumerable.Range(0, count).Select(_ => new BlobRef(NextBlob(), 10, 1 << 20))];

    private static string PartETag(int number) => $"{number:x32}";
}
