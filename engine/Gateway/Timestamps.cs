using System;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>Times as S3 writes and reads them. Answers show whole seconds.</summary>
internal static class Timestamps
{
    private static readonly string[] HttpFormats =
    [
        "r", "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy", "ddd MMM dd HH:mm:ss yyyy",
    ];

    private static readonly string[] IsoFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
        "yyyyMMdd'T'HHmmss'Z'", "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss",
    ];

    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;

    /// <summary>For documents: <c>2026-01-31T10:20:30.000Z</c>.</summary>
    internal static string Iso(DateTime value) => value.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);

    /// <summary>With its milliseconds: ends of retention, times of events.</summary>
    internal static string IsoMilliseconds(DateTime value) => value.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Bytes of <see cref="Iso"/>.</summary>
    internal const int IsoSize = 24;

    /// <summary><see cref="Iso"/> in ASCII; returns how many bytes, which is <see cref="IsoSize"/>.</summary>
    internal static int WriteIso(DateTime value, Span<byte> to)
    {
        value.TryFormat(to, out int written, "s", CultureInfo.InvariantCulture);
        ".000Z"u8.CopyTo(to[written..]);
        return written + 5;
    }

    /// <summary>For headers, RFC 9110, section 5.6.7.</summary>
    internal static string Http(DateTime value) => value.ToString("r", CultureInfo.InvariantCulture);

    /// <summary>Without its fraction of a second.</summary>
    internal static DateTime WholeSeconds(DateTime value) => new(value.Ticks - (value.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    /// <summary>Whole milliseconds, as metadata keeps times.</summary>
    internal static DateTime WholeMilliseconds(DateTime value) => new(value.Ticks - (value.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);

    /// <summary>A header's date in one of the three forms of RFC 9110, or ISO 8601, which some clients send.</summary>
    internal static bool TryParseHttp(string text, out DateTime value) =>
        DateTime.TryParseExact(text, HttpFormats, CultureInfo.InvariantCulture, Utc, out value) || TryParseIso(text, out value);

    /// <summary>ISO 8601.</summary>
    internal static bool TryParseIso(string text, out DateTime value) =>
        DateTime.TryParseExact(text, IsoFormats, CultureInfo.InvariantCulture, Utc, out value);
}
