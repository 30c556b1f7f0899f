using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>A question about metadata.</summary>
public abstract record MetadataQuery;

/// <summary>A bucket by name.</summary>
public sealed record GetBucketQuery(string Name) : MetadataQuery;

/// <summary>Buckets in name order, of one owner, or of all when <paramref name="OwnerId"/> is null. A page may hold fewer than asked for and still be truncated.</summary>
public sealed record ListBucketsQuery(string? OwnerId, string Prefix, string StartAfter, int BucketsMax) : MetadataQuery;

/// <summary>A version of an object: the newest when <paramref name="Version"/> is null.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key.</param>
/// <param name="Version">A version, or null.</param>
/// <param name="WithParts">Also the parts of a multipart object.</param>
public sealed record GetObjectQuery(string Bucket, string Key, VersionId? Version, bool WithParts = false) : MetadataQuery;

/// <summary>Newest versions that are no delete markers, in key order (UTF-8 bytes).</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">Keys start with this.</param>
/// <param name="Delimiter">Keys that share the text up to its first occurrence after the prefix roll up into one common prefix; empty for none.</param>
/// <param name="StartAfter">Keys and common prefixes above this, exclusive; a common prefix equal to it or that it starts with is skipped whole. Empty for the start.</param>
/// <param name="EntriesMax">Keys and common prefixes together, 0 to 1000.</param>
public sealed record ListObjectsQuery(string Bucket, string Prefix, string Delimiter, string StartAfter, int EntriesMax) : MetadataQuery;

/// <summary>All versions and delete markers, in key order, newest first within a key.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">As for objects.</param>
/// <param name="Delimiter">As for objects.</param>
/// <param name="KeyMarker">Start after this key, or within it after <paramref name="VersionMarker"/>.</param>
/// <param name="VersionMarker">With a key marker: versions of that key older than this one come first.</param>
/// <param name="EntriesMax">Entries together, 0 to 1000.</param>
public sealed record ListVersionsQuery(
    string Bucket, string Prefix, string Delimiter, string KeyMarker, VersionId? VersionMarker, int EntriesMax) : MetadataQuery;

/// <summary>Uploads in progress, by key, then by time of start.</summary>
public sealed record ListUploadsQuery(
    string Bucket, string Prefix, string Delimiter, string KeyMarker, string UploadIdMarker, int EntriesMax) : MetadataQuery;

/// <summary>Parts of an upload in progress by number.</summary>
public sealed record ListPartsQuery(string Bucket, string Key, string UploadId, int PartNumberMarker, int PartsMax) : MetadataQuery;

/// <summary>An upload in progress.</summary>
public sealed record GetUploadQuery(string Bucket, string Key, string UploadId) : MetadataQuery;

/// <summary>All identities in name order.</summary>
public sealed record ListIdentitiesQuery : MetadataQuery;

/// <summary>An entry of a version listing.</summary>
public sealed record VersionEntry(ObjectRecord Object, bool IsLatest);

/// <summary>The answer; which fields are set depends on the query.</summary>
public sealed record QueryResult
{
    /// <summary>None on success.</summary>
    public MetadataError Error { get; init; }

    /// <summary>The bucket, on success of every query that names one.</summary>
    public BucketRecord? Bucket { get; init; }

    /// <summary>ListBuckets.</summary>
    public IReadOnlyList<BucketRecord> Buckets { get; init; } = [];

    /// <summary>GetObject. With <see cref="MetadataError.NoSuchKey"/> or <see cref="MetadataError.IsDeleteMarker"/>: the delete marker, if that is why.</summary>
    public ObjectRecord? Object { get; init; }

    /// <summary>GetObject with parts.</summary>
    public IReadOnlyList<PartSummary> Parts { get; init; } = [];

    /// <summary>ListIdentities.</summary>
    public IReadOnlyList<IdentityRecord> Identities { get; init; } = [];

    /// <summary>ListObjects and ListVersions give summaries: key, version, marker, time, owner, size, ETag, class, checksum, restored until; the rest is at its default.</summary>
    public IReadOnlyList<ObjectRecord> Objects { get; init; } = [];

    /// <summary>ListVersions.</summary>
    public IReadOnlyList<VersionEntry> Versions { get; init; } = [];

    /// <summary>ListUploads; GetUpload and ListParts give one.</summary>
    public IReadOnlyList<UploadRecord> Uploads { get; init; } = [];

    /// <summary>ListParts.</summary>
    public IReadOnlyList<PartRecord> UploadedParts { get; init; } = [];

    /// <summary>Listings with a delimiter, in order.</summary>
    public IReadOnlyList<string> CommonPrefixes { get; init; } = [];

    /// <summary>There is more.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>When truncated: the last key or common prefix given, to go on after.</summary>
    public string NextMarker { get; init; } = "";

    /// <summary>Versions, when truncated and the last entry was a version: it.</summary>
    public VersionId? NextVersionMarker { get; init; }

    /// <summary>Uploads, when truncated and the last entry was an upload: its id.</summary>
    public string NextUploadIdMarker { get; init; } = "";
}

/// <summary>An object open for reading: while it lives, its data is not reclaimed, whatever happens to the object.</summary>
public abstract class ReadLease : IDisposable
{
    /// <summary>The answer to the query.</summary>
    public required QueryResult Result { get; init; }

    /// <summary>Where the bytes are; null on error.</summary>
    public ObjectData? Data { get; init; }

    /// <summary>The bytes of an inline body; empty otherwise.</summary>
    public ReadOnlyMemory<byte> InlineBody { get; init; }

    /// <summary>The bytes of a blob of <see cref="Data"/> that lies inline (a small part of a multipart object).</summary>
    /// <exception cref="StorageException">The row cannot be read.</exception>
    public abstract Task<ReadOnlyMemory<byte>> ReadInlineAsync(BlobRef blob);

    /// <summary>Lets the data go. Any thread; more than once is allowed.</summary>
    public abstract void Dispose();
}
