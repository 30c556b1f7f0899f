using System;
using System.Globalization;

namespace ObjectStore.Engine.Auth;

/// <summary>Times as Signature Version 4 and S3 documents write them, UTC.</summary>
public static class SigV4Time
{
    private const string Basic = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary><c>yyyyMMddTHHmmssZ</c>.</summary>
    public static string Format(DateTime utc) => utc.ToString(Basic, CultureInfo.InvariantCulture);

    /// <summary><c>yyyy-MM-ddTHH:mm:ssZ</c>.</summary>
    public static string FormatExtended(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads <c>yyyyMMddTHHmmssZ</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTime utc) => DateTime.TryParseExact(
        text, Basic, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out utc);

    /// <summary>Reads an HTTP date (RFC 1123).</summary>
    public static bool TryParseHttp(ReadOnlySpan<char> text, out DateTime utc) => DateTime.TryParseExact(
        text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out utc);
}
