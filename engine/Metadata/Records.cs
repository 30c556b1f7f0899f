using System;
using System.Collections.Generic;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Versioning of a bucket.</summary>
public enum VersioningState
{
    /// <summary>Never switched on.</summary>
    Off = 0,

    /// <summary>Each put makes a version.</summary>
    Enabled,

    /// <summary>Puts replace the null version; others stay.</summary>
    Suspended,
}

/// <summary>Checksum algorithms of the S3 API, besides the ETag's MD5. Stored as numbers: new ones go to the end.</summary>
public enum ChecksumAlgorithm
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>CRC-32 (ISO-HDLC).</summary>
    Crc32,

    /// <summary>CRC-32C (Castagnoli).</summary>
    Crc32C,

    /// <summary>CRC-64/NVME.</summary>
    Crc64Nvme,

    /// <summary>SHA-1.</summary>
    Sha1,

    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512,

    /// <summary>MD5, stated as a checksum.</summary>
    Md5,

    /// <summary>XXH64, seed 0.</summary>
    XxHash64,

    /// <summary>XXH3 of 64 bits, seed 0.</summary>
    XxHash3,

    /// <summary>XXH3 of 128 bits, seed 0.</summary>
    XxHash128,
}

/// <summary>How a multipart object's checksum is made.</summary>
public enum ChecksumType
{
    /// <summary>Over the whole content.</summary>
    FullObject = 0,

    /// <summary>Checksum of the parts' checksums, written with <c>-N</c>.</summary>
    Composite,
}

/// <summary>A checksum of content: raw digest bytes in the algorithm's natural (big-endian) order. <paramref name="PartCount"/> is above 0 for composite ones.</summary>
public sealed record ObjectChecksum(ChecksumAlgorithm Algorithm, ChecksumType Type, ReadOnlyMemory<byte> Digest, int PartCount);

/// <summary>A version id as stored: 0 is the null version, else unique in the bucket and growing with time of the command.</summary>
public readonly record struct VersionId(ulong Value)
{
    /// <summary>The null version of unversioned and suspended buckets.</summary>
    public static readonly VersionId Null;

    /// <summary>True for the null version.</summary>
    public bool IsNull => Value == 0;
}

/// <summary>A bucket.</summary>
public sealed record BucketRecord
{
    /// <summary>Name, valid by the S3 rules.</summary>
    public required string Name { get; init; }

    /// <summary>Number that prefixes the bucket's rows; never used again after deletion.</summary>
    public required ulong Id { get; init; }

    /// <summary>Canonical id of the owner.</summary>
    public required string OwnerId { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedUtc { get; init; }

    /// <summary>Region as given with the creation; empty for the default.</summary>
    public string Region { get; init; } = "";

    /// <summary>Versioning.</summary>
    public VersioningState Versioning { get; init; }

    /// <summary>Object lock is on (cannot be switched off).</summary>
    public bool ObjectLock { get; init; }

    /// <summary>Configuration documents by kind (<c>acl</c>, <c>policy</c>, <c>cors</c>, <c>lifecycle</c>, <c>tagging</c> …), in ordinal order of the kind,
    /// in the gateway's own canonical encoding.</summary>
    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Documents { get; init; } = [];

    /// <summary>A document by kind; false when it is not set.</summary>
    public bool TryGetDocument(string kind, out ReadOnlyMemory<byte> document)
    {
        for (int i = 0; i < Documents.Count; i++)
        {
            if (Documents[i].Key == kind)
            {
                document = Documents[i].Value;
                return true;
            }
        }

        document = default;
        return false;
    }
}

/// <summary>Where an object's bytes are.</summary>
public sealed record ObjectData
{
    /// <summary>Small bodies: stored in the metadata itself under this blob's id. Null otherwise.</summary>
    public BlobRef? Inline { get; init; }

    /// <summary>Large bodies: one blob, or one for each part. Empty when inline or of length zero.</summary>
    /// <remarks>A part whose <see cref="BlobRef.ChunkSizeBytes"/> is 0 lies inline: get its bytes with <see cref="ReadLease.ReadInlineAsync"/>.</remarks>
    public IReadOnlyList<BlobRef> Blobs { get; init; } = [];
}

/// <summary>One part of a completed multipart object, for <c>?partNumber=</c> and GetObjectAttributes.</summary>
public sealed record PartSummary(int Number, long SizeBytes, ObjectChecksum? Checksum);

/// <summary>A version of an object, or a delete marker.</summary>
public sealed record ObjectRecord
{
    /// <summary>Key, 1 to 1024 bytes of UTF-8.</summary>
    public required string Key { get; init; }

    /// <summary>Version.</summary>
    public required VersionId Version { get; init; }

    /// <summary>A delete marker: only key, version, owner and time mean something.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>When the command was proposed, UTC, whole milliseconds (answers show seconds).</summary>
    public required DateTime ModifiedUtc { get; init; }

    /// <summary>Content length.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Without quotes: lower-case hex MD5, with <c>-N</c> for multipart.</summary>
    public string ETag { get; init; } = "";

    /// <summary>Canonical id of the owner.</summary>
    public required string OwnerId { get; init; }

    /// <summary>System headers kept with the object (content-type, cache-control, content-disposition, content-encoding, content-language, expires,
    /// x-amz-website-redirect-location) and user metadata (names start with <c>x-amz-meta-</c>), lower-case names, in the order received.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Storage class; empty is STANDARD.</summary>
    public string StorageClass { get; init; } = "";

    /// <summary>Until when an object of an archive class may be read, as it was asked for last; null when that never was.</summary>
    public DateTime? RestoredUntilUtc { get; init; }

    /// <summary>Checksum, when one was given or computed.</summary>
    public ObjectChecksum? Checksum { get; init; }

    /// <summary>Parts of a multipart object, 0 otherwise.</summary>
    public int PartCount { get; init; }

    /// <summary>Tags in the order given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>ACL in the gateway's canonical encoding; empty is private.</summary>
    public ReadOnlyMemory<byte> Acl { get; init; }

    /// <summary>Retention mode (<c>GOVERNANCE</c>, <c>COMPLIANCE</c>) or empty.</summary>
    public string RetentionMode { get; init; } = "";

    /// <summary>End of retention, UTC.</summary>
    public DateTime? RetainUntilUtc { get; init; }

    /// <summary>Legal hold; null when none was ever put or taken away.</summary>
    public bool? LegalHold { get; init; }

    /// <summary>Server-side encryption parameters in the gateway's encoding; empty is none.</summary>
    public ReadOnlyMemory<byte> Encryption { get; init; }
}

/// <summary>An upload in progress.</summary>
public sealed record UploadRecord
{
    /// <summary>Id as clients see it.</summary>
    public required string UploadId { get; init; }

    /// <summary>What will be the object: key, owner, headers, class, tags, ACL and the like are taken from here at completion.</summary>
    public required ObjectRecord Template { get; init; }

    /// <summary>Who started it.</summary>
    public required string InitiatorId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime InitiatedUtc { get; init; }

    /// <summary>Checksum algorithm asked for at creation; <see cref="ChecksumAlgorithm.None"/> when none.</summary>
    public ChecksumAlgorithm ChecksumAlgorithm { get; init; }

    /// <summary>Type asked for.</summary>
    public ChecksumType ChecksumType { get; init; }

    /// <summary>Headers of the start that policies may ask of its parts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Stated { get; init; } = [];
}

/// <summary>An uploaded part.</summary>
public sealed record PartRecord
{
    /// <summary>1 to 10,000.</summary>
    public required int Number { get; init; }

    /// <summary>Length.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Lower-case hex MD5.</summary>
    public required string ETag { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime ModifiedUtc { get; init; }

    /// <summary>Its checksum.</summary>
    public ObjectChecksum? Checksum { get; init; }

    /// <summary>Its bytes.</summary>
    public required ObjectData Data { get; init; }
}

/// <summary>Somebody who may call, as stored.</summary>
public sealed record IdentityRecord
{
    /// <summary>Unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Access key; unique.</summary>
    public required string AccessKey { get; init; }

    /// <summary>Secret key; never traced.</summary>
    public required string SecretKey { get; init; }

    /// <summary>What owners and grantees are called.</summary>
    public required string CanonicalId { get; init; }

    /// <summary>May be empty.</summary>
    public string Email { get; init; } = "";

    /// <summary>May do everything.</summary>
    public bool IsRoot { get; init; }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"{Name} ({AccessKey})";
}
