using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET object with an upload id: parts uploaded so far.</summary>
internal static class ListParts
{
    private const int Max = 1000;

    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.ListMultipartUploadParts);
        string uploadId = context.Query["uploadId"] ?? "";
        int max = Numbers.ParseMax(context.Query["max-parts"], "max-parts", Max, Max);
        int marker = Numbers.ParseMax(context.Query["part-number-marker"], "part-number-marker", 0, Numbers.PartNumberMax);
        QueryResult found = await context.Metadata.QueryAsync(new ListPartsQuery(context.BucketName, context.Key, uploadId, marker, max));
        context.ThrowIf(found.Error);
        UploadRecord upload = found.Uploads[0];

        var xml = new XmlDocumentWriter("ListPartsResult");
        xml.Element("Bucket", context.BucketName);
        xml.Element("Key", context.Key);
        xml.Element("UploadId", uploadId);
        xml.Owner(context, "Initiator", upload.InitiatorId);
        xml.Owner(context, "Owner", upload.Template.OwnerId);
        xml.Element("StorageClass", StorageClasses.Shown(upload.Template.StorageClass));
        xml.Element("PartNumberMarker", marker);
        if (found.UploadedParts.Count > 0)
        {
            xml.Element("NextPartNumberMarker", found.UploadedParts[^1].Number);
        }

        xml.Element("MaxParts", max);
        xml.Element("IsTruncated", found.IsTruncated);
        if (upload.ChecksumAlgorithm != ChecksumAlgorithm.None)
        {
            xml.Element("ChecksumAlgorithm", ChecksumNames.Name(upload.ChecksumAlgorithm));
            xml.Element("ChecksumType", ChecksumNames.TypeName(upload.ChecksumType));
        }

        foreach (PartRecord part in found.UploadedParts)
        {
            xml.Start("Part");
            xml.Element("PartNumber", part.Number);
            xml.Element("LastModified", part.ModifiedUtc);
            xml.ETag(part.ETag);
            xml.Element("Size", part.SizeBytes);
            xml.Checksum(part.Checksum, withType: false);
            xml.End("Part");
        }

        S3Response response = Answer.Xml(xml);
        response.AddAbort(context, upload);
        return response;
    }
}
