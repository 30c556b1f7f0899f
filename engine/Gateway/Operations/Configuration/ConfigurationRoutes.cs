namespace ObjectStore.Engine.Gateway;

/// <summary>Routes of the configuration sub-resources of buckets and objects.</summary>
/// <remarks>Kept and answered, but without effect yet: requestPayment (but for websites and targets of logs), accelerate, inventory,
/// analytics, metrics, intelligent-tiering. What we would have to claim an effect for at once (replication) is refused by name instead.</remarks>
internal static class ConfigurationRoutes
{
    private static readonly StoredConfiguration Lifecycle = new(
        BucketDocuments.Lifecycle, LifecycleConfiguration.RootElement, "GetLifecycleConfiguration", "PutLifecycleConfiguration",
        S3Errors.NoSuchLifecycleConfiguration, LifecycleConfiguration.Check,
        new KeptHeader("x-amz-transition-default-minimum-object-size", BucketDocuments.LifecycleSizeMin, "all_storage_classes_128K", "varies_by_storage_class"));

    private static readonly StoredConfiguration Cors = new(
        BucketDocuments.Cors, "CORSConfiguration", "GetBucketCORS", "PutBucketCORS",
        S3Errors.NoSuchCorsConfiguration, CorsConfiguration.Check);

    private static readonly StoredConfiguration Website = new(
        BucketDocuments.Website, WebsiteConfiguration.RootElement, "GetBucketWebsite", "PutBucketWebsite",
        S3Errors.NoSuchWebsiteConfiguration, WebsiteConfiguration.Check)
    {
        SizeBytesMax = WebsiteConfiguration.DocumentBytesMax,
    };

    private static readonly StoredConfiguration RequestPayment = new(
        BucketDocuments.RequestPayment, "RequestPaymentConfiguration", "GetBucketRequestPayment", "PutBucketRequestPayment", null,
        document => CheckOneOf(document, "Payer", "BucketOwner", "Requester"));

    private static readonly StoredConfiguration Accelerate = new(
        "accelerate", "AccelerateConfiguration", "GetAccelerateConfiguration", "PutAccelerateConfiguration", null,
        document => CheckOneOf(document, "Status", "Enabled", "Suspended"));

    private static readonly StoredConfiguration Encryption = new(
        BucketDocuments.Encryption, "ServerSideEncryptionConfiguration", "GetEncryptionConfiguration", "PutEncryptionConfiguration",
        S3Errors.ServerSideEncryptionConfigurationNotFound, document => DefaultEncryption.Parse(document));

    private static readonly StoredConfiguration Replication = new(
        "replication", "ReplicationConfiguration", "GetReplicationConfiguration", "PutReplicationConfiguration",
        S3Errors.ReplicationConfigurationNotFound, _ => throw new S3Exception(S3Errors.NotImplemented));

    private static readonly IdentifiedConfigurations Inventory = new(
        "inventory", "InventoryConfiguration", "ListInventoryConfigurationsResult", "GetInventoryConfiguration", "PutInventoryConfiguration",
        IdentifiedDocuments.CheckInventory);

    private static readonly IdentifiedConfigurations Analytics = new(
        "analytics", "AnalyticsConfiguration", "ListBucketAnalyticsConfigurationResult", "GetAnalyticsConfiguration", "PutAnalyticsConfiguration",
        IdentifiedDocuments.CheckAnalytics);

    private static readonly IdentifiedConfigurations Metrics = new(
        "metrics", "MetricsConfiguration", "ListMetricsConfigurationsResult", "GetMetricsConfiguration", "PutMetricsConfiguration",
        IdentifiedDocuments.CheckMetrics);

    private static readonly IdentifiedConfigurations Tiering = new(
        "intelligent-tiering", "IntelligentTieringConfiguration", "ListBucketIntelligentTieringConfigurationsOutput", "GetIntelligentTieringConfiguration",
        "PutIntelligentTieringConfiguration", IdentifiedDocuments.CheckTiering);

    /// <summary>OPTIONS, on whatever.</summary>
    internal static readonly Route Preflight = new("Preflight", "OPTIONS", TargetScope.Bucket, "", CorsHeaders.PreflightAsync)
    {
        LooksUpBucket = false,
        WithoutSignature = true,
    };

    /// <summary>All but the preflight.</summary>
    internal static readonly Route[] All =
    [
        Bucket("GetBucketAcl", "GET", "acl", Acls.GetBucketAsync),
        Bucket("PutBucketAcl", "PUT", "acl", Acls.PutBucketAsync),
        Bucket("GetBucketTagging", "GET", "tagging", Tagging.GetBucketAsync),
        Bucket("PutBucketTagging", "PUT", "tagging", Tagging.PutBucketAsync),
        Bucket("DeleteBucketTagging", "DELETE", "tagging", Tagging.DeleteBucketAsync),
        Bucket("GetBucketPolicy", "GET", "policy", Policies.GetAsync),
        Bucket("PutBucketPolicy", "PUT", "policy", Policies.PutAsync),
        Bucket("DeleteBucketPolicy", "DELETE", "policy", Policies.DeleteAsync),
        Bucket("GetBucketPolicyStatus", "GET", "policyStatus", Policies.GetStatusAsync),
        Bucket("GetPublicAccessBlock", "GET", "publicAccessBlock", AccessSettings.GetBlockAsync),
        Bucket("PutPublicAccessBlock", "PUT", "publicAccessBlock", AccessSettings.PutBlockAsync),
        Bucket("DeletePublicAccessBlock", "DELETE", "publicAccessBlock", AccessSettings.DeleteBlockAsync),
        Bucket("GetBucketOwnershipControls", "GET", "ownershipControls", AccessSettings.GetOwnershipAsync),
        Bucket("PutBucketOwnershipControls", "PUT", "ownershipControls", AccessSettings.PutOwnershipAsync),
        Bucket("DeleteBucketOwnershipControls", "DELETE", "ownershipControls", AccessSettings.DeleteOwnershipAsync),
        Bucket("GetObjectLockConfiguration", "GET", "object-lock", ObjectLocks.GetConfigurationAsync),
        Bucket("PutObjectLockConfiguration", "PUT", "object-lock", ObjectLocks.PutConfigurationAsync),
        Bucket("GetBucketLifecycleConfiguration", "GET", "lifecycle", Lifecycle.GetAsync),
        Bucket("PutBucketLifecycleConfiguration", "PUT", "lifecycle", Lifecycle.PutAsync),
        Bucket("DeleteBucketLifecycle", "DELETE", "lifecycle", Lifecycle.DeleteAsync),
        Bucket("GetBucketCors", "GET", "cors", Cors.GetAsync),
        Bucket("PutBucketCors", "PUT", "cors", Cors.PutAsync),
        Bucket("DeleteBucketCors", "DELETE", "cors", Cors.DeleteAsync),
        Bucket("GetBucketWebsite", "GET", "website", Website.GetAsync),
        Bucket("PutBucketWebsite", "PUT", "website", Website.PutAsync),
        Bucket("DeleteBucketWebsite", "DELETE", "website", Website.DeleteAsync),
        Bucket("GetBucketNotificationConfiguration", "GET", "notification", BucketNotification.GetAsync),
        Bucket("PutBucketNotificationConfiguration", "PUT", "notification", BucketNotification.PutAsync),
        Bucket("GetBucketLogging", "GET", "logging", BucketLogging.GetAsync),
        Bucket("PutBucketLogging", "PUT", "logging", BucketLogging.PutAsync),
        Bucket("GetBucketRequestPayment", "GET", "requestPayment", RequestPayment.GetAsync),
        Bucket("PutBucketRequestPayment", "PUT", "requestPayment", RequestPayment.PutAsync),
        Bucket("GetBucketAccelerateConfiguration", "GET", "accelerate", Accelerate.GetAsync),
        Bucket("PutBucketAccelerateConfiguration", "PUT", "accelerate", Accelerate.PutAsync),
        Bucket("GetBucketEncryption", "GET", "encryption", Encryption.GetAsync),
        Bucket("PutBucketEncryption", "PUT", "encryption", Encryption.PutAsync),
        Bucket("DeleteBucketEncryption", "DELETE", "encryption", Encryption.DeleteAsync),
        Bucket("GetBucketReplication", "GET", "replication", Replication.GetAsync),
        Bucket("PutBucketReplication", "PUT", "replication", Replication.PutAsync),
        Bucket("DeleteBucketReplication", "DELETE", "replication", Replication.DeleteAsync),
        .. Identified("Inventory", "inventory", Inventory),
        .. Identified("Analytics", "analytics", Analytics),
        .. Identified("Metrics", "metrics", Metrics),
        .. Identified("IntelligentTiering", "intelligent-tiering", Tiering),

        Object("GetObjectAcl", "GET", "acl", Acls.GetObjectAsync),
        Object("PutObjectAcl", "PUT", "acl", Acls.PutObjectAsync),
        Object("GetObjectTagging", "GET", "tagging", Tagging.GetObjectAsync),
        Object("PutObjectTagging", "PUT", "tagging", Tagging.PutObjectAsync),
        Object("DeleteObjectTagging", "DELETE", "tagging", Tagging.DeleteObjectAsync),
        Object("GetObjectRetention", "GET", "retention", ObjectLocks.GetRetentionAsync),
        Object("PutObjectRetention", "PUT", "retention", ObjectLocks.PutRetentionAsync),
        Object("GetObjectLegalHold", "GET", "legal-hold", ObjectLocks.GetLegalHoldAsync),
        Object("PutObjectLegalHold", "PUT", "legal-hold", ObjectLocks.PutLegalHoldAsync),
    ];

    private static Route Bucket(string operation, string method, string subResource, OperationHandler handler) =>
        new(operation, method, TargetScope.Bucket, subResource, handler);

    private static Route[] Identified(string name, string subResource, IdentifiedConfigurations configurations) =>
    [
        Bucket($"GetBucket{name}Configuration", "GET", subResource, configurations.GetAsync) with
        {
            WithoutId = Bucket($"ListBucket{name}Configurations", "GET", subResource, configurations.ListAsync),
        },
        Bucket($"PutBucket{name}Configuration", "PUT", subResource, configurations.PutAsync),
        Bucket($"DeleteBucket{name}Configuration", "DELETE", subResource, configurations.DeleteAsync),
    ];

    private static Route Object(string operation, string method, string subResource, OperationHandler handler) =>
        new(operation, method, TargetScope.Object, subResource, handler);

    private static void CheckOneOf(XmlDocumentElement document, string element, string one, string other)
    {
        string? value = document.TextOf(element);
        if (value != one && value != other)
        {
            throw S3Exception.MalformedXml();
        }
    }
}
