namespace ObjectStore.Engine.Gateway;

/// <summary>Names of operations in access logs: <c>REST.</c>, the method, and what the request is about.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Amazon S3 server access log format" (operation) and "Using Amazon S3 server access logs to identify requests".</remarks>
internal static class LoggedOperation
{
    /// <summary>One deletion of many.</summary>
    internal const string BatchDelete = "BATCH.DELETE.OBJECT";

    /// <summary>The name for a route.</summary>
    internal static string Of(Route route) => route.Operation switch
    {
        "CopyObject" => "REST.COPY.OBJECT",
        "UploadPartCopy" => "REST.COPY.PART",
        "UploadPart" => "REST.PUT.PART",
        "PostObject" => "REST.POST.OBJECT",
        "Preflight" => "REST.OPTIONS.PREFLIGHT",
        _ => $"REST.{route.Method}.{Resource(route)}",
    };

    /// <summary>The name for what a visitor of a website asks.</summary>
    internal static string OfWebsite(string method) => $"WEBSITE.{method}.OBJECT";

    /// <summary>The name for the reading of what is copied, into an object or into a part of one.</summary>
    internal static string OfCopySource(bool isPart) => isPart ? "REST.COPY.PART_GET" : "REST.COPY.OBJECT_GET";

    private static string Resource(Route route) => (route.Scope, route.SubResource) switch
    {
        (TargetScope.Object, "") => "OBJECT",
        (_, "") => "BUCKET",
        (TargetScope.Object, "attributes") => "OBJECT_ATTRIBUTES",
        (TargetScope.Object, "tagging") => "OBJECT_TAGGING",
        (_, "delete") => "MULTI_OBJECT_DELETE",
        (_, "legal-hold") => "OBJECT_LOCK_LEGALHOLD",
        (_, "logging") => "LOGGING_STATUS",
        (_, "object-lock") => "OBJECT_LOCK_CONFIGURATION",
        (_, "ownershipControls") => "OWNERSHIP_CONTROLS",
        (_, "policy") => "BUCKETPOLICY",
        (_, "policyStatus") => "POLICY_STATUS",
        (_, "publicAccessBlock") => "PUBLIC_ACCESS_BLOCK",
        (_, "requestPayment") => "REQUEST_PAYMENT",
        (_, "retention") => "OBJECT_LOCK_RETENTION",
        (_, "uploadId") => "UPLOAD",
        (_, "versions") => "BUCKETVERSIONS",
        (_, var subResource) => subResource.ToUpperInvariant().Replace('-', '_'),
    };
}
