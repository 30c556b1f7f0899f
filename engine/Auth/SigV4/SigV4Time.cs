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

    /// <summary>Reads <c>yyyyMMddTHHmmssZ</c>. By hand: each request has one, and the general reader takes as long as a hash.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTime utc)
    {
        utc = default;
        if (text.Length != 16 || text[8] != 'T' || text[15] != 'Z' || !AreDigits(text[..8]) || !AreDigits(text[9..15]))
        {
            return false;
        }

        int year = (Two(text) * 100) + Two(text[2..]);
        (int month, int day) = (Two(text[4..]), Two(text[6..]));
        (int hour, int minute, int second) = (Two(text[9..]), Two(text[11..]), Two(text[13..]));
        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        utc = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return true;
    }

    /// <summary>Reads an HTTP date (RFC 1123).</summary>
    public static bool TryParseHttp(ReadOnlySpan<char> text, out DateTime utc) => DateTime.TryParseExact(
        text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out utc);

    /// <summary>True when all characters are ASCII digits. A loop: for so few, the vectorized search costs more than it saves.</summary>
    internal static bool AreDigits(ReadOnlySpan<char> text)
    {
        foreach (char letter in text)
        {
            if (!char.IsAsciiDigit(letter))
            {
                return false;
            }
        }

        return true;
    }

    private static int Two(ReadOnlySpan<char> digits) => ((digits[0] - '0') * 10) + (digits[1] - '0');
}
