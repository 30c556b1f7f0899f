using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>Numbers in parameters, headers and documents.</summary>
internal static class Numbers
{
    /// <summary>The highest number of a part, and so the most parts of an upload.</summary>
    internal const int PartNumberMax = 10_000;

    /// <summary>A number from 0 that fits 31 bits, cut to a maximum.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static int ParseMax(string? text, string argument, int otherwise, int cutAt)
    {
        if (string.IsNullOrEmpty(text))
        {
            return text is null
                ? otherwise
                : throw S3Exception.InvalidArgument($"Provided {argument} not an integer or within integer range", argument, text);
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
        {
            throw S3Exception.InvalidArgument($"Provided {argument} not an integer or within integer range", argument, text);
        }

        return value < 0
            ? throw S3Exception.InvalidArgument("Argument maxKeys must be an integer between 0 and 2147483647", argument, text)
            : int.Min(value, cutAt);
    }

    /// <summary>A part number from 1 to 10,000.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static int ParsePartNumber(string? text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= PartNumberMax)
        {
            return value;
        }

        throw S3Exception.InvalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", text);
    }

    /// <summary>A number in a document, below 0 too.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    internal static int ParseElement(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : throw S3Exception.MalformedXml();

    /// <summary>A number from 0.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static long ParseLong(string text, string argument) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw S3Exception.InvalidArgument($"Provided {argument} not an integer or within integer range", argument, text);
}
