using System;
using System.Security.Cryptography;

namespace ObjectStore.Engine.Auth;

/// <summary>What the signing key signs: algorithm, time, scope and the hash of the canonical request, a line each.</summary>
internal static class StringToSign
{
    private const int DigestSizeBytes = 32;

    private static readonly HashSlots Hashes = new(static () => IncrementalHash.CreateHash(HashAlgorithmName.SHA256));

    public static void Append(ref ByteBuffer target, ReadOnlySpan<char> timestamp, ReadOnlySpan<char> scope, ReadOnlySpan<byte> canonicalRequest)
    {
        Span<byte> hash = stackalloc byte[DigestSizeBytes];
        Hashes.Compute(canonicalRequest, hash);
        target.Append("AWS4-HMAC-SHA256\n"u8);
        target.Append(timestamp);
        target.Append((byte)'\n');
        target.Append(scope);
        target.Append((byte)'\n');
        target.AppendHex(hash);
    }
}
