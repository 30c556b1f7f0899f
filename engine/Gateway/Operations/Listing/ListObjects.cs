using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET bucket: both versions of the object listing.</summary>
internal static class ListObjects
{
    /// <summary>ListObjects.</summary>
    internal static async ValueTask<S3Response> V1Async(OperationContext context)
    {
        ListingParameters asked = ListingParameters.Read(context, S3Action.ListBucket, "max-keys");
        string marker = ListingParameters.Text(context, "marker");
        QueryResult found = await FindAsync(context, asked, marker);

        var xml = new XmlDocumentWriter("ListBucketResult");
        xml.Element("Name", context.BucketName);
        xml.Element("Prefix", asked.Shown(asked.Prefix));
        xml.Element("Marker", asked.Shown(marker));
        if (found.IsTruncated && asked.Delimiter.Length > 0)
        {
            xml.Element("NextMarker", asked.Shown(found.NextMarker));
        }

        xml.Element("MaxKeys", asked.EntriesMaxShown);
        asked.WriteDelimiter(xml);
        xml.Element("IsTruncated", found.IsTruncated);
        WriteObjects(context, xml, asked, found, withOwner: true);
        asked.WriteCommonPrefixes(xml, found);
        return Answer.Xml(xml);
    }

    /// <summary>ListObjectsV2.</summary>
    internal static async ValueTask<S3Response> V2Async(OperationContext context)
    {
        ListingParameters asked = ListingParameters.Read(context, S3Action.ListBucket, "max-keys");
        string? token = context.Query["continuation-token"];
        string startAfter = ListingParameters.Text(context, "start-after");
        if (token is { Length: 0 })
        {
            throw S3Exception.InvalidArgument("The continuation token provided is incorrect", "continuation-token", token);
        }

        string marker = token is null ? startAfter : ContinuationToken.Decode(token);
        QueryResult found = await FindAsync(context, asked, marker);

        var xml = new XmlDocumentWriter("ListBucketResult");
        xml.Element("Name", context.BucketName);
        xml.Element("Prefix", asked.Shown(asked.Prefix));
        if (token is not null)
        {
            xml.Element("ContinuationToken", token);
        }

        if (found.IsTruncated)
        {
            xml.Element("NextContinuationToken", ContinuationToken.Encode(found.NextMarker));
        }

        if (startAfter.Length > 0)
        {
            xml.Element("StartAfter", asked.Shown(startAfter));
        }

        xml.Element("KeyCount", found.Objects.Count + found.CommonPrefixes.Count);
        xml.Element("MaxKeys", asked.EntriesMaxShown);
        asked.WriteDelimiter(xml);
        xml.Element("IsTruncated", found.IsTruncated);
        WriteObjects(context, xml, asked, found, withOwner: context.Query["fetch-owner"] == "true");
        asked.WriteCommonPrefixes(xml, found);
        return Answer.Xml(xml);
    }

    private static async ValueTask<QueryResult> FindAsync(OperationContext context, ListingParameters asked, string startAfter)
    {
        if (asked.EntriesMax == 0)
        {
            return new QueryResult();
        }

        QueryResult found = await context.Metadata.QueryAsync(
            new ListObjectsQuery(context.BucketName, asked.Prefix, asked.Delimiter, startAfter, asked.EntriesMax));
        context.ThrowIf(found.Error);
        return found;
    }

    private static void WriteObjects(OperationContext context, XmlDocumentWriter xml, ListingParameters asked, QueryResult found, bool withOwner)
    {
        bool withRestore = ArchivedObjects.IsStatusAsked(context);
        foreach (ObjectRecord entry in found.Objects)
        {
            xml.Start("Contents"u8);
            xml.Element("Key"u8, asked.Shown(entry.Key));
            xml.Element("LastModified"u8, entry.ModifiedUtc);
            xml.ETag(entry.ETag);
            WriteChecksumAlgorithm(xml, entry);
            xml.Element("Size"u8, entry.SizeBytes);
            if (withOwner)
            {
                xml.Owner(context, "Owner", entry.OwnerId);
            }

            xml.Element("StorageClass"u8, StorageClasses.Shown(entry.StorageClass));
            if (withRestore)
            {
                ArchivedObjects.WriteStatus(xml, context, entry);
            }

            xml.End("Contents"u8);
        }
    }

    /// <summary>Algorithm and type of a listed object's checksum.</summary>
    internal static void WriteChecksumAlgorithm(XmlDocumentWriter xml, ObjectRecord entry)
    {
        if (entry.Checksum is ObjectChecksum checksum)
        {
            xml.Element("ChecksumAlgorithm"u8, ChecksumNames.Name(checksum.Algorithm));
            xml.Element("ChecksumType"u8, ChecksumNames.TypeName(checksum.Type));
        }
    }
}
