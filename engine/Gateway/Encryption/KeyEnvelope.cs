using System;
using System.Security.Cryptography;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Whose key an object's data key is wrapped under.</summary>
internal enum EncryptionMethod : byte
{
    /// <summary>The store's master key (SSE-S3).</summary>
    Store = 1,

    /// <summary>A named key of the local key ring (SSE-KMS).</summary>
    KeyRing = 2,

    /// <summary>A key that comes with each request (SSE-C) and is never kept.</summary>
    Customer = 3,
}

/// <summary>An object's data key, wrapped: what <c>ObjectRecord.Encryption</c> holds.</summary>
/// <remarks>
/// Bytes: version (1) · method (1) · bucket-key flag (1) · length of the key id (1) · key id · nonce (12) · AES-256-GCM ciphertext of the data key (32) ·
/// tag (16). Associated data: method, bucket name, object key; so an envelope opens in its own place only.
/// </remarks>
/// <param name="Method">Whose key.</param>
/// <param name="KeyId">Name in the key ring; empty for the other methods.</param>
/// <param name="BucketKey">Shown back to the client (x-amz-server-side-encryption-bucket-key-enabled).</param>
/// <param name="Sealed">Nonce, ciphertext and tag.</param>
internal sealed record KeyEnvelope(EncryptionMethod Method, string KeyId, bool BucketKey, ReadOnlyMemory<byte> Sealed)
{
    /// <summary>Size of every key, in bytes.</summary>
    internal const int KeyBytes = 32;

    /// <summary>Longest name of a key, in bytes.</summary>
    internal const int KeyIdBytesMax = 255;

    private const byte Version = 1;
    private const int HeadBytes = 4;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Wraps a data key.</summary>
    internal static KeyEnvelope Seal(
        EncryptionMethod method, string keyId, bool bucketKey, ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> dataKey, string place, IEntropy entropy)
    {
        byte[] made = new byte[NonceBytes + KeyBytes + TagBytes];
        Span<byte> nonce = made.AsSpan(0, NonceBytes);
        entropy.Fill(nonce);
        using var gcm = new AesGcm(wrappingKey, TagBytes);
        gcm.Encrypt(nonce, dataKey, made.AsSpan(NonceBytes, KeyBytes), made.AsSpan(NonceBytes + KeyBytes), Associated(method, place));
        return new KeyEnvelope(method, keyId, bucketKey, made);
    }

    /// <summary>Unwraps the data key; null under another key than it was wrapped with, or in another place.</summary>
    internal byte[]? Open(ReadOnlySpan<byte> wrappingKey, string place)
    {
        byte[] dataKey = new byte[KeyBytes];
        ReadOnlySpan<byte> sealedKey = Sealed.Span;
        using var gcm = new AesGcm(wrappingKey, TagBytes);
        try
        {
            gcm.Decrypt(
                sealedKey[..NonceBytes], sealedKey.Slice(NonceBytes, KeyBytes), sealedKey[(NonceBytes + KeyBytes)..], dataKey, Associated(Method, place));
            return dataKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>As bytes.</summary>
    internal ReadOnlyMemory<byte> Encode()
    {
        byte[] id = Encoding.UTF8.GetBytes(KeyId);
        return (byte[])[Version, (byte)Method, BucketKey ? (byte)1 : (byte)0, (byte)id.Length, .. id, .. Sealed.Span];
    }

    /// <summary>From bytes that <see cref="Encode"/> made; null from none, which is what plain objects have.</summary>
    internal static KeyEnvelope? Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        ReadOnlySpan<byte> head = bytes.Span;
        Invariant.Check(
            head.Length >= HeadBytes && head[0] == Version && head.Length == HeadBytes + head[3] + NonceBytes + KeyBytes + TagBytes,
            "the encryption parameters of an object are not what this version writes");
        int idBytes = head[3];
        return new KeyEnvelope(
            (EncryptionMethod)head[1], Encoding.UTF8.GetString(head.Slice(HeadBytes, idBytes)), head[2] == 1, bytes[(HeadBytes + idBytes)..]);
    }

    private static byte[] Associated(EncryptionMethod method, string place) => [(byte)method, .. Encoding.UTF8.GetBytes(place)];
}
