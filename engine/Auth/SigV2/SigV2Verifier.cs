using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>Checks the old Signature Version 2: presigned URLs and the <c>AWS key:signature</c> header.</summary>
/// <remarks>
/// Today's botocore (and with it aws cli) still presigns with it when told nothing; see decisions/0006-signature-version-2.md.
/// HMAC-SHA1 over method, Content-MD5, Content-Type, date or expiry, the x-amz- headers and the resource.
/// Source: Amazon S3 developer guide, "Signing and authenticating REST requests (AWS signature version 2)".
/// </remarks>
internal sealed class SigV2Verifier(IIdentityDirectory identities, SigV4Options options)
{
    private const string HeaderPrefix = "AWS ";

    /// <summary>Query parameters that are part of the resource, in ordinal order.</summary>
    private static readonly string[] SubResources =
    [
        "accelerate", "acl", "analytics", "cors", "delete", "encryption", "inventory", "legal-hold", "lifecycle", "location", "logging", "metrics",
        "notification", "object-lock", "ownershipControls", "partNumber", "policy", "policyStatus", "publicAccessBlock", "replication",
        "requestPayment", "response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "restore", "retention", "select", "select-type", "tagging", "torrent", "uploadId", "uploads",
        "versionId", "versioning", "versions", "website",
    ];

    internal static bool IsHeader(string authorization) => authorization.StartsWith(HeaderPrefix, StringComparison.Ordinal);

    internal AuthResult VerifyHeader(in AuthRequest request, string authorization, DateTime utcNow)
    {
        ReadOnlySpan<char> claim = authorization.AsSpan(HeaderPrefix.Length).Trim();
        int colon = claim.IndexOf(':');
        if (colon <= 0)
        {
            return AuthResult.Refused(AuthFailures.UnsupportedType(authorization));
        }

        string? amzDate = FindHeader(request.Headers, "x-amz-date");
        string? date = amzDate ?? FindHeader(request.Headers, "date");
        if (date is null || !TryParseDate(date, out DateTime time))
        {
            return AuthResult.Refused(AuthFailures.MissingDate());
        }

        return (utcNow - time).Duration() > TimeSpan.FromSeconds(options.SkewSecondsMax)
            ? AuthResult.Refused(AuthFailures.Skewed(date, utcNow, options.SkewSecondsMax))
            : VerifySignature(request, claim[..colon].ToString(), claim[(colon + 1)..].ToString(), amzDate is null ? date : "", AuthMethod.Header);
    }

    internal AuthResult VerifyPresigned(in AuthRequest request, DateTime utcNow)
    {
        string? accessKey = FindParameter(request.RawQuery, "AWSAccessKeyId");
        string? signature = FindParameter(request.RawQuery, "Signature");
        string? expires = FindParameter(request.RawQuery, "Expires");
        if (accessKey is null || signature is null || expires is null)
        {
            return AuthResult.Refused(AuthFailures.AccessDenied(
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"));
        }

        if (!long.TryParse(expires, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds))
        {
            return AuthResult.Refused(AuthFailures.AccessDenied($"Invalid date (should be seconds since epoch): {expires}"));
        }

        long now = (utcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        return seconds < now
            ? AuthResult.Refused(AuthFailures.Of(AuthError.AccessDenied, "Request has expired", ("Expires", expires), ("ServerTime", SigV4Time.FormatExtended(utcNow))))
            : VerifySignature(request, accessKey, signature, expires, AuthMethod.Presigned);
    }

    private AuthResult VerifySignature(in AuthRequest request, string accessKey, string signature, string date, AuthMethod method)
    {
        if (FindHeader(request.Headers, "x-amz-security-token") is { } token)
        {
            return AuthResult.Refused(AuthFailures.Token(token));
        }

        if (identities.FindByAccessKey(accessKey) is not { } identity)
        {
            return AuthResult.Refused(AuthFailures.UnknownAccessKey(accessKey));
        }

        string text = StringToSign(request, date);
        using IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(identity.SecretKey));
        hmac.AppendData(Encoding.UTF8.GetBytes(text));
        byte[] expected = hmac.GetHashAndReset();
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToBase64String(expected)), Encoding.UTF8.GetBytes(signature))
            ? AuthResult.Accepted(identity, method) with { IsVersion2 = true }
            : AuthResult.Refused(AuthFailures.FormSignature(accessKey, signature, text));
    }

    private static string StringToSign(in AuthRequest request, string date)
    {
        var text = new StringBuilder(request.Method).Append('\n')
            .Append(FindHeader(request.Headers, "content-md5")).Append('\n')
            .Append(FindHeader(request.Headers, "content-type")).Append('\n')
            .Append(date).Append('\n');
        AppendAmzHeaders(text, request.Headers);
        if (request.VirtualHostBucket.Length > 0)
        {
            text.Append('/').Append(request.VirtualHostBucket);
        }

        text.Append(request.RawPath);
        char separator = '?';
        foreach (string name in SubResources)
        {
            if (FindParameter(request.RawQuery, name) is { } value)
            {
                text.Append(separator).Append(name);
                separator = '&';
                if (value.Length > 0)
                {
                    text.Append('=').Append(value);
                }
            }
        }

        return text.ToString();
    }

    private static void AppendAmzHeaders(StringBuilder text, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        var signed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in headers)
        {
            string lower = name.ToLowerInvariant();
            if (lower.StartsWith("x-amz-", StringComparison.Ordinal))
            {
                signed[lower] = signed.TryGetValue(lower, out string? before) ? $"{before},{value.Trim()}" : value.Trim();
            }
        }

        foreach ((string name, string value) in signed)
        {
            text.Append(name).Append(':').Append(value).Append('\n');
        }
    }

    private static bool TryParseDate(string text, out DateTime time) =>
        DateTime.TryParseExact(
            text,
            ["r", "ddd, dd MMM yyyy HH:mm:ss zzz", "ddd, dd MMM yyyy HH:mm:ss +0000", "yyyyMMdd'T'HHmmss'Z'"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces,
            out time);

    private static string? FindHeader(IReadOnlyList<KeyValuePair<string, string>> headers, string name)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            if (string.Equals(headers[i].Key, name, StringComparison.OrdinalIgnoreCase))
            {
                return headers[i].Value;
            }
        }

        return null;
    }

    /// <summary>The decoded value, empty for a name alone, null when absent.</summary>
    private static string? FindParameter(string rawQuery, string name)
    {
        foreach (Range range in rawQuery.AsSpan().Split('&'))
        {
            ReadOnlySpan<char> pair = rawQuery.AsSpan(range);
            int equals = pair.IndexOf('=');
            ReadOnlySpan<char> key = equals < 0 ? pair : pair[..equals];
            if (key.SequenceEqual(name))
            {
                return equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].ToString().Replace('+', ' '));
            }
        }

        return null;
    }
}
