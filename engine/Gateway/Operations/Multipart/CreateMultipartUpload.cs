using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>POST object uploads: starts an upload.</summary>
internal static class CreateMultipartUpload
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        IReadOnlyList<KeyValuePair<string, string>> tags = TagSet.FromHeader(context.Headers["x-amz-tagging"]);
        Authorizer.DemandWrite(context, tags);
        (ChecksumAlgorithm algorithm, ChecksumType type) = Checksum(context);
        ObjectEncryption? encryption = ObjectEncryption.ForNewObject(context);
        string uploadId = VersionIds.FormatUpload(context.Metadata.NextBlobId(), context.Services.Entropy.NextUInt64());
        var upload = new UploadRecord
        {
            UploadId = uploadId,
            Template = NewObject.FromHeaders(context, encryption),
            InitiatorId = context.CallerId,
            InitiatedUtc = context.NowUtc,
            ChecksumAlgorithm = algorithm,
            ChecksumType = type,
            Stated = UploadConditions.Collect(context),
        };
        CommandResult result = await context.Metadata.ExecuteAsync(
            new CreateUploadCommand(context.BucketName, upload) { NowUtc = context.NowUtc });
        context.ThrowIf(result.Error);

        var xml = new XmlDocumentWriter("InitiateMultipartUploadResult");
        xml.Element("Bucket", context.BucketName);
        xml.Element("Key", context.Key);
        xml.Element("UploadId", uploadId);
        S3Response response = Answer.Xml(xml);
        encryption?.Describe(response);
        response.AddAbort(context, upload);
        if (algorithm != ChecksumAlgorithm.None)
        {
            response.SetHeader("x-amz-checksum-algorithm", ChecksumNames.Name(algorithm));
            response.SetHeader("x-amz-checksum-type", ChecksumNames.TypeName(type));
        }

        return response;
    }

    private static (ChecksumAlgorithm Algorithm, ChecksumType Type) Checksum(OperationContext context)
    {
        string? name = context.Headers["x-amz-checksum-algorithm"];
        string? typeName = context.Headers["x-amz-checksum-type"];
        if (name is null)
        {
            return typeName is null
                ? (ChecksumAlgorithm.None, ChecksumType.FullObject)
                : throw S3Exception.InvalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }

        if (!ChecksumNames.TryParseName(name, out ChecksumAlgorithm algorithm))
        {
            throw S3Exception.InvalidRequest(ChecksumNames.Unsupported);
        }

        ChecksumType type = typeName?.ToUpperInvariant() switch
        {
            null => algorithm == ChecksumAlgorithm.Crc64Nvme ? ChecksumType.FullObject : ChecksumType.Composite,
            "FULL_OBJECT" => ChecksumType.FullObject,
            "COMPOSITE" => ChecksumType.Composite,
            _ => throw S3Exception.InvalidRequest("Value for x-amz-checksum-type header is invalid."),
        };
        bool fits = type == ChecksumType.FullObject ? ChecksumHasher.Combines(algorithm) : algorithm != ChecksumAlgorithm.Crc64Nvme;
        return fits
            ? (algorithm, type)
            : throw S3Exception.InvalidRequest(
                $"The {ChecksumNames.TypeName(type)} checksum type cannot be used with the {ChecksumNames.Name(algorithm).ToLowerInvariant()} checksum algorithm.");
    }
}
