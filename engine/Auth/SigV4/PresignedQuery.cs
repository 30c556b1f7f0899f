using System;
using System.Globalization;

namespace ObjectStore.Engine.Auth;

/// <summary>The signature parameters of a presigned URL.</summary>
internal sealed class PresignedQuery
{
    /// <summary>Longest life of a presigned URL: a week, in seconds.</summary>
    public const int ExpiresSecondsMax = 604_800;

    public string? Algorithm { get; private set; }

    public string? Credential { get; private set; }

    public string? Date { get; private set; }

    public string? Expires { get; private set; }

    public string? SignedHeaders { get; private set; }

    public string? Signature { get; private set; }

    public string? ContentSha256 { get; private set; }

    public string? SecurityToken { get; private set; }

    /// <summary>Seconds, once checked.</summary>
    public int ExpiresSeconds { get; private set; }

    /// <summary>True when the query is signed by Signature Version 4, or claims to be.</summary>
    public static bool IsPresent(string rawQuery) =>
        rawQuery.Contains("X-Amz-Algorithm", StringComparison.Ordinal)
        || rawQuery.Contains("X-Amz-Credential", StringComparison.Ordinal)
        || rawQuery.Contains("X-Amz-Signature", StringComparison.Ordinal);

    /// <summary>True when the query is signed by the old Signature Version 2.</summary>
    public static bool IsVersion2(string rawQuery)
    {
        bool key = false;
        bool signature = false;
        foreach (Range range in rawQuery.AsSpan().Split('&'))
        {
            ReadOnlySpan<char> pair = rawQuery.AsSpan(range);
            key |= pair.StartsWith("AWSAccessKeyId=");
            signature |= pair.StartsWith("Signature=");
        }

        return key && signature;
    }

    /// <summary>Reads and checks the parameters but for credential, time and signature.</summary>
    public AuthFailure? Read(string rawQuery)
    {
        foreach (Range range in rawQuery.AsSpan().Split('&'))
        {
            Take(rawQuery.AsSpan(range));
        }

        if (Algorithm is null || Credential is null || Signature is null || Date is null || SignedHeaders is null || Expires is null)
        {
            return AuthFailures.QueryMalformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }

        return Algorithm == AuthorizationHeader.Algorithm
            ? CheckExpires(Expires)
            : AuthFailures.QueryMalformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    }

    private AuthFailure? CheckExpires(string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds))
        {
            return AuthFailures.QueryMalformed("X-Amz-Expires should be a number");
        }

        if (seconds < 1)
        {
            return AuthFailures.QueryMalformed("X-Amz-Expires must be non-negative");
        }

        if (seconds > ExpiresSecondsMax)
        {
            return AuthFailures.QueryMalformed("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds");
        }

        ExpiresSeconds = (int)seconds;
        return null;
    }

    private void Take(ReadOnlySpan<char> pair)
    {
        int equals = pair.IndexOf('=');
        if (equals < 0 || !pair.StartsWith("X-Amz-"))
        {
            return;
        }

        string value = UriCanonical.DecodeQuery(pair[(equals + 1)..]);
        switch (pair[..equals])
        {
            case "X-Amz-Algorithm": Algorithm ??= value; break;
            case "X-Amz-Credential": Credential ??= value; break;
            case "X-Amz-Date": Date ??= value; break;
            case "X-Amz-Expires": Expires ??= value; break;
            case "X-Amz-SignedHeaders": SignedHeaders ??= value; break;
            case "X-Amz-Signature": Signature ??= value; break;
            case "X-Amz-Content-Sha256": ContentSha256 ??= value; break;
            case "X-Amz-Security-Token": SecurityToken ??= value; break;
            default: break;
        }
    }
}
