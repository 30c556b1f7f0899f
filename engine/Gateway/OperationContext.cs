using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>What operations work with.</summary>
/// <param name="Metadata">The metadata shard.</param>
/// <param name="Chunks">Where large bodies go.</param>
/// <param name="Identities">Who there is.</param>
/// <param name="Clock">Time.</param>
/// <param name="Entropy">Randomness.</param>
/// <param name="Trace">The log.</param>
/// <param name="Options">Settings.</param>
/// <param name="Keys">Keys of server-side encryption.</param>
/// <param name="AccessLogs">Takes lines of access logs; null when none are kept.</param>
internal sealed record GatewayServices(
    IMetadataShard Metadata,
    IContentStore Chunks,
    IIdentityDirectory Identities,
    IClock Clock,
    IEntropy Entropy,
    ITrace Trace,
    GatewayOptions Options,
    KeyRing Keys,
    AccessLogBuffer? AccessLogs = null)
{
    /// <summary>What answers call this gateway (<c>x-amz-id-2</c>).</summary>
    internal string HostId { get; init; } = "";

    /// <summary>Chunks in memory; null when the cache is off.</summary>
    internal ChunkCache? Cache { get; } = Options.ChunkCacheBytes >= CachePages.PageBytes ? new ChunkCache(Options.ChunkCacheBytes) : null;

    /// <summary>Where the entity tags of concurrent uploads are computed together.</summary>
    internal Md5Pool Md5Pool { get; } = new();

    /// <summary>Policies of buckets.</summary>
    internal ParsedDocuments<BucketPolicy> Policies { get; } = new(static document => BucketPolicy.Parse(document, bucket: null));

    /// <summary>CORS rules of buckets.</summary>
    internal ParsedDocuments<List<CorsRule>> Cors { get; } = new(CorsConfiguration.Parse);

    /// <summary>Lifecycle rules of buckets.</summary>
    internal ParsedDocuments<LifecycleConfiguration> Lifecycles { get; } = new(LifecycleConfiguration.Parse);

    /// <summary>Website configurations of buckets.</summary>
    internal ParsedDocuments<WebsiteConfiguration> Websites { get; } = new(WebsiteConfiguration.Parse);

    /// <summary>Days of lifecycle rules.</summary>
    internal LifecycleCalendar Calendar { get; } = new(Options.Lifecycle.Day);

    /// <summary>Default encryption of buckets.</summary>
    internal ParsedDocuments<DefaultEncryption> DefaultEncryptions { get; } = new(DefaultEncryption.Parse);

    /// <summary>Whom buckets tell of their events.</summary>
    internal EventRules Events { get; } = new(Options.Events, Trace);

    /// <summary>Where access logs of buckets go.</summary>
    internal ParsedDocuments<LoggingConfiguration> Loggings { get; } = new(LoggingConfiguration.Parse);
}

/// <summary>One request on its way through an operation.</summary>
internal sealed record OperationContext
{
    private BucketRecord? _bucket;

    /// <summary>The parts that do the work.</summary>
    internal required GatewayServices Services { get; init; }

    /// <summary>As received.</summary>
    internal required S3Request Request { get; init; }

    /// <summary>Decoded query.</summary>
    internal required RequestQuery Query { get; init; }

    /// <summary>Headers by name.</summary>
    internal required RequestHeaders Headers { get; init; }

    /// <summary>Headers as sent, where <see cref="Headers"/> are the fields of a form.</summary>
    internal RequestHeaders SentHeaders => new(Request.Headers);

    /// <summary>What was asked for, without its query, as the client would write it.</summary>
    internal string Url => $"{(Request.IsSecure ? "https" : "http")}://{SentHeaders.Host}{Request.RawPath}";

    /// <summary>Bucket and key.</summary>
    internal required S3Target Target { get; init; }

    /// <summary>Shown to the client and written to the log.</summary>
    internal required string RequestId { get; init; }

    /// <summary>Who asks.</summary>
    internal required AuthResult Auth { get; init; }

    /// <summary>Wall-clock time at which the request was taken up, whole milliseconds.</summary>
    internal required DateTime NowUtc { get; init; }

    /// <summary>The client went away.</summary>
    internal required CancellationToken Cancellation { get; init; }

    /// <summary>Name of the bucket.</summary>
    internal string BucketName => Target.Bucket;

    /// <summary>Key of the object.</summary>
    internal string Key => Target.Key;

    /// <summary>Metadata shard.</summary>
    internal IMetadataShard Metadata => Services.Metadata;

    /// <summary>Settings.</summary>
    internal GatewayOptions Options => Services.Options;

    /// <summary>The sender; null when anonymous.</summary>
    internal Identity? Caller => Auth.Identity;

    /// <summary>Canonical id of the sender; that of S3's anonymous user for nobody.</summary>
    internal string CallerId => Caller?.CanonicalId ?? AccessControlList.AnonymousId;

    /// <summary>Set where no client asks, but a service of the store acts on the bucket.</summary>
    internal ServicePrincipal? Service { get; init; }

    /// <summary>What access logs are to say of the request; null for most: no bucket of it is logged.</summary>
    internal RequestLog? AccessLog { get; set; }

    /// <summary>An authorization decision was made in the request's favour. <see cref="S3Gateway"/> checks it before any success goes out.</summary>
    internal bool IsAuthorized { get; set; }

    /// <summary>The bucket, which was found before the operation began.</summary>
    internal BucketRecord Bucket
    {
        get
        {
            Invariant.Check(_bucket is not null, "operation asked for a bucket that its route does not look up");
            return _bucket;
        }
        set => _bucket = value;
    }

    /// <summary>The upload that the request belongs to, once it was found.</summary>
    internal UploadRecord? Upload { get; set; }

    /// <summary>Whether the route looked the bucket up.</summary>
    internal bool HasBucket => _bucket is not null;

    /// <summary>Version asked for, or null. An empty or malformed one is InvalidArgument.</summary>
    internal VersionId? VersionParameter => Query["versionId"] is string text ? VersionIds.Parse(text) : null;

    /// <summary>Sets or removes a document of the bucket.</summary>
    /// <exception cref="S3Exception">EntityTooLarge: with the bucket's other documents it would be too much.</exception>
    internal async ValueTask SetDocumentAsync(string kind, ReadOnlyMemory<byte>? document)
    {
        // One that cannot be taken is not sent to other nodes either.
        if (document?.Length > MetadataLimits.BucketDocumentBytesMax)
        {
            throw new S3Exception(S3Errors.EntityTooLarge);
        }

        CommandResult result = await Metadata.ExecuteAsync(new SetBucketDocumentCommand(BucketName, kind, document) { NowUtc = NowUtc });
        ThrowIf(result.Error);
    }

    /// <summary>Turns a refusal of metadata into the answer for it.</summary>
    /// <exception cref="S3Exception">When there is an error.</exception>
    internal void ThrowIf(MetadataError error)
    {
        if (error != MetadataError.None)
        {
            throw Refusal(error);
        }
    }

    /// <summary>The answer for a refusal of metadata, with the fields that S3 adds.</summary>
    internal S3Exception Refusal(MetadataError error, string? key = null, string? versionText = null)
    {
        S3Error mapped = S3Errors.From(error);
        return error switch
        {
            MetadataError.NoSuchBucket => new S3Exception(mapped, ("BucketName", BucketName)),
            MetadataError.NoSuchKey or MetadataError.PreconditionNoSuchKey => new S3Exception(mapped, ("Key", key ?? Key)),
            MetadataError.NoSuchVersion =>
                new S3Exception(mapped, ("Key", key ?? Key), ("VersionId", versionText ?? Query["versionId"] ?? "")),
            MetadataError.NoSuchUpload => new S3Exception(mapped, ("UploadId", Query["uploadId"] ?? "")),
            MetadataError.BucketNotEmpty or MetadataError.BucketOwnedByOther or MetadataError.BucketOwnedByYou =>
                new S3Exception(mapped, ("BucketName", BucketName)),
            MetadataError.PreconditionFailed => new S3Exception(mapped, ("Condition", FailedCondition())),
            MetadataError.ObjectLocked => new S3Exception(mapped, "Access Denied because object protected by object lock."),
            _ => new S3Exception(mapped),
        };
    }

    /// <summary>Who is to be told of what comes of a command; null for most.</summary>
    /// <param name="key">Of the object that the command is about.</param>
    /// <param name="kinds">What may come of it.</param>
    internal EventDraft? DraftEvents(string key, params ReadOnlySpan<EventKind> kinds) => Services.Events.DraftOf(this, key, kinds);

    /// <summary>A document of the bucket by kind.</summary>
    internal bool TryGetDocument(string kind, out ReadOnlyMemory<byte> document) => Bucket.TryGetDocument(kind, out document);

    /// <summary>The same request with checksum headers set aside: on a completion they speak of the object and not of the body.</summary>
    internal OperationContext WithoutChecksumHeaders() =>
        this with { Request = Request.With([.. Request.Headers.Where(header => !IsChecksumHeader(header.Key))]) };

    /// <summary>The request that a form stands for: its signer, its key, its fields as headers. It is to be authorized by itself.</summary>
    internal OperationContext AsForm(AuthResult auth, string key, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        AccessLog?.TakeForm(auth, key);
        return this with { Headers = new RequestHeaders(fields), Target = Target with { Key = key }, Auth = auth, IsAuthorized = false };
    }

    /// <summary>The same request for another object of the bucket, and with other headers. It is to be authorized by itself.</summary>
    internal OperationContext ForKey(string key, RequestHeaders headers, RequestLog? log = null) =>
        this with { Headers = headers, Target = Target with { Key = key }, AccessLog = log, IsAuthorized = false };

    private static bool IsChecksumHeader(string name) =>
        name.StartsWith(ChecksumNames.HeaderPrefix, StringComparison.OrdinalIgnoreCase)
        || name.Equals("x-amz-sdk-checksum-algorithm", StringComparison.OrdinalIgnoreCase);

    private string FailedCondition() =>
        Headers.Has("If-Match") ? "If-Match" : Headers.Has("If-None-Match") ? "If-None-Match" : "x-amz-if-match";
}

/// <summary>Kinds of documents that buckets have.</summary>
internal static class BucketDocuments
{
    internal const string Acl = "acl";
    internal const string Policy = "policy";
    internal const string Cors = "cors";
    internal const string Tagging = "tagging";
    internal const string PublicAccessBlock = "publicAccessBlock";
    internal const string OwnershipControls = "ownershipControls";
    internal const string ObjectLock = "object-lock";
    internal const string Encryption = "encryption";
    internal const string Website = "website";
    internal const string RequestPayment = "requestPayment";
    internal const string Lifecycle = LifecycleGrounds.RulesKind;
    internal const string LifecycleSizeMin = LifecycleGrounds.SizeMinKind;
    internal const string Logging = "logging";
    internal const string Notification = "notification";
}
