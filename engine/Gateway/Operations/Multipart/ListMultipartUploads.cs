using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET bucket uploads: uploads in progress.</summary>
internal static class ListMultipartUploads
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        ListingParameters asked = ListingParameters.Read(context, S3Action.ListBucketMultipartUploads, "max-uploads");
        string keyMarker = ListingParameters.Text(context, "key-marker");
        string uploadMarker = ListingParameters.Text(context, "upload-id-marker");
        var found = new QueryResult();
        if (asked.EntriesMax > 0)
        {
            // As in S3, an upload marker without a key marker is not looked at.
            found = await context.Metadata.QueryAsync(
                new ListUploadsQuery(
                    context.BucketName, asked.Prefix, asked.Delimiter, keyMarker, keyMarker.Length > 0 ? uploadMarker : "", asked.EntriesMax));
            context.ThrowIf(found.Error);
        }

        var xml = new XmlDocumentWriter("ListMultipartUploadsResult");
        xml.Element("Bucket", context.BucketName);
        xml.Element("KeyMarker", asked.Shown(keyMarker));
        xml.Element("UploadIdMarker", uploadMarker);
        xml.Element("NextKeyMarker", found.IsTruncated ? asked.Shown(found.NextMarker) : "");
        xml.Element("Prefix", asked.Shown(asked.Prefix));
        xml.Element("NextUploadIdMarker", found.NextUploadIdMarker);
        xml.Element("MaxUploads", asked.EntriesMaxShown);
        asked.WriteDelimiter(xml);
        xml.Element("IsTruncated", found.IsTruncated);
        foreach (UploadRecord upload in found.Uploads)
        {
            WriteUpload(context, xml, asked, upload);
        }

        asked.WriteCommonPrefixes(xml, found);
        return Answer.Xml(xml);
    }

    private static void WriteUpload(OperationContext context, XmlDocumentWriter xml, ListingParameters asked, UploadRecord upload)
    {
        xml.Start("Upload");
        xml.Element("Key", asked.Shown(upload.Template.Key));
        xml.Element("UploadId", upload.UploadId);
        xml.Owner(context, "Initiator", upload.InitiatorId);
        xml.Owner(context, "Owner", upload.Template.OwnerId);
        xml.Element("StorageClass", StorageClasses.Shown(upload.Template.StorageClass));
        xml.Element("Initiated", upload.InitiatedUtc);
        if (upload.ChecksumAlgorithm != ChecksumAlgorithm.None)
        {
            xml.Element("ChecksumAlgorithm", ChecksumNames.Name(upload.ChecksumAlgorithm));
            xml.Element("ChecksumType", ChecksumNames.TypeName(upload.ChecksumType));
        }

        xml.End("Upload");
    }
}
