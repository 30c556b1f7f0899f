namespace ObjectStore.Engine.Gateway;

/// <summary>Routes of the configuration sub-resources of buckets and objects.</summary>
internal static class ConfigurationRoutes
{
    /// <summary>OPTIONS, on whatever.</summary>
    internal static readonly Route Preflight = new("Preflight", "OPTIONS", TargetScope.Bucket, "", CorsHeaders.PreflightAsync)
    {
        LooksUpBucket = false,
        WithoutSignature = true,
    };

    /// <summary>All but the preflight.</summary>
    internal static readonly Route[] All =
    [
    ];
}
