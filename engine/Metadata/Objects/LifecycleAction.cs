using System;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace ObjectStore.Engine.Metadata;

/// <summary>What a lifecycle rule asks for.</summary>
public enum LifecycleAction : byte
{
    /// <summary>The current version expires: it goes where versioning was never on, else a delete marker goes on top of it.</summary>
    Expire = 1,

    /// <summary>A noncurrent version (or delete marker) goes for good.</summary>
    RemoveNoncurrent = 2,

    /// <summary>A delete marker that hides nothing any more goes.</summary>
    RemoveMarker = 3,

    /// <summary>A version changes its storage class.</summary>
    Transition = 4,

    /// <summary>An upload in progress is aborted.</summary>
    AbortUpload = 5,
}

/// <summary>The version (or delete marker) just above another one, which made that one noncurrent.</summary>
/// <param name="Version">Which.</param>
/// <param name="ModifiedUtc">When it was written.</param>
public sealed record LifecycleSuccessor(VersionId Version, DateTime ModifiedUtc);

/// <summary>What a lifecycle action was decided by: it is done only while all of this holds.</summary>
/// <param name="RulesDigest">What <see cref="DigestOf"/> says of the bucket.</param>
/// <param name="ModifiedUtc">When the version was written, or the upload was started.</param>
public sealed record LifecycleGrounds(ReadOnlyMemory<byte> RulesDigest, DateTime ModifiedUtc)
{
    /// <summary>Kind of the bucket document that holds the rules.</summary>
    public const string RulesKind = "lifecycle";

    /// <summary>Kind of the bucket document that says which small objects are moved.</summary>
    public const string SizeMinKind = "lifecycle-size-min";

    /// <summary>Of a version: the class that it is in.</summary>
    public string StorageClass { get; init; } = "";

    /// <summary>The tags of the version; null when no rule asked for them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Tags { get; init; }

    /// <summary>Of a noncurrent version: the one just above it. Null says that the version is current.</summary>
    public LifecycleSuccessor? Successor { get; init; }

    /// <summary>Of a noncurrent version: at least so many noncurrent versions lie above it.</summary>
    public int NewerNoncurrentMin { get; init; }

    /// <summary>Names the rules of a bucket: the SHA-256 of its documents about them. Empty when it has no rules.</summary>
    public static byte[] DigestOf(BucketRecord bucket)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        if (!bucket.TryGetDocument(RulesKind, out ReadOnlyMemory<byte> rules))
        {
            return [];
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(rules.Span);
        hash.AppendData([0]);
        if (bucket.TryGetDocument(SizeMinKind, out ReadOnlyMemory<byte> sizeMin))
        {
            hash.AppendData(sizeMin.Span);
        }

        return hash.GetHashAndReset();
    }
}

/// <summary>Does what a lifecycle rule asks for, unless what it was decided by has changed: then it is refused with <see cref="MetadataError.PreconditionFailed"/>.</summary>
/// <remarks>
/// So whoever decides may be late, or one of two: an object that was written again, tagged otherwise or is the subject of other rules by now is left alone. Retention and legal hold are respected.
/// </remarks>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key.</param>
/// <param name="Action">What to do.</param>
/// <param name="Grounds">What it was decided by.</param>
public sealed record ApplyLifecycleCommand(string Bucket, string Key, LifecycleAction Action, LifecycleGrounds Grounds) : MetadataCommand
{
    /// <summary>All but uploads: which version.</summary>
    public VersionId Version { get; init; }

    /// <summary><see cref="LifecycleAction.Transition"/>: the class to be, as <see cref="ObjectRecord.StorageClass"/>.</summary>
    public string StorageClass { get; init; } = "";

    /// <summary><see cref="LifecycleAction.AbortUpload"/>: which.</summary>
    public string UploadId { get; init; } = "";
}
