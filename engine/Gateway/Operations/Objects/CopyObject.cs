using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>PUT object with a copy source. The bytes go through the server chunk by chunk and are the copy's own.</summary>
internal static class CopyObject
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Authorizer.DemandWrite(context, TagSet.FromHeader(context.Headers["x-amz-tagging"]));
        bool replaceHeaders = Replaces(context, "x-amz-metadata-directive", "Unknown metadata directive.");
        bool replaceTags = Replaces(context, "x-amz-tagging-directive", "Unknown tagging directive.");
        ChecksumAlgorithm? asked = AskedChecksum(context);
        using CopySource source = await CopySource.OpenAsync(context);
        RefuseCopyOntoItself(context, source, replaceHeaders);
        if (source.Object.SizeBytes > CopySource.SizeBytesMax)
        {
            throw S3Exception.InvalidRequest(
                $"The specified copy source is larger than the maximum allowable size for a copy source: {CopySource.SizeBytesMax}");
        }

        ObjectEncryption? encryption = ObjectEncryption.ForNewObject(context);
        ObjectRecord record = NewObject.FromHeaders(context, encryption);
        record = record with
        {
            Headers = replaceHeaders ? record.Headers : Copied(source.Object, record),
            Tags = replaceTags ? record.Tags : source.Object.Tags,
        };
        return await CopyAsync(context, source, record, encryption, asked);
    }

    /// <summary>Copies the bytes, hashing what is not known of them.</summary>
    private static async ValueTask<S3Response> CopyAsync(
        OperationContext context, CopySource source, ObjectRecord record, ObjectEncryption? encryption, ChecksumAlgorithm? asked)
    {
        ObjectRecord original = source.Object;
        string? sourceVersion = source.BucketRecord.Versioning == VersioningState.Off ? null : VersionIds.Format(original.Version);
        ChecksumAlgorithm algorithm = asked ?? original.Checksum?.Algorithm ?? ChecksumAlgorithm.Crc64Nvme;
        ObjectChecksum? known = original.Checksum is { Type: ChecksumType.FullObject } full && full.Algorithm == algorithm ? full : null;
        await using ObjectContent content = await source.OpenContentAsync(context, new ByteRange(0, original.SizeBytes));
        using var hashed = new HashedContent(content, md5: original.PartCount > 0, known is null ? algorithm : ChecksumAlgorithm.None, context.Services.Md5Pool);
        await using var store = new BodyStore(context.Services, context.Options.InlineBytesMax, encryption);
        await store.TakeAsync(hashed);
        await store.SyncAsync();
        (string? etag, ObjectChecksum? computed) = await hashed.FinishAsync();
        record = record with { ETag = etag ?? original.ETag, Checksum = known ?? computed };
        CommandResult result = await PutObject.ExecuteAsync(context, store, record, Conditions.ForWrite(context.Headers), EventKind.CreatedByCopy);

        var xml = new XmlDocumentWriter("CopyObjectResult");
        xml.Element("LastModified", result.Object!.ModifiedUtc);
        xml.ETag(record.ETag);
        xml.Checksum(record.Checksum, withType: true);
        S3Response response = Answer.Xml(xml);
        encryption?.Describe(response);
        response.AddVersion(context.Bucket, result.Object.Version);
        response.AddExpiration(context, result.Object);
        if (sourceVersion is not null)
        {
            response.SetHeader("x-amz-copy-source-version-id", sourceVersion);
        }

        return response;
    }

    private static List<KeyValuePair<string, string>> Copied(ObjectRecord source, ObjectRecord target)
    {
        // Where a website redirects to is never copied; it comes from the request alone.
        List<KeyValuePair<string, string>> headers = [];
        foreach (KeyValuePair<string, string> header in source.Headers)
        {
            if (header.Key != RedirectLocation.Header)
            {
                headers.Add(header);
            }
        }

        foreach (KeyValuePair<string, string> header in target.Headers)
        {
            if (header.Key == RedirectLocation.Header)
            {
                headers.Add(header);
            }
        }

        return headers;
    }

    private static bool Replaces(OperationContext context, string header, string unknown) => context.Headers[header] switch
    {
        null or "COPY" => false,
        "REPLACE" => true,
        string other => throw S3Exception.InvalidArgument(unknown, header, other),
    };

    private static ChecksumAlgorithm? AskedChecksum(OperationContext context)
    {
        if (context.Headers["x-amz-checksum-algorithm"] is not string name)
        {
            return null;
        }

        return ChecksumNames.TryParseName(name, out ChecksumAlgorithm algorithm)
            ? algorithm
            : throw S3Exception.InvalidRequest(ChecksumNames.Unsupported);
    }

    private static void RefuseCopyOntoItself(OperationContext context, CopySource source, bool replaceHeaders)
    {
        bool same = source.Bucket == context.BucketName && source.Object.Key == context.Key && source.VersionText is null;
        bool changes = replaceHeaders
            || (context.Headers["x-amz-storage-class"] is string asked && StorageClasses.Parse(asked) != source.Object.StorageClass)
            || context.Headers.Has(RedirectLocation.Header)
            || context.Headers.Has("x-amz-checksum-algorithm")
            || ObjectEncryption.IsAsked(context.Headers);
        if (same && !changes)
        {
            throw S3Exception.InvalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }
    }
}
