using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Values that a presigned URL carries in its query in place of headers, as some SDKs write them: metadata, ACL, tags, copy source and the like.</summary>
/// <remarks>
/// The signature must cover the query: Version 4 does, Version 2 does not. A real header of the name counts before the query. Checksums stay where they are: SDKs compute them over no body when they
/// sign, and S3 does not look at them there.
/// </remarks>
internal static class PresignedHeaders
{
    private const string Prefix = "x-amz-";

    private static readonly string[] OfTheSignature =
    [
        "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders", "x-amz-signature", "x-amz-content-sha256", "x-amz-security-token",
    ];

    /// <summary>The request with such values among its headers, names in lower case; the same when there are none.</summary>
    internal static S3Request Merge(S3Request request, RequestQuery query)
    {
        var headers = new RequestHeaders(request.Headers);
        List<KeyValuePair<string, string>>? merged = null;
        foreach ((string name, string value) in query.Parameters)
        {
            string lower = name.ToLowerInvariant();
            if (IsValue(lower) && !headers.Has(lower))
            {
                merged ??= [.. request.Headers];
                merged.Add(new KeyValuePair<string, string>(lower, value));
            }
        }

        return merged is null ? request : request.With(merged);
    }

    private static bool IsValue(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && Array.IndexOf(OfTheSignature, name) < 0
        && !name.StartsWith("x-amz-checksum-", StringComparison.Ordinal)
        && name != "x-amz-sdk-checksum-algorithm";
}
