using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json.Serialization;

namespace ObjectStore.Sim.Checking;

/// <summary>What a client can ask.</summary>
public enum S3Verb
{
    /// <summary>CreateBucket.</summary>
    CreateBucket,

    /// <summary>DeleteBucket.</summary>
    DeleteBucket,

    /// <summary>HeadBucket.</summary>
    HeadBucket,

    /// <summary>PutBucketVersioning.</summary>
    SetVersioning,

    /// <summary>PutObject.</summary>
    Put,

    /// <summary>GetObject.</summary>
    Get,

    /// <summary>HeadObject.</summary>
    Head,

    /// <summary>DeleteObject.</summary>
    Delete,

    /// <summary>CopyObject.</summary>
    Copy,

    /// <summary>ListObjectsV2.</summary>
    List,

    /// <summary>ListObjectVersions.</summary>
    ListVersions,

    /// <summary>CreateMultipartUpload.</summary>
    CreateUpload,

    /// <summary>UploadPart.</summary>
    UploadPart,

    /// <summary>CompleteMultipartUpload.</summary>
    CompleteUpload,

    /// <summary>AbortMultipartUpload.</summary>
    AbortUpload,

    /// <summary>ListParts.</summary>
    ListParts,

    /// <summary>The reading half of a copy of unknown outcome; only in checked histories.</summary>
    CopyRead,

    /// <summary>The writing half of it.</summary>
    CopyWrite,
}

/// <summary>Versioning of a bucket, as the model sees it.</summary>
public enum S3Versioning
{
    /// <summary>Never switched on.</summary>
    Off,

    /// <summary>On.</summary>
    Enabled,

    /// <summary>Suspended.</summary>
    Suspended,
}

/// <summary>A part as a completion names it.</summary>
public sealed record S3Part(int Number, string ETag);

/// <summary>One request, in the words of the S3 API. Fields that the verb does not use keep their defaults.</summary>
public sealed record S3Operation
{
    /// <summary>What is asked.</summary>
    public required S3Verb Verb { get; init; }

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key.</summary>
    public string Key { get; init; } = "";

    /// <summary>A version, or null for the current one.</summary>
    public string? VersionId { get; init; }

    /// <summary>If-Match: an ETag without quotes or <c>*</c>; null when absent.</summary>
    public string? IfMatch { get; init; }

    /// <summary>If-None-Match.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>What is sent (Put, UploadPart).</summary>
    public ContentDigest? Content { get; init; }

    /// <summary>The bytes of <see cref="Content"/>; not part of a written history.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Get: the first and the last byte wanted; null for all. The model knows whole reads only, so ranges are for live runs.</summary>
    [JsonIgnore]
    public (long First, long Last)? Range { get; init; }

    /// <summary>Copy: the source's key (same bucket).</summary>
    public string SourceKey { get; init; } = "";

    /// <summary>Listings: keys start with this.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Listings: what rolls keys up.</summary>
    public string Delimiter { get; init; } = "";

    /// <summary>Listings: keys after this.</summary>
    public string StartAfter { get; init; } = "";

    /// <summary>Listings: entries at most.</summary>
    public int EntriesMax { get; init; } = 1000;

    /// <summary>Uploads.</summary>
    public string UploadId { get; init; } = "";

    /// <summary>UploadPart.</summary>
    public int PartNumber { get; init; }

    /// <summary>CompleteUpload.</summary>
    public IReadOnlyList<S3Part> Parts { get; init; } = [];

    /// <summary>SetVersioning.</summary>
    public S3Versioning Versioning { get; init; }

    /// <summary>Ties the halves of a copy together.</summary>
    public int CopyId { get; init; }

    /// <summary>True when the operation concerns more than one key of the bucket.</summary>
    [JsonIgnore]
    public bool IsBucketWide => Verb is S3Verb.CreateBucket or S3Verb.DeleteBucket or S3Verb.HeadBucket or S3Verb.SetVersioning or S3Verb.List or S3Verb.ListVersions;

    /// <summary>True for operations that never change anything.</summary>
    [JsonIgnore]
    public bool OnlyReads => Verb is S3Verb.Get or S3Verb.Head or S3Verb.List or S3Verb.ListVersions or S3Verb.ListParts or S3Verb.HeadBucket;

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Verb).Append(' ').Append(Bucket);
        Add("/", Key);
        Add("?versionId=", VersionId);
        Add(" from ", SourceKey);
        Add(" if-match ", IfMatch);
        Add(" if-none-match ", IfNoneMatch);
        Add(" upload ", UploadId);
        Add(" part ", PartNumber > 0 ? $"{PartNumber}" : "");
        Add(" prefix ", Prefix);
        Add(" delimiter ", Delimiter);
        Add(" after ", StartAfter);
        Add(" ", Verb == S3Verb.SetVersioning ? Versioning.ToString() : "");
        Add(" parts ", string.Join(',', System.Linq.Enumerable.Select(Parts, static part => $"{part.Number}:{Short(part.ETag)}")));
        Add(" content ", Content is { } content ? $"{content.SizeBytes}B {Short(content.Md5)}" : "");
        return text.ToString();

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(name).Append(value);
            }
        }
    }

    /// <summary>The first characters of an ETag.</summary>
    internal static string Short(string tag) => tag.Length > 8 ? tag[..8] : tag;
}

/// <summary>An entry of a listing.</summary>
public sealed record S3Entry(string Key, string ETag, long SizeBytes)
{
    /// <summary>ListVersions: the version.</summary>
    public string? VersionId { get; init; }

    /// <summary>ListVersions: a delete marker.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>ListVersions: the newest of its key.</summary>
    public bool IsLatest { get; init; }
}

/// <summary>An answer. Success when <see cref="Code"/> is empty.</summary>
public sealed record S3Result
{
    /// <summary>The S3 error code (<c>NoSuchKey</c>, …); empty on success.</summary>
    public string Code { get; init; } = "";

    /// <summary>HTTP status.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Success.</summary>
    [JsonIgnore]
    public bool Ok => Code.Length == 0;

    /// <summary>ETag without quotes.</summary>
    public string ETag { get; init; } = "";

    /// <summary>x-amz-version-id; null when absent.</summary>
    public string? VersionId { get; init; }

    /// <summary>x-amz-delete-marker.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>Get: what came; Head: size only.</summary>
    public ContentDigest? Content { get; init; }

    /// <summary>Listings, without common prefixes.</summary>
    public IReadOnlyList<S3Entry> Entries { get; init; } = [];

    /// <summary>Listings with a delimiter.</summary>
    public IReadOnlyList<string> CommonPrefixes { get; init; } = [];

    /// <summary>Listings: there is more.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>CreateUpload.</summary>
    public string UploadId { get; init; } = "";

    /// <summary>ListParts.</summary>
    public IReadOnlyList<S3Part> Parts { get; init; } = [];

    /// <summary>The client knows that the request never reached the server whole: it must have had no effect.</summary>
    public static readonly S3Result NotSent = new() { Status = 0, Code = "NotSent" };

    /// <summary>A refusal.</summary>
    public static S3Result Refused(int status, string code) => new() { Status = status, Code = code };

    /// <inheritdoc/>
    public override string ToString()
    {
        if (!Ok)
        {
            return $"{Status} {Code}";
        }

        var text = new StringBuilder().Append(Status);
        text.Append(ETag.Length > 0 ? $" etag {S3Operation.Short(ETag)}" : "");
        text.Append(VersionId is null ? "" : $" version {VersionId}");
        text.Append(IsDeleteMarker ? " delete-marker" : "");
        text.Append(Content is { } content ? $" content {content}" : "");
        text.Append(UploadId.Length > 0 ? $" upload {UploadId}" : "");
        foreach (S3Entry entry in Entries)
        {
            text.Append(' ').Append(entry.Key).Append('=').Append(entry.IsDeleteMarker ? "marker" : S3Operation.Short(entry.ETag));
            text.Append(entry.VersionId is null ? "" : $"@{entry.VersionId}");
        }

        text.Append(CommonPrefixes.Count > 0 ? $" prefixes {string.Join(',', CommonPrefixes)}" : "").Append(IsTruncated ? " truncated" : "");
        return text.ToString();
    }
}
