using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>POST object with an upload id: strings the parts together into the object.</summary>
internal static class CompleteMultipartUpload
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        if (context.TryGetDocument(BucketDocuments.Policy, out _))
        {
            await UploadPart.LookUpAsync(context);
        }

        Authorizer.Demand(context, S3Action.PutObject);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context.WithoutChecksumHeaders());
        List<CompletedPart> parts = Parts(body);
        var command = new CompleteUploadCommand(context.BucketName, context.Key, context.Query["uploadId"] ?? "", parts)
        {
            NowUtc = context.NowUtc,
            Events = context.DraftEvents(context.Key, EventKind.CreatedByCompletion),
            Conditions = Conditions.ForWrite(context.Headers),
            Checksum = ObjectChecksumHeader(context, parts.Count),
            ChecksumType = Type(context),
            ObjectSizeBytes = context.Headers["x-amz-mp-object-size"] is string size ? Numbers.ParseLong(size, "x-amz-mp-object-size") : null,
        };
        CommandResult result = await context.Metadata.ExecuteAsync(command);
        if (result.Error != MetadataError.None)
        {
            throw Refusal(context, command, result);
        }

        ObjectRecord made = result.Object!;
        context.AccessLog?.ObjectSize = made.SizeBytes;
        var xml = new XmlDocumentWriter("CompleteMultipartUploadResult");
        xml.Element("Location", context.Url);
        xml.Element("Bucket", context.BucketName);
        xml.Element("Key", context.Key);
        xml.ETag(made.ETag);
        xml.Checksum(made.Checksum, withType: true);
        S3Response response = Answer.Xml(xml);
        ObjectEncryption.Describe(response, made);
        response.AddVersion(context.Bucket, made.Version);
        response.AddExpiration(context, made);
        return response;
    }

    private static S3Exception Refusal(OperationContext context, CompleteUploadCommand command, CommandResult result) => result.Error switch
    {
        MetadataError.InvalidPart => new S3Exception(
            S3Errors.InvalidPart,
            ("UploadId", command.UploadId),
            ("PartNumber", result.PartNumber),
            ("ETag", ETagOf(command.Parts, result.PartNumber))),
        MetadataError.InvalidPartOrder => new S3Exception(S3Errors.InvalidPartOrder, ("UploadId", command.UploadId)),
        MetadataError.EntityTooSmall => new S3Exception(
            S3Errors.EntityTooSmall,
            ("MinSizeAllowed", 5 * 1024 * 1024),
            ("PartNumber", result.PartNumber),
            ("ETag", ETagOf(command.Parts, result.PartNumber))),
        MetadataError.UploadMismatch => S3Exception.InvalidRequest(
            "The request does not fit the upload: its checksum type or algorithm, or its object size, is another."),
        MetadataError.ChecksumMismatch => new S3Exception(
            S3Errors.BadDigest, "The checksum you specified did not match the calculated checksum."),
        _ => context.Refusal(result.Error),
    };

    private static string ETagOf(IReadOnlyList<CompletedPart> parts, int number)
    {
        foreach (CompletedPart part in parts)
        {
            if (part.Number == number)
            {
                return part.ETag;
            }
        }

        return "";
    }

    private static List<CompletedPart> Parts(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            throw S3Exception.InvalidRequest("You must specify at least one part");
        }

        XmlDocumentElement root = XmlDocumentReader.Parse(body, "CompleteMultipartUpload");
        List<CompletedPart> parts = [];
        foreach (XmlDocumentElement part in root.All("Part"))
        {
            if (!int.TryParse(part.Required("PartNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                throw S3Exception.MalformedXml();
            }

            if (number is < 1 or > Numbers.PartNumberMax)
            {
                throw S3Exception.InvalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number.ToString(CultureInfo.InvariantCulture));
            }

            parts.Add(new CompletedPart(number, part.Required("ETag").Trim('"'), Checksum(part)));
        }

        return parts.Count is > 0 and <= Numbers.PartNumberMax ? parts : throw S3Exception.MalformedXml();
    }

    private static ObjectChecksum? Checksum(XmlDocumentElement part)
    {
        foreach (ChecksumAlgorithm algorithm in ChecksumNames.All)
        {
            if (part.TextOf(ChecksumNames.Element(algorithm)) is { Length: > 0 } text)
            {
                return ChecksumNames.TryParseDigest(algorithm, text, out byte[] digest)
                    ? new ObjectChecksum(algorithm, ChecksumType.FullObject, digest, 0)
                    : throw S3Exception.InvalidRequest($"Value for {ChecksumNames.Element(algorithm)} is invalid.");
            }
        }

        return null;
    }

    private static ObjectChecksum? ObjectChecksumHeader(OperationContext context, int partCount)
    {
        ObjectChecksum? stated = null;
        foreach (ChecksumAlgorithm algorithm in ChecksumNames.All)
        {
            if (context.Headers[ChecksumNames.Header(algorithm)] is string text)
            {
                stated = stated is null
                    ? ParseObjectChecksum(context, algorithm, text, partCount)
                    : throw S3Exception.InvalidRequest(BodyFailures.SeveralChecksums.Message);
            }
        }

        return stated;
    }

    private static ObjectChecksum ParseObjectChecksum(OperationContext context, ChecksumAlgorithm algorithm, string text, int partCount)
    {
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        string digestText = dash < 0 ? text : text[..dash];
        int count = 0;
        bool isCounted = dash < 0 || int.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out count);
        if (!isCounted || !ChecksumNames.TryParseDigest(algorithm, digestText, out byte[] digest))
        {
            throw S3Exception.InvalidRequest($"Value for {ChecksumNames.Header(algorithm)} header is invalid.");
        }

        ChecksumType type = Type(context) ?? (dash < 0 ? ChecksumType.FullObject : ChecksumType.Composite);
        return new ObjectChecksum(algorithm, type, digest, type == ChecksumType.Composite ? (count > 0 ? count : partCount) : 0);
    }

    private static ChecksumType? Type(OperationContext context) => context.Headers["x-amz-checksum-type"]?.ToUpperInvariant() switch
    {
        null => null,
        "COMPOSITE" => ChecksumType.Composite,
        "FULL_OBJECT" => ChecksumType.FullObject,
        _ => throw S3Exception.InvalidRequest("Value for x-amz-checksum-type header is invalid."),
    };
}
