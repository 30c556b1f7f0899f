using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>The source of a copy, open for reading: found, authorized, its conditions checked.</summary>
internal sealed class CopySource : IDisposable
{
    /// <summary>Largest source of one copy.</summary>
    internal const long SizeBytesMax = 5L * 1024 * 1024 * 1024;

    private bool _handedOver;

    private CopySource(string bucket, string? versionText, BucketRecord bucketRecord, ReadLease lease) =>
        (Bucket, VersionText, BucketRecord, Lease) = (bucket, versionText, bucketRecord, lease);

    /// <summary>Name of the source bucket.</summary>
    internal string Bucket { get; }

    /// <summary>Version asked for; null for the newest.</summary>
    internal string? VersionText { get; }

    /// <summary>Source bucket.</summary>
    internal BucketRecord BucketRecord { get; }

    /// <summary>Keeps the data.</summary>
    internal ReadLease Lease { get; }

    /// <summary>Source object.</summary>
    internal ObjectRecord Object => Lease.Result.Object!;

    /// <summary>Finds the source that <c>x-amz-copy-source</c> names.</summary>
    /// <exception cref="S3Exception">InvalidArgument, NoSuchBucket, NoSuchKey, AccessDenied, PreconditionFailed.</exception>
    internal static async ValueTask<CopySource> OpenAsync(OperationContext context)
    {
        string header = context.Headers["x-amz-copy-source"] ?? "";
        (string bucket, string key, string? versionText) = Parse(header);
        VersionId? version = versionText is null ? null : VersionIds.Parse(versionText, "x-amz-copy-source");
        QueryResult bucketFound = await context.Metadata.QueryAsync(new GetBucketQuery(bucket));
        if (bucketFound.Error != MetadataError.None)
        {
            throw new S3Exception(S3Errors.From(bucketFound.Error), ("BucketName", bucket));
        }

        BucketRecord bucketRecord = bucketFound.Bucket!;
        if (context.Headers["x-amz-source-expected-bucket-owner"] is string expected && expected != bucketRecord.OwnerId)
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }

        RequestLog.NoteCopySource(context, bucketRecord, key, versionText);
        var source = new CopySource(
            bucket, versionText, bucketRecord, await context.Metadata.OpenForReadAsync(new GetObjectQuery(bucket, key, version)));
        bool ready = false;
        try
        {
            bool aclRequired = context.AccessLog?.AclRequired ?? false;
            context.AccessLog?.AclRequired = false;
            source.Check(context, key, version);
            context.AccessLog?.NoteCopyJudged(aclRequired);
            ready = true;
            return source;
        }
        catch (S3Exception refusal)
        {
            context.AccessLog?.NoteCopied(refusal.Error.Status, refusal.Error.Code, null);
            throw;
        }
        finally
        {
            if (!ready)
            {
                source.Dispose();
            }
        }
    }

    /// <summary>Opens its bytes. The lease goes with them.</summary>
    /// <exception cref="S3Exception">The customer's key for the source is missing or wrong.</exception>
    internal async ValueTask<ObjectContent> OpenContentAsync(OperationContext context, ByteRange range)
    {
        try
        {
            ObjectEncryption? encryption = ObjectEncryption.ForRead(context, Bucket, Object, CustomerKey.CopySourcePrefix);
            _handedOver = true;
            ObjectContent content = await ObjectContent.OpenAsync(context.Services, Lease, range, encryption);
            context.AccessLog?.NoteCopied(200, null, Object.SizeBytes);
            return content;
        }
        catch (S3Exception refusal)
        {
            context.AccessLog?.NoteCopied(refusal.Error.Status, refusal.Error.Code, null);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_handedOver)
        {
            Lease.Dispose();
        }
    }

    private void Check(OperationContext context, string key, VersionId? version)
    {
        QueryResult found = Lease.Result;
        if (found.Error == MetadataError.IsDeleteMarker)
        {
            throw S3Exception.InvalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.");
        }

        if (found.Error != MetadataError.None)
        {
            throw Authorizer.Missing(context, context.Refusal(found.Error, key, VersionText), BucketRecord);
        }

        Authorizer.Demand(context, version is null ? S3Action.GetObject : S3Action.GetObjectVersion, BucketRecord, key, found.Object);
        Conditions.CheckCopySource(context.Headers, found.Object!);
        ArchivedObjects.DemandReadable(context, found.Object!, "Operation is not valid for the source object's storage class");
    }

    private static (string Bucket, string Key, string? VersionText) Parse(string header)
    {
        string path = header;
        string? versionText = null;
        int query = header.IndexOf("?versionId=", StringComparison.Ordinal);
        if (query >= 0)
        {
            path = header[..query];
            if (!PercentEncoding.TryDecode(header.AsSpan(query + "?versionId=".Length), plusIsSpace: false, out versionText))
            {
                throw Invalid(header);
            }
        }

        if (!PercentEncoding.TryDecode(path, plusIsSpace: false, out string decoded))
        {
            throw Invalid(header);
        }

        decoded = decoded.StartsWith('/') ? decoded[1..] : decoded;
        int slash = decoded.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == decoded.Length - 1)
        {
            throw Invalid(header);
        }

        return (decoded[..slash], decoded[(slash + 1)..], versionText);
    }

    private static S3Exception Invalid(string header) =>
        S3Exception.InvalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey", "x-amz-copy-source", header);
}
