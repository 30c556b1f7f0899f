namespace ObjectStore.Engine.Metadata;

/// <summary>Why a command or query was refused. The gateway maps each to one S3 code.</summary>
public enum MetadataError
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>No such bucket.</summary>
    NoSuchBucket,

    /// <summary>The bucket exists and belongs to somebody else.</summary>
    BucketOwnedByOther,

    /// <summary>The bucket exists and is the caller's own.</summary>
    BucketOwnedByYou,

    /// <summary>The bucket still holds objects, versions or delete markers (uploads in progress do not count; they are aborted).</summary>
    BucketNotEmpty,

    /// <summary>The caller has as many buckets as it may have.</summary>
    TooManyBuckets,

    /// <summary>No such key (or its newest version is a delete marker, which the result then names).</summary>
    NoSuchKey,

    /// <summary>No such version.</summary>
    NoSuchVersion,

    /// <summary>The version asked for is a delete marker.</summary>
    IsDeleteMarker,

    /// <summary>No such upload.</summary>
    NoSuchUpload,

    /// <summary>A part named in a completion was not uploaded, or its ETag or checksum differs.</summary>
    InvalidPart,

    /// <summary>Parts of a completion do not ascend.</summary>
    InvalidPartOrder,

    /// <summary>A part other than the last is smaller than 5 MiB.</summary>
    EntityTooSmall,

    /// <summary>The whole would exceed 5 TiB, or the documents of a bucket <see cref="MetadataLimits.BucketDocumentBytesMax"/>.</summary>
    EntityTooLarge,

    /// <summary>If-Match, If-None-Match and the like did not hold.</summary>
    PreconditionFailed,

    /// <summary>If-Match on an object that is not there.</summary>
    PreconditionNoSuchKey,

    /// <summary>The completion's own conditions contradict the upload (checksum type or algorithm, object size, checksum).</summary>
    UploadMismatch,

    /// <summary>The bucket has no document of that kind.</summary>
    NoSuchConfiguration,

    /// <summary>The version is under retention or legal hold.</summary>
    ObjectLocked,

    /// <summary>The request contradicts the bucket's state (suspend versioning under object lock, for one).</summary>
    InvalidBucketState,

    /// <summary>The full-object checksum given with a completion differs from the one computed from the parts.</summary>
    ChecksumMismatch,

    /// <summary>No such identity.</summary>
    NoSuchIdentity,

    /// <summary>Another identity has this access key.</summary>
    AccessKeyInUse,
}
