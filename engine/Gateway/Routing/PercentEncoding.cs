using System;
using System.Buffers;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Percent-encoding of RFC 3986 as S3 uses it: decoding of paths and queries, and the <c>encoding-type=url</c> form of listings.</summary>
internal static class PercentEncoding
{
    private const string Digits = "0123456789ABCDEF";

    private static readonly SearchValues<char> Listed = SearchValues.Create("-_.~/*0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes; false when a percent sign is not followed by two hex digits or the bytes are no UTF-8.</summary>
    /// <param name="raw">As received.</param>
    /// <param name="plusIsSpace">True in queries, false in paths, where a plus is a plus.</param>
    /// <param name="decoded">The text.</param>
    internal static bool TryDecode(ReadOnlySpan<char> raw, bool plusIsSpace, out string decoded)
    {
        decoded = "";
        if (raw.IsEmpty)
        {
            return true;
        }

        if (raw.IndexOfAny('%', '+') < 0 && Ascii.IsValid(raw))
        {
            decoded = raw.ToString();
            return true;
        }

        byte[] bytes = new byte[Strict.GetMaxByteCount(raw.Length)];
        int length = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            char c = raw[i];
            if (c == '%')
            {
                if (i + 2 >= raw.Length || !TryHex(raw[i + 1], out int high) || !TryHex(raw[i + 2], out int low))
                {
                    return false;
                }

                bytes[length++] = (byte)((high << 4) | low);
                i += 2;
            }
            else if (c < 0x80)
            {
                bytes[length++] = c == '+' && plusIsSpace ? (byte)' ' : (byte)c;
            }
            else
            {
                int run = i + 1;
                while (run < raw.Length && raw[run] >= 0x80)
                {
                    run++;
                }

                if (!TryEncode(raw[i..run], bytes.AsSpan(length), out int written))
                {
                    return false;
                }

                length += written;
                i = run - 1;
            }
        }

        try
        {
            decoded = Strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>The form that listings show under <c>encoding-type=url</c>: slashes stay, a space is <c>%20</c>, which every client decodes alike.</summary>
    internal static string EncodeForListing(string text) => Encode(text, Listed);

    /// <summary>Text in which only these characters, all of ASCII, are as they were; of others each byte of UTF-8 is encoded.</summary>
    internal static string Encode(string text, SearchValues<char> kept)
    {
        if (text.AsSpan().IndexOfAnyExcept(kept) < 0)
        {
            return text;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var builder = new StringBuilder(bytes.Length + 16);
        foreach (byte b in bytes)
        {
            if (kept.Contains((char)b))
            {
                builder.Append((char)b);
            }
            else
            {
                AppendEncoded(builder, b);
            }
        }

        return builder.ToString();
    }

    /// <summary>Adds one byte, encoded.</summary>
    internal static void AppendEncoded(StringBuilder builder, byte value) => builder.Append('%').Append(Digits[value >> 4]).Append(Digits[value & 15]);

    private static bool TryEncode(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        try
        {
            written = Strict.GetBytes(text, destination);
            return true;
        }
        catch (EncoderFallbackException)
        {
            written = 0;
            return false;
        }
    }

    private static bool TryHex(char digit, out int value)
    {
        value = digit switch
        {
            >= '0' and <= '9' => digit - '0',
            >= 'a' and <= 'f' => digit - 'a' + 10,
            >= 'A' and <= 'F' => digit - 'A' + 10,
            _ => -1,
        };
        return value >= 0;
    }
}
