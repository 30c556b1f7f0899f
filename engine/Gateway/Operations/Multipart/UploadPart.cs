using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>PUT object with upload id and part number.</summary>
internal static class UploadPart
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        UploadRecord upload = await FindToWriteAsync(context);
        int number = Numbers.ParsePartNumber(context.Query["partNumber"]);
        ObjectEncryption? encryption = ObjectEncryption.ForPart(context, upload);
        ChecksumAlgorithm algorithm = upload.ChecksumAlgorithm == ChecksumAlgorithm.None ? ChecksumAlgorithm.Crc64Nvme : upload.ChecksumAlgorithm;

        using RequestBody body = RequestBody.Open(context, new BodyOptions { DefaultChecksum = algorithm });
        await using var store = new BodyStore(context.Services, inlineBytesMax: 0, encryption);
        await store.TakeAsync(body);
        await store.SyncAsync();
        BodyDigests digests = await body.CompleteAsync();
        CheckAlgorithm(upload, digests);
        await RecordAsync(context, store, number, digests.Md5Hex, digests.Checksum);
        S3Response response = Answer.Ok();
        encryption?.Describe(response);
        response.SetHeader("ETag", $"\"{digests.Md5Hex}\"");
        if (digests.Checksum is { } checksum && (digests.ChecksumGiven || upload.ChecksumAlgorithm != ChecksumAlgorithm.None))
        {
            response.SetHeader(ChecksumNames.Header(checksum.Algorithm), ChecksumNames.Format(checksum));
        }

        return response;
    }

    /// <summary>Parts state the checksum that the upload was created with; where it will be that of the whole object, they may leave it to the server.</summary>
    private static void CheckAlgorithm(UploadRecord upload, BodyDigests digests)
    {
        ChecksumAlgorithm expected = upload.ChecksumAlgorithm;
        ChecksumAlgorithm actual = digests.ChecksumGiven || upload.ChecksumType == ChecksumType.FullObject ? digests.Checksum!.Algorithm : ChecksumAlgorithm.None;
        if (expected != ChecksumAlgorithm.None && actual != expected)
        {
            string stated = actual == ChecksumAlgorithm.None ? "null" : ChecksumNames.Name(actual).ToLowerInvariant();
            throw S3Exception.InvalidRequest(
                $"Checksum Type mismatch occurred, expected checksum Type: {ChecksumNames.Name(expected).ToLowerInvariant()}, actual checksum Type: {stated}");
        }
    }

    /// <summary>The upload that the request names, for who may write its key.</summary>
    /// <exception cref="S3Exception">AccessDenied, NoSuchUpload.</exception>
    internal static async ValueTask<UploadRecord> FindToWriteAsync(OperationContext context)
    {
        MetadataError error = await LookUpAsync(context);
        Authorizer.Demand(context, S3Action.PutObject);
        context.ThrowIf(error);
        return context.Upload!;
    }

    /// <summary>Looks for the upload that the request names, so that policies can judge what it was started with.</summary>
    internal static async ValueTask<MetadataError> LookUpAsync(OperationContext context)
    {
        QueryResult found = await context.Metadata.QueryAsync(
            new GetUploadQuery(context.BucketName, context.Key, context.Query["uploadId"] ?? ""));
        context.Upload = found.Error == MetadataError.None ? found.Uploads[0] : null;
        return found.Error;
    }

    /// <summary>Makes a stored body a part of the upload.</summary>
    /// <exception cref="S3Exception">NoSuchUpload, when it was aborted or completed meanwhile.</exception>
    internal static async ValueTask<PartRecord> RecordAsync(
        OperationContext context, BodyStore store, int number, string etag, ObjectChecksum? checksum)
    {
        context.AccessLog?.ObjectSize = store.SizeBytes;
        var part = new PartRecord
        {
            Number = number,
            SizeBytes = store.SizeBytes,
            ETag = etag,
            ModifiedUtc = context.NowUtc,
            Checksum = checksum,
            Data = store.Data,
        };
        var command = new PutPartCommand(context.BucketName, context.Key, context.Query["uploadId"]!, part, store.InlineBody) { NowUtc = context.NowUtc };
        CommandResult result = await context.Metadata.ExecuteAsync(command, store.HandOver());
        context.ThrowIf(result.Error);
        return part;
    }
}
