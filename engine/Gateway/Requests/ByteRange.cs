using System;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>A run of bytes of an object: first byte and length.</summary>
internal readonly record struct ByteRange(long Start, long LengthBytes)
{
    /// <summary>Last byte, inclusive.</summary>
    internal long Last => Start + LengthBytes - 1;

    /// <summary>Reads a Range header against a size. Null when the header is to be ignored: another unit, several ranges, or no range at all (RFC 9110, section 14.2).</summary>
    /// <exception cref="S3Exception">InvalidRange when it starts behind the end.</exception>
    internal static ByteRange? Parse(string? header, long sizeBytes)
    {
        if (header is null || !TrySplit(header, out long? first, out long? last))
        {
            return null;
        }

        if (first is null)
        {
            long suffix = long.Min(last!.Value, sizeBytes);
            return suffix == 0 ? throw Unsatisfiable(header, sizeBytes) : new ByteRange(sizeBytes - suffix, suffix);
        }

        if (first >= sizeBytes)
        {
            throw Unsatisfiable(header, sizeBytes);
        }

        long end = long.Min(last ?? long.MaxValue, sizeBytes - 1);
        return new ByteRange(first.Value, end - first.Value + 1);
    }

    /// <summary>Reads <c>x-amz-copy-source-range</c>, which must be a whole <c>bytes=first-last</c> inside the source.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidRange.</exception>
    internal static ByteRange ParseCopySource(string header, long sizeBytes)
    {
        if (!TrySplit(header, out long? first, out long? last) || first is null || last is null)
        {
            throw S3Exception.InvalidArgument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
                "x-amz-copy-source-range",
                header);
        }

        if (last >= sizeBytes)
        {
            throw new S3Exception(
                S3Errors.InvalidArgument,
                $"Range specified is not valid for source object of size: {sizeBytes}",
                ("ArgumentName", "x-amz-copy-source-range"),
                ("ArgumentValue", header));
        }

        return new ByteRange(first.Value, last.Value - first.Value + 1);
    }

    private static bool TrySplit(string header, out long? first, out long? last)
    {
        first = null;
        last = null;
        const string Unit = "bytes=";
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        ReadOnlySpan<char> spec = header.AsSpan(Unit.Length).Trim();
        int dash = spec.IndexOf('-');
        if (dash < 0)
        {
            return false;
        }

        return TryNumber(spec[..dash].Trim(), out first) && TryNumber(spec[(dash + 1)..].Trim(), out last)
            && (first is not null || last is not null) && (first is null || last is null || first <= last);
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long? value)
    {
        value = null;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        // A number beyond 63 bits is beyond every object.
        value = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? parsed : long.MaxValue;
        return true;
    }

    private static S3Exception Unsatisfiable(string header, long sizeBytes)
    {
        var refusal = new S3Exception(S3Errors.InvalidRange, ("RangeRequested", header), ("ActualObjectSize", sizeBytes));
        refusal.Headers.Add(new("Content-Range", $"bytes */{sizeBytes}"));
        return refusal;
    }
}
