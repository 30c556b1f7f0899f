using System;
using System.Buffers;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Digests as text: hexadecimal and base64.</summary>
public static class DigestText
{
    /// <summary>Lower-case hex.</summary>
    public static string Hex(ReadOnlySpan<byte> digest) => Convert.ToHexStringLower(digest);

    /// <summary>Base64 with padding.</summary>
    public static string Base64(ReadOnlySpan<byte> digest) => Convert.ToBase64String(digest);

    /// <summary>Reads base64 of exactly <paramref name="sizeBytes"/> bytes, padding required, no white space within; false when it is not that.</summary>
    public static bool TryParseBase64(ReadOnlySpan<char> text, int sizeBytes, out byte[] digest)
    {
        text = text.Trim();
        digest = [];
        int lengthExpected = (sizeBytes + 2) / 3 * 4;
        if (text.Length != lengthExpected || !Ascii.IsValid(text))
        {
            return false;
        }

        Span<byte> ascii = stackalloc byte[128];
        if (lengthExpected > ascii.Length || Ascii.FromUtf16(text, ascii, out int count) != OperationStatus.Done)
        {
            return false;
        }

        byte[] decoded = new byte[sizeBytes];
        bool ok = ascii[..count].IndexOfAny(" \t\r\n"u8) < 0
            && System.Buffers.Text.Base64.DecodeFromUtf8(ascii[..count], decoded, out int consumed, out int written) == OperationStatus.Done
            && consumed == count
            && written == sizeBytes;
        digest = ok ? decoded : [];
        return ok;
    }
}
