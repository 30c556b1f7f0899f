using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Method, level and sub-resource pick the operation. What S3 has and we do not is refused by name, never taken for something else.</summary>
internal static class RouteTable
{
    // In the order in which they are looked for: an upload id picks before a part number does.
    private static readonly string[] BucketSubResources =
    [
        "accelerate", "acl", "analytics", "cors", "delete", "encryption", "intelligent-tiering", "inventory", "lifecycle", "location", "logging",
        "metrics", "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication",
        "requestPayment", "session", "tagging", "uploads", "versioning", "versions", "website", "metadataTable", "metadataConfiguration",
        "metadataInventoryTable", "metadataJournalTable", "abac",
    ];

    private static readonly string[] ObjectSubResources =
    [
        "acl", "attributes", "encryption", "legal-hold", "restore", "retention", "select", "tagging", "torrent", "uploads", "uploadId",
        "renameObject",
    ];

    private static readonly Route[] Routes =
    [
        new("ListBuckets", "GET", TargetScope.Service, "", ListBuckets.HandleAsync) { LooksUpBucket = false },

        new("CreateBucket", "PUT", TargetScope.Bucket, "", CreateBucket.HandleAsync) { LooksUpBucket = false },
        new("HeadBucket", "HEAD", TargetScope.Bucket, "", HeadBucket.HandleAsync) { TellsRegion = true },
        new("DeleteBucket", "DELETE", TargetScope.Bucket, "", DeleteBucket.HandleAsync),
        new("GetBucketLocation", "GET", TargetScope.Bucket, "location", GetBucketLocation.HandleAsync),
        new("ListObjects", "GET", TargetScope.Bucket, "", ListObjects.V1Async) { TellsRegion = true },
        new("ListObjectVersions", "GET", TargetScope.Bucket, "versions", ListObjectVersions.HandleAsync),
        new("ListMultipartUploads", "GET", TargetScope.Bucket, "uploads", ListMultipartUploads.HandleAsync),
        new("DeleteObjects", "POST", TargetScope.Bucket, "delete", DeleteObjects.HandleAsync),
        new("GetBucketVersioning", "GET", TargetScope.Bucket, "versioning", BucketVersioning.GetAsync),
        new("PutBucketVersioning", "PUT", TargetScope.Bucket, "versioning", BucketVersioning.PutAsync),

        new("GetObject", "GET", TargetScope.Object, "", GetObject.HandleAsync),
        new("HeadObject", "HEAD", TargetScope.Object, "", HeadObject.HandleAsync),
        new("PutObject", "PUT", TargetScope.Object, "", PutObject.HandleAsync),
        new("DeleteObject", "DELETE", TargetScope.Object, "", DeleteObject.HandleAsync),
        new("GetObjectAttributes", "GET", TargetScope.Object, "attributes", GetObjectAttributes.HandleAsync),
        new("RestoreObject", "POST", TargetScope.Object, "restore", RestoreObject.HandleAsync),
        new("CreateMultipartUpload", "POST", TargetScope.Object, "uploads", CreateMultipartUpload.HandleAsync),
        new("UploadPart", "PUT", TargetScope.Object, "uploadId", UploadPart.HandleAsync),
        new("CompleteMultipartUpload", "POST", TargetScope.Object, "uploadId", CompleteMultipartUpload.HandleAsync),
        new("AbortMultipartUpload", "DELETE", TargetScope.Object, "uploadId", AbortMultipartUpload.HandleAsync),
        new("ListParts", "GET", TargetScope.Object, "uploadId", ListParts.HandleAsync),
        .. ConfigurationRoutes.All,
    ];

    // Picked by more than the sub-resource.
    private static readonly Route ListObjectsV2 = new("ListObjectsV2", "GET", TargetScope.Bucket, "", ListObjects.V2Async) { TellsRegion = true };
    private static readonly Route CopyObjectRoute = new("CopyObject", "PUT", TargetScope.Object, "", CopyObject.HandleAsync);
    private static readonly Route UploadPartCopyRoute = new("UploadPartCopy", "PUT", TargetScope.Object, "uploadId", UploadPartCopy.HandleAsync);

    private static readonly Route PostObjectRoute = new("PostObject", "POST", TargetScope.Bucket, "", PostObject.HandleAsync) { WithoutSignature = true };

    /// <summary>Finds the operation.</summary>
    /// <exception cref="S3Exception">MethodNotAllowed, NotImplemented.</exception>
    internal static Route Find(string method, TargetScope scope, RequestQuery query, RequestHeaders headers)
    {
        if (method == "OPTIONS")
        {
            return ConfigurationRoutes.Preflight;
        }

        string subResource = SubResource(scope, query);
        if (scope == TargetScope.Object && subResource.Length == 0 && SubResource(TargetScope.Bucket, query) is { Length: > 0 } ofBuckets)
        {
            // Else a client that took a key for a bucket would write, or delete, an object.
            throw S3Exception.InvalidRequest($"There is no such thing as the ?{ofBuckets} sub-resource for a key");
        }

        if (method == "POST" && scope == TargetScope.Bucket && subResource.Length == 0 && IsForm(headers))
        {
            return PostObjectRoute;
        }

        Route? found = Array.Find(Routes, route => route.Method == method && route.Scope == scope && route.SubResource == subResource);
        if (found is null)
        {
            throw Unknown(method, scope, subResource, headers);
        }

        bool copies = headers.Has("x-amz-copy-source");
        return found.Operation switch
        {
            "ListObjects" when query["list-type"] == "2" => ListObjectsV2,
            _ when found.WithoutId is { } list && !query.Has("id") => list,
            "PutObject" when copies => CopyObjectRoute,
            "UploadPart" when copies => UploadPartCopyRoute,
            "PutObject" when query.Has("partNumber") => throw S3Exception.InvalidArgument("This operation does not accept a part number without an upload id", "partNumber", query["partNumber"]),
            _ => found,
        };
    }

    private static bool IsForm(RequestHeaders headers) =>
        headers["Content-Type"]?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    private static string SubResource(TargetScope scope, RequestQuery query)
    {
        string[] known = scope switch
        {
            TargetScope.Bucket => BucketSubResources,
            TargetScope.Object => ObjectSubResources,
            _ => [],
        };
        foreach ((string name, _) in query.Parameters)
        {
            if (Array.IndexOf(known, name) >= 0)
            {
                return name;
            }
        }

        return "";
    }

    private static S3Exception Unknown(string method, TargetScope scope, string subResource, RequestHeaders headers)
    {
        List<string> allowed = [];
        foreach (Route route in Routes)
        {
            if (route.Scope == scope && route.SubResource == subResource)
            {
                allowed.Add(route.Method);
            }
        }

        if (subResource.Length > 0 && allowed.Count == 0)
        {
            return new S3Exception(
                S3Errors.NotImplemented, "A header you provided implies functionality that is not implemented", ("Header", subResource));
        }

        if (method == "POST" && scope == TargetScope.Bucket && !IsForm(headers))
        {
            return new S3Exception(
                new S3Error("PreconditionFailed", 412, ""), "At least one of the pre-conditions you specified did not hold", ("Condition", "Bucket POST must be of the enclosure-type multipart/form-data"));
        }

        var refusal = new S3Exception(S3Errors.MethodNotAllowed, ("Method", method), ("ResourceType", scope.ToString().ToUpperInvariant()));
        refusal.Headers.Add(new("Allow", string.Join(", ", allowed)));
        return refusal;
    }
}
