using System;
using System.Security.Cryptography;

namespace ObjectStore.Engine.Auth;

/// <summary>What the signing key signs: algorithm, time, scope and the hash of the canonical request, a line each.</summary>
internal static class StringToSign
{
    private const int DigestSizeBytes = 32;

    public static void Append(ref ByteBuffer target, ReadOnlySpan<char> timestamp, ReadOnlySpan<char> scope, ReadOnlySpan<byte> canonicalRequest)
    {
        Span<byte> hash = stackalloc byte[DigestSizeBytes];
        SHA256.HashData(canonicalRequest, hash);
        target.Append("AWS4-HMAC-SHA256\n"u8);
        target.Append(timestamp);
        target.Append((byte)'\n');
        target.Append(scope);
        target.Append((byte)'\n');
        target.AppendHex(hash);
    }

    /// <summary>Writes 64 lower-case hex digits.</summary>
    public static void Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, Span<byte> signatureHex)
    {
        Span<byte> mac = stackalloc byte[DigestSizeBytes];
        HMACSHA256.HashData(key, text, mac);
        Convert.TryToHexStringLower(mac, signatureHex, out _);
    }
}
