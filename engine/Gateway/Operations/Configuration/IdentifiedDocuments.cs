using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>What inventory, analytics, metrics and intelligent tiering configurations must look like. Source: Amazon S3 API reference, the data types of these names.</summary>
internal static class IdentifiedDocuments
{
    private const int ArchiveDaysMin = 90;
    private const int DeepArchiveDaysMin = 180;
    private const int ArchiveDaysMax = 730;

    private static readonly string[] InventoryFields =
    [
        "Size", "LastModifiedDate", "StorageClass", "ETag", "IsMultipartUploaded", "ReplicationStatus", "EncryptionStatus", "ObjectLockRetainUntilDate",
        "ObjectLockMode", "ObjectLockLegalHoldStatus", "IntelligentTieringAccessTier", "BucketKeyStatus", "ChecksumAlgorithm", "ObjectAccessControlList",
        "ObjectOwner", "LifecycleExpirationDate",
    ];

    /// <summary>Checks an inventory configuration.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal static void CheckInventory(XmlDocumentElement document)
    {
        document.Only("Id", "IsEnabled", "Filter", "Destination", "IncludedObjectVersions", "OptionalFields", "Schedule");
        OneOf(document.RequiredSingleText("IsEnabled"), "true", "false");
        OneOf(document.RequiredSingleText("IncludedObjectVersions"), "All", "Current");
        OneOf(document.RequiredSingle("Schedule").RequiredSingleText("Frequency"), "Daily", "Weekly");
        document.Single("Filter")?.Only("Prefix");
        CheckDestination(document.RequiredSingle("Destination"));
        foreach (XmlDocumentElement field in document.Single("OptionalFields")?.Children ?? [])
        {
            OneOf(field.Name == "Field" ? field.Text.Trim() : "", InventoryFields);
        }
    }

    /// <summary>Checks an analytics configuration.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal static void CheckAnalytics(XmlDocumentElement document)
    {
        document.Only("Id", "Filter", "StorageClassAnalysis");
        CheckFilter(document.Single("Filter"), "Prefix", "Tag", "And");
        XmlDocumentElement analysis = document.RequiredSingle("StorageClassAnalysis");
        analysis.Only("DataExport");
        if (analysis.Single("DataExport") is { } export)
        {
            OneOf(export.RequiredSingleText("OutputSchemaVersion"), "V_1");
            CheckDestination(export.RequiredSingle("Destination"));
        }
    }

    /// <summary>Checks a metrics configuration.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal static void CheckMetrics(XmlDocumentElement document)
    {
        document.Only("Id", "Filter");
        CheckFilter(document.Single("Filter"), "Prefix", "Tag", "AccessPointArn", "And");
    }

    /// <summary>Checks an intelligent tiering configuration.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument.</exception>
    internal static void CheckTiering(XmlDocumentElement document)
    {
        document.Only("Id", "Filter", "Status", "Tiering");
        OneOf(document.RequiredSingleText("Status"), "Enabled", "Disabled");
        CheckFilter(document.Single("Filter"), "Prefix", "Tag", "And");
        if (document["Tiering"] is null)
        {
            throw S3Exception.MalformedXml();
        }

        foreach (XmlDocumentElement tiering in document.All("Tiering"))
        {
            string tier = tiering.RequiredSingleText("AccessTier");
            OneOf(tier, "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS");
            int days = Numbers.ParseElement(tiering.RequiredSingleText("Days"));
            if (days < (tier == "ARCHIVE_ACCESS" ? ArchiveDaysMin : DeepArchiveDaysMin) || days > ArchiveDaysMax)
            {
                throw S3Exception.InvalidArgument("The number of days is outside of what the access tier allows", "Days", tiering.TextOf("Days"));
            }
        }
    }

    private static void CheckDestination(XmlDocumentElement destination)
    {
        XmlDocumentElement bucket = destination.RequiredSingle("S3BucketDestination");
        bucket.Only("AccountId", "Bucket", "BucketAccountId", "Format", "Prefix", "Encryption");
        OneOf(bucket.RequiredSingleText("Format"), "CSV", "ORC", "Parquet");
        if (!bucket.RequiredSingleText("Bucket").StartsWith("arn:aws:s3:::", StringComparison.Ordinal))
        {
            throw S3Exception.MalformedXml();
        }
    }

    private static void CheckFilter(XmlDocumentElement? filter, params ReadOnlySpan<string> names)
    {
        filter?.Only(names);
        if (filter?.Children.Count > 1)
        {
            throw S3Exception.MalformedXml();
        }
    }

    private static void OneOf(string text, params ReadOnlySpan<string> allowed)
    {
        if (!allowed.Contains(text))
        {
            throw S3Exception.MalformedXml();
        }
    }
}
