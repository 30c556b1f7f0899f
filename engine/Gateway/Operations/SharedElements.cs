using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Elements that several answers have.</summary>
internal static class SharedElements
{
    /// <summary>Owner, initiator and the like: id and display name.</summary>
    internal static void Owner(this XmlDocumentWriter xml, OperationContext context, string name, string id)
    {
        xml.Start(name);
        xml.Element("ID", id);
        xml.Optional("DisplayName", context.Services.Identities.FindByCanonicalId(id)?.Name);
        xml.End(name);
    }

    /// <summary>Checksum elements of an object or part.</summary>
    internal static void Checksum(this XmlDocumentWriter xml, ObjectChecksum? checksum, bool withType)
    {
        if (checksum is null)
        {
            return;
        }

        xml.Element(ChecksumNames.Element(checksum.Algorithm), ChecksumNames.Format(checksum));
        if (withType)
        {
            xml.Element("ChecksumType", ChecksumNames.TypeName(checksum.Type));
        }
    }

    /// <summary>Adds the checksum's headers.</summary>
    internal static void AddChecksum(this S3Response response, ObjectChecksum? checksum)
    {
        if (checksum is not null)
        {
            response.SetHeader(ChecksumNames.Header(checksum.Algorithm), ChecksumNames.Format(checksum));
            response.SetHeader("x-amz-checksum-type", ChecksumNames.TypeName(checksum.Type));
        }
    }

    /// <summary>Adds the version's header where the bucket has versions.</summary>
    internal static void AddVersion(this S3Response response, BucketRecord bucket, VersionId version)
    {
        if (bucket.Versioning == VersioningState.Enabled || (bucket.Versioning == VersioningState.Suspended))
        {
            response.SetHeader("x-amz-version-id", VersionIds.Format(version));
        }
    }

    /// <summary>Region of a bucket as clients are told it.</summary>
    internal static string RegionOf(this OperationContext context, BucketRecord bucket) =>
        bucket.Region.Length > 0 ? bucket.Region : context.Options.Region;
}
