using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET bucket versions: every version and delete marker, newest first within a key.</summary>
internal static class ListObjectVersions
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        ListingParameters asked = ListingParameters.Read(context, S3Action.ListBucketVersions, "max-keys");
        string keyMarker = ListingParameters.Text(context, "key-marker");
        string? versionText = context.Query["version-id-marker"];
        VersionId? versionMarker = null;
        if (!string.IsNullOrEmpty(versionText))
        {
            versionMarker = keyMarker.Length > 0
                ? VersionIds.Parse(versionText, "version-id-marker")
                : throw S3Exception.InvalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", versionText);
        }
        else if (versionText is not null && keyMarker.Length > 0)
        {
            throw S3Exception.InvalidArgument("A version-id marker cannot be empty.", "version-id-marker", "");
        }

        var found = new QueryResult();
        if (asked.EntriesMax > 0)
        {
            found = await context.Metadata.QueryAsync(
                new ListVersionsQuery(context.BucketName, asked.Prefix, asked.Delimiter, keyMarker, versionMarker, asked.EntriesMax));
            context.ThrowIf(found.Error);
        }

        var xml = new XmlDocumentWriter("ListVersionsResult");
        xml.Element("Name", context.BucketName);
        xml.Element("Prefix", asked.Shown(asked.Prefix));
        xml.Element("KeyMarker", asked.Shown(keyMarker));
        xml.Element("VersionIdMarker", versionText ?? "");
        if (found.IsTruncated)
        {
            xml.Element("NextKeyMarker", asked.Shown(found.NextMarker));
            if (found.NextVersionMarker is VersionId next)
            {
                xml.Element("NextVersionIdMarker", VersionIds.Format(next));
            }
        }

        xml.Element("MaxKeys", asked.EntriesMaxShown);
        asked.WriteDelimiter(xml);
        xml.Element("IsTruncated", found.IsTruncated);
        bool withRestore = ArchivedObjects.IsStatusAsked(context);
        foreach (VersionEntry entry in found.Versions)
        {
            WriteVersion(context, xml, asked, entry, withRestore);
        }

        asked.WriteCommonPrefixes(xml, found);
        return Answer.Xml(xml);
    }

    private static void WriteVersion(OperationContext context, XmlDocumentWriter xml, ListingParameters asked, VersionEntry entry, bool withRestore)
    {
        ObjectRecord version = entry.Object;
        ReadOnlySpan<byte> element = version.IsDeleteMarker ? "DeleteMarker"u8 : "Version"u8;
        xml.Start(element);
        xml.Element("Key"u8, asked.Shown(version.Key));
        xml.Element("VersionId"u8, VersionIds.Format(version.Version));
        xml.Element("IsLatest"u8, entry.IsLatest);
        xml.Element("LastModified"u8, version.ModifiedUtc);
        if (!version.IsDeleteMarker)
        {
            xml.ETag(version.ETag);
            ListObjects.WriteChecksumAlgorithm(xml, version);
            xml.Element("Size"u8, version.SizeBytes);
        }

        xml.Owner(context, "Owner", version.OwnerId);
        if (!version.IsDeleteMarker)
        {
            xml.Element("StorageClass"u8, StorageClasses.Shown(version.StorageClass));
            if (withRestore)
            {
                ArchivedObjects.WriteStatus(xml, context, version);
            }
        }

        xml.End(element);
    }
}
