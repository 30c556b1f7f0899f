using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What GET, HEAD and the other reads of one object share: finding it, refusing, the headers of the answer.</summary>
internal static class ObjectReader
{
    private static readonly (string Parameter, string Header)[] Overrides =
    [
        ("response-content-type", "content-type"),
        ("response-content-language", "content-language"),
        ("response-expires", "expires"),
        ("response-cache-control", "cache-control"),
        ("response-content-disposition", "content-disposition"),
        ("response-content-encoding", "content-encoding"),
    ];

    /// <summary>The object that the request names, authorized.</summary>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion, MethodNotAllowed (a delete marker), AccessDenied.</exception>
    internal static async ValueTask<QueryResult> FindAsync(OperationContext context, S3Action action, S3Action versionAction, bool withParts = false)
    {
        VersionId? version = context.VersionParameter;
        QueryResult found = await context.Metadata.QueryAsync(new GetObjectQuery(context.BucketName, context.Key, version, withParts));
        Check(context, found, version is null ? action : versionAction);
        return found;
    }

    /// <summary>The object that the request names, for who asks for permission later: once it knows what is to be changed.</summary>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion, MethodNotAllowed (a delete marker), AccessDenied.</exception>
    internal static async ValueTask<ObjectRecord> FindToChangeAsync(OperationContext context)
    {
        QueryResult found = await context.Metadata.QueryAsync(new GetObjectQuery(context.BucketName, context.Key, context.VersionParameter, WithParts: false));
        return Existing(context, found);
    }

    /// <summary>Reads the document that says what is to be changed; to who may not change anything, one that is wrong looks like one that is right.</summary>
    /// <exception cref="S3Exception">AccessDenied, and those of <paramref name="read"/>.</exception>
    internal static async ValueTask<T> ReadChangeAsync<T>(OperationContext context, S3Action action, ObjectRecord target, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(await RequestBody.ReadDocumentAsync(context));
        }
        catch (S3Exception) when (!Authorizer.Allows(context, action, context.Bucket, context.Key, target))
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }
    }

    /// <summary>Refuses what was not found or is not allowed.</summary>
    /// <exception cref="S3Exception">As for <see cref="FindAsync"/>.</exception>
    internal static void Check(OperationContext context, QueryResult found, S3Action action)
    {
        ObjectRecord existing = Existing(context, found);
        Authorizer.Demand(context, action, existing);
        context.AccessLog?.ObjectSize = existing.SizeBytes;
    }

    private static ObjectRecord Existing(OperationContext context, QueryResult found) =>
        found.Error == MetadataError.None ? found.Object! : throw Authorizer.Missing(context, NotFound(context, found), context.Bucket);

    /// <summary>Headers of the object. Its length and range are the caller's.</summary>
    internal static S3Response Describe(OperationContext context, ObjectRecord found)
    {
        var response = new S3Response { Status = 200 };
        response.SetHeader("Last-Modified", Timestamps.Http(found.ModifiedUtc));
        response.SetHeader("ETag", $"\"{found.ETag}\"");
        response.SetHeader("Accept-Ranges", "bytes");
        bool hasType = false;
        int missing = 0;
        foreach ((string name, string value) in found.Headers)
        {
            hasType |= name == "content-type";
            if (!ObjectHeaders.CanAnswer(name, value))
            {
                missing++;
                continue;
            }

            response.Headers.Add(new KeyValuePair<string, string>(name, ObjectHeaders.ForAnswer(value)));
        }

        if (!hasType)
        {
            response.SetHeader("Content-Type", ObjectHeaders.DefaultContentType);
        }

        if (missing > 0)
        {
            response.SetHeader("x-amz-missing-meta", missing.ToString(CultureInfo.InvariantCulture));
        }

        if (found.StorageClass.Length > 0)
        {
            response.SetHeader("x-amz-storage-class", found.StorageClass);
            ArchivedObjects.AddRestore(response, context, found);
        }

        if (found.Tags.Count > 0)
        {
            response.SetHeader("x-amz-tagging-count", found.Tags.Count.ToString(CultureInfo.InvariantCulture));
        }

        AddLock(context, response, found);
        response.AddVersion(context.Bucket, found.Version);
        if (context.Bucket.Versioning == VersioningState.Off || context.VersionParameter is null)
        {
            response.AddExpiration(context, found);
        }

        return response;
    }

    /// <summary>Puts the <c>response-*</c> parameters over the object's own headers. Only signed requests may.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument.</exception>
    internal static void Override(OperationContext context, S3Response response)
    {
        foreach ((string parameter, string header) in Overrides)
        {
            if (context.Query[parameter] is not string value)
            {
                continue;
            }

            if (context.Caller is null)
            {
                throw S3Exception.InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.");
            }

            if (!ObjectHeaders.IsFieldValue(value) || value.AsSpan().IndexOfAnyExceptInRange('\0', '\xff') >= 0)
            {
                throw S3Exception.InvalidArgument("Header value cannot be represented using ISO-8859-1.", parameter, value);
            }

            response.SetHeader(header, value);
        }
    }

    /// <summary>Retention and legal hold, each only for who may ask for it.</summary>
    private static void AddLock(OperationContext context, S3Response response, ObjectRecord found)
    {
        if (found.RetentionMode.Length > 0 && found.RetainUntilUtc is { } until && May(S3Action.GetObjectRetention))
        {
            response.SetHeader("x-amz-object-lock-mode", found.RetentionMode);
            response.SetHeader("x-amz-object-lock-retain-until-date", Timestamps.IsoMilliseconds(until));
        }

        if (found.LegalHold is { } isHeld && May(S3Action.GetObjectLegalHold))
        {
            response.SetHeader("x-amz-object-lock-legal-hold", isHeld ? "ON" : "OFF");
        }

        bool May(S3Action action) => Authorizer.Allows(context, action, context.Bucket, found.Key, found);
    }

    private static S3Exception NotFound(OperationContext context, QueryResult found)
    {
        S3Exception refusal = found.Error == MetadataError.IsDeleteMarker
            ? new S3Exception(S3Errors.MethodNotAllowed, ("Method", context.Request.Method), ("ResourceType", "DeleteMarker"))
            : context.Refusal(found.Error);
        if (found.Object is { IsDeleteMarker: true } marker)
        {
            refusal.Headers.Add(new("x-amz-delete-marker", "true"));
            refusal.Headers.Add(new("x-amz-version-id", VersionIds.Format(marker.Version)));
            if (found.Error == MetadataError.IsDeleteMarker)
            {
                refusal.Headers.Add(new("Last-Modified", Timestamps.Http(marker.ModifiedUtc)));
                refusal.Headers.Add(new("Allow", "DELETE"));
            }
        }

        return refusal;
    }
}
