using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>PUT object with upload id, part number and a copy source, whole or a range of it.</summary>
internal static class UploadPartCopy
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        UploadRecord upload = await UploadPart.FindToWriteAsync(context);
        int number = Numbers.ParsePartNumber(context.Query["partNumber"]);
        ObjectEncryption? encryption = ObjectEncryption.ForPart(context, upload);
        using CopySource source = await CopySource.OpenAsync(context);
        string? sourceVersion = source.BucketRecord.Versioning == VersioningState.Off ? null : VersionIds.Format(source.Object.Version);
        long size = source.Object.SizeBytes;
        ByteRange range = context.Headers["x-amz-copy-source-range"] is string asked
            ? ByteRange.ParseCopySource(asked, size)
            : new ByteRange(0, size);
        if (range.LengthBytes > CopySource.SizeBytesMax)
        {
            throw S3Exception.InvalidRequest(
                $"The specified copy source is larger than the maximum allowable size for a copy source: {CopySource.SizeBytesMax}");
        }

        ChecksumAlgorithm algorithm = upload.ChecksumAlgorithm == ChecksumAlgorithm.None ? ChecksumAlgorithm.Crc64Nvme : upload.ChecksumAlgorithm;
        await using ObjectContent content = await source.OpenContentAsync(context, range);
        using var hashed = new HashedContent(content, md5: true, algorithm, context.Services.Md5Pool);
        await using var store = new BodyStore(context.Services, inlineBytesMax: 0, encryption);
        await store.TakeAsync(hashed);
        await store.SyncAsync();
        (string? etag, ObjectChecksum? checksum) = await hashed.FinishAsync();
        PartRecord part = await UploadPart.RecordAsync(context, store, number, etag!, checksum);

        var xml = new XmlDocumentWriter("CopyPartResult");
        xml.Element("LastModified", part.ModifiedUtc);
        xml.ETag(part.ETag);
        if (upload.ChecksumAlgorithm != ChecksumAlgorithm.None)
        {
            xml.Checksum(checksum, withType: false);
        }

        S3Response response = Answer.Xml(xml);
        encryption?.Describe(response);
        if (sourceVersion is not null)
        {
            response.SetHeader("x-amz-copy-source-version-id", sourceVersion);
        }

        return response;
    }
}
