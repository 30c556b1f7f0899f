using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Metadata;

/// <summary>A change of metadata. Complete in itself: applying it needs the state and nothing else.</summary>
public abstract record MetadataCommand
{
    /// <summary>Proposer's wall-clock time, UTC.</summary>
    public required DateTime NowUtc { get; init; }

    /// <summary>Who is to be told, should it take effect; null where no rule of the bucket may apply. What is told is written with the change.</summary>
    public EventDraft? Events { get; init; }
}

/// <summary>Conditions of a write (If-Match, If-None-Match on PUT, COPY and complete; If-Match and friends on DELETE), decided inside the command.</summary>
/// <param name="IfMatch">ETags without quotes, <c>*</c> for any; null when absent.</param>
/// <param name="IfNoneMatch">ETags without quotes, <c>*</c> for any; null when absent.</param>
/// <param name="IfMatchModifiedUtc">Deletes only (x-amz-if-match-last-modified-time).</param>
/// <param name="IfMatchSizeBytes">Deletes only (x-amz-if-match-size).</param>
public sealed record WriteConditions(
    IReadOnlyList<string>? IfMatch = null,
    IReadOnlyList<string>? IfNoneMatch = null,
    DateTime? IfMatchModifiedUtc = null,
    long? IfMatchSizeBytes = null);

/// <summary>Creates a bucket.</summary>
public sealed record CreateBucketCommand(string Name, string OwnerId, string Region, bool ObjectLock) : MetadataCommand
{
    /// <summary>Documents set with the creation (an ACL, say).</summary>
    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Documents { get; init; } = [];

    /// <summary>Most buckets that this owner may have.</summary>
    public int BucketsMax { get; init; } = 10_000;
}

/// <summary>Deletes an empty bucket; its uploads in progress are aborted.</summary>
public sealed record DeleteBucketCommand(string Name) : MetadataCommand;

/// <summary>Switches versioning on or suspends it.</summary>
public sealed record SetVersioningCommand(string Bucket, VersioningState State) : MetadataCommand;

/// <summary>Sets (or with null removes) a configuration document of a bucket.</summary>
public sealed record SetBucketDocumentCommand(string Bucket, string Kind, ReadOnlyMemory<byte>? Document) : MetadataCommand
{
    /// <summary>Also switches object lock on for good; refused unless versioning is enabled.</summary>
    public bool EnableObjectLock { get; init; }
}

/// <summary>Makes an object version visible.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Object">The record; its <see cref="ObjectRecord.Version"/> is set by the command.</param>
/// <param name="InlineBody">The bytes when they ride in the metadata; their blob id is <paramref name="Data"/>.Inline.</param>
/// <param name="Data">Where the bytes are.</param>
/// <param name="Conditions">If any.</param>
public sealed record PutObjectCommand(
    string Bucket, ObjectRecord Object, ReadOnlyMemory<byte> InlineBody, ObjectData Data, WriteConditions? Conditions) : MetadataCommand
{
    /// <summary>The inline body is to lie in the row of the object, not in one of its own. The command says so, as all replicas of a group must lay it out alike.</summary>
    public bool BodyLiesInRow { get; init; }
}

/// <summary>Deletes: without a version the S3 rules for the bucket's versioning apply (a marker, or removal); with one, that version goes.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key.</param>
/// <param name="Version">A version, or null.</param>
/// <param name="OwnerId">Owner of a marker.</param>
/// <param name="Conditions">If any.</param>
/// <param name="BypassGovernance">The caller may and wants to pass governance retention.</param>
public sealed record DeleteObjectCommand(
    string Bucket, string Key, VersionId? Version, string OwnerId, WriteConditions? Conditions, bool BypassGovernance) : MetadataCommand;

/// <summary>Changes attributes of an existing version without touching its data. Null fields stay as they are.</summary>
public sealed record UpdateObjectCommand(string Bucket, string Key, VersionId? Version) : MetadataCommand
{
    /// <summary>New tags.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Tags { get; init; }

    /// <summary>New ACL.</summary>
    public ReadOnlyMemory<byte>? Acl { get; init; }

    /// <summary>New retention mode; empty clears.</summary>
    public string? RetentionMode { get; init; }

    /// <summary>With <see cref="RetentionMode"/>.</summary>
    public DateTime? RetainUntilUtc { get; init; }

    /// <summary>New legal hold.</summary>
    public bool? LegalHold { get; init; }

    /// <summary>The caller may shorten governance retention.</summary>
    public bool BypassGovernance { get; init; }

    /// <summary>Restores the object from its archive class.</summary>
    public ObjectRestore? Restore { get; init; }
}

/// <summary>Until when an object is restored, and which object: if another one lies at its place by now, nothing changes (<see cref="MetadataError.PreconditionFailed"/>).</summary>
/// <param name="UntilUtc">New <see cref="ObjectRecord.RestoredUntilUtc"/>.</param>
/// <param name="StorageClass">What was looked at has this class,</param>
/// <param name="ModifiedUtc">is from this time,</param>
/// <param name="ETag">and has this ETag.</param>
public sealed record ObjectRestore(DateTime UntilUtc, string StorageClass, DateTime ModifiedUtc, string ETag)
{
    internal bool IsMeant(ObjectRecord record) => record.StorageClass == StorageClass && record.ModifiedUtc == ModifiedUtc && record.ETag == ETag;
}

/// <summary>Starts an upload.</summary>
public sealed record CreateUploadCommand(string Bucket, UploadRecord Upload) : MetadataCommand;

/// <summary>Records a part; one of the same number is replaced.</summary>
public sealed record PutPartCommand(string Bucket, string Key, string UploadId, PartRecord Part, ReadOnlyMemory<byte> InlineBody) : MetadataCommand;

/// <summary>One part as the completion names it.</summary>
public sealed record CompletedPart(int Number, string ETag, ObjectChecksum? Checksum);

/// <summary>Completes an upload. Completing again what was completed with the same parts answers as the first time (while the version is there).</summary>
public sealed record CompleteUploadCommand(string Bucket, string Key, string UploadId, IReadOnlyList<CompletedPart> Parts) : MetadataCommand
{
    /// <summary>If-Match, If-None-Match.</summary>
    public WriteConditions? Conditions { get; init; }

    /// <summary>The object's checksum as the client states it; refused when it differs.</summary>
    public ObjectChecksum? Checksum { get; init; }

    /// <summary>Type as the client states it.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>x-amz-mp-object-size; refused when it differs.</summary>
    public long? ObjectSizeBytes { get; init; }
}

/// <summary>Aborts an upload and frees its parts.</summary>
public sealed record AbortUploadCommand(string Bucket, string Key, string UploadId) : MetadataCommand;

/// <summary>Frees data that nothing needs any more: rows of the garbage table up to a point. Proposed by the reclaim worker.</summary>
/// <param name="FromSequence">Garbage of commands before this one is gone: spares a walk over the deletions of it, which are many where much is freed. 0 when that is not known.</param>
/// <param name="UpToSequence">Garbage of commands up to this one: no reader that started before them is left.</param>
/// <param name="RowsMax">Rows touched at most, about.</param>
public sealed record ReclaimCommand(ulong FromSequence, ulong UpToSequence, int RowsMax) : MetadataCommand;

/// <summary>Removes what was told: the events of a target up to a place. Proposed by whoever delivers them.</summary>
public sealed record RemoveEventsCommand(string Target, EventPlace UpTo) : MetadataCommand;

/// <summary>Adds an identity or replaces the one of that name.</summary>
public sealed record SetIdentityCommand(IdentityRecord Identity) : MetadataCommand;

/// <summary>Removes an identity.</summary>
public sealed record RemoveIdentityCommand(string Name) : MetadataCommand;

/// <summary>What a command did. <see cref="Error"/> says whether it did anything.</summary>
public sealed record CommandResult
{
    /// <summary>None on success.</summary>
    public MetadataError Error { get; init; }

    /// <summary>The bucket as it is after the command, where one is concerned.</summary>
    public BucketRecord? Bucket { get; init; }

    /// <summary>The version written or changed; for a failed precondition the current one.</summary>
    public ObjectRecord? Object { get; init; }

    /// <summary>Deletes: the version removed or the marker made, null when nothing was.</summary>
    public VersionId? Version { get; init; }

    /// <summary>Deletes: a marker was made, or the version removed was one.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>For <see cref="MetadataError.InvalidPart"/>, <see cref="MetadataError.EntityTooSmall"/>: the part.</summary>
    public int PartNumber { get; init; }

    /// <summary>The upload a part or completion belongs to.</summary>
    public UploadRecord? Upload { get; init; }
}
