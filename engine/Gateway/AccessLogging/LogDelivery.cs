using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Writes a batch of lines as an object into the target bucket, with the rights of the log service, as the bucket is at that time.</summary>
/// <remarks>The object is written like any other, so versioning and default encryption of the target hold. It belongs to the target's owner.</remarks>
internal static class LogDelivery
{
    /// <summary>The write as policies and encryption see it.</summary>
    internal static OperationContext NewContext(GatewayServices services, LogSource source, string key, DateTime nowUtc)
    {
        string target = source.Settings.TargetBucket;
        var request = new S3Request
        {
            Method = "PUT",
            RawPath = $"/{target}/{key}",
            RawQuery = "",
            Headers = [],
            Body = PipeReader.Create(ReadOnlySequence<byte>.Empty),
            IsSecure = true,
        };
        return new OperationContext
        {
            Services = services,
            Request = request,
            Query = RequestQuery.None,
            Headers = new RequestHeaders(request.Headers),
            Target = new S3Target(target, key),
            RequestId = RequestIds.Next(services.Entropy),
            Auth = AuthResult.Anonymous,
            Service = new ServicePrincipal(ServicePrincipal.Logging, $"arn:aws:s3:::{source.Bucket}", source.OwnerId),
            NowUtc = nowUtc,
            Cancellation = CancellationToken.None,
        };
    }

    /// <summary>Delivers a batch.</summary>
    /// <exception cref="S3Exception">The target is gone, cannot take logs, or does not let them in; or a fault, when its status says so.</exception>
    /// <exception cref="StorageException">From the store.</exception>
    internal static async ValueTask DeliverAsync(GatewayServices services, AccessLogBatch batch)
    {
        LogSource source = batch.Source;
        QueryResult found = await services.Metadata.QueryAsync(new GetBucketQuery(source.Settings.TargetBucket));
        if (found.Bucket is not { } target)
        {
            throw new S3Exception(S3Errors.From(found.Error));
        }

        if (LogTarget.Obstacle(target, source.OwnerId) is { } obstacle)
        {
            throw new S3Exception(S3Errors.InvalidTargetBucketForLogging, obstacle);
        }

        DateTime nowUtc = Timestamps.WholeMilliseconds(services.Clock.UtcNow);
        batch.Key ??= LogObjectKey.Make(source, batch.Pieces[0].AtUtc, nowUtc, services.Entropy.NextUInt64());
        OperationContext context = NewContext(services, source, batch.Key, nowUtc);
        context.Bucket = target;
        if (!LogTarget.LetsIn(context, target, batch.Key))
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }

        ObjectEncryption? encryption = ObjectEncryption.ForNewObject(context);
        using var hashed = new HashedContent(new LogContent(batch), md5: true, ChecksumAlgorithm.Crc64Nvme, services.Md5Pool);
        await using var store = new BodyStore(services, services.Options.InlineBytesMax, encryption);
        await store.TakeAsync(hashed);
        await store.SyncAsync();
        (string? etag, ObjectChecksum? checksum) = await hashed.FinishAsync();
        var record = new ObjectRecord
        {
            Key = batch.Key,
            Version = VersionId.Null,
            ModifiedUtc = nowUtc,
            OwnerId = target.OwnerId,
            Headers = [new("content-type", "text/plain")],
            ETag = etag!,
            Checksum = checksum,
            Acl = AclOf(source.Settings, target),
            Encryption = encryption?.Encoded ?? default,
        };
        try
        {
            // Its answer may have been lost: then the object is there.
            await PutObject.ExecuteAsync(context, store, record, batch.Attempts > 0 ? new WriteConditions(IfNoneMatch: ["*"]) : null, EventKind.CreatedByPut);
        }
        catch (S3Exception there) when (batch.Attempts > 0 && there.Error.Status == 412)
        {
            // So it was.
        }
    }

    /// <exception cref="S3Exception">AccessDenied: public grants where the target blocks them.</exception>
    private static ReadOnlyMemory<byte> AclOf(LoggingConfiguration settings, BucketRecord target)
    {
        if (settings.Grants.Count == 0 || ObjectOwnership.IsEnforced(target))
        {
            return default;
        }

        var acl = new AccessControlList(target.OwnerId, [.. AccessControlList.Private(target.OwnerId).Grants, .. settings.Grants]);
        AclRequest.RefusePublic(target, acl);
        return acl.Encode();
    }
}
