using System;
using System.Buffers;
using System.Globalization;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>
/// Percent-encoding as Signature Version 4 defines it: everything but letters, digits and <c>-._~</c> becomes <c>%XX</c> in upper case. The input may
/// be encoded already, fully or partly: it is decoded on the way, so that each spelling of a name has one canonical form. A percent sign
/// that begins no escape stands for itself.
/// </summary>
internal static class UriCanonical
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private static readonly SearchValues<char> UnreservedOrSlash =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");

    /// <summary>Appends a path; slashes stay.</summary>
    public static void AppendPath(ref ByteBuffer target, ReadOnlySpan<char> raw) => Append(ref target, raw, UnreservedOrSlash, plusIsSpace: false, decode: true);

    /// <summary>Appends a query name or value as received; a plus is a space.</summary>
    public static void AppendQuery(ref ByteBuffer target, ReadOnlySpan<char> raw) => Append(ref target, raw, Unreserved, plusIsSpace: true, decode: true);

    /// <summary>Appends text that is not encoded yet.</summary>
    public static void AppendPlain(ref ByteBuffer target, ReadOnlySpan<char> plain) => Append(ref target, plain, Unreserved, plusIsSpace: false, decode: false);

    /// <summary>Decodes a query name or value.</summary>
    public static string DecodeQuery(ReadOnlySpan<char> raw) =>
        raw.IndexOfAny('%', '+') < 0 ? raw.ToString() : Uri.UnescapeDataString(raw.ToString().Replace('+', ' '));

    private static void Append(ref ByteBuffer target, ReadOnlySpan<char> raw, SearchValues<char> kept, bool plusIsSpace, bool decode)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (!raw.IsEmpty)
        {
            int run = raw.IndexOfAnyExcept(kept);
            if (run != 0)
            {
                run = run < 0 ? raw.Length : run;
                target.Append(raw[..run]);
                raw = raw[run..];
                continue;
            }

            if (decode && raw[0] == '%' && TryDecode(raw, out byte value))
            {
                AppendByte(ref target, value, kept);
                raw = raw[3..];
            }
            else if (plusIsSpace && raw[0] == '+')
            {
                AppendByte(ref target, (byte)' ', kept);
                raw = raw[1..];
            }
            else
            {
                Rune.DecodeFromUtf16(raw, out Rune rune, out int consumed);
                int count = rune.EncodeToUtf8(utf8);
                foreach (byte part in utf8[..count])
                {
                    AppendByte(ref target, part, kept);
                }

                raw = raw[consumed..];
            }
        }
    }

    private static bool TryDecode(ReadOnlySpan<char> raw, out byte value)
    {
        value = 0;
        return raw.Length >= 3 && byte.TryParse(raw[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static void AppendByte(ref ByteBuffer target, byte value, SearchValues<char> kept)
    {
        if (value < 0x80 && kept.Contains((char)value))
        {
            target.Append(value);
            return;
        }

        ReadOnlySpan<byte> digits = "0123456789ABCDEF"u8;
        target.Append((byte)'%');
        target.Append(digits[value >> 4]);
        target.Append(digits[value & 15]);
    }
}
