using System;
using System.Security.Cryptography;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>
/// The chain of signatures of an <c>aws-chunked</c> body: each covers the one before it, the first covers the request's own. One body, one
/// chain; not for several threads. Source: Amazon S3 API reference, "Signature calculations for the Authorization header:
/// transferring payload in multiple chunks" and "... including trailing headers".
/// </summary>
public sealed class ChunkSignatureChain
{
    /// <summary>A signature is this many lower-case hex digits.</summary>
    public const int SignatureLength = 64;

    private const int DigestSizeBytes = 32;
    private static readonly byte[] EmptySha256Hex = Encoding.ASCII.GetBytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    private readonly byte[] _signingKey;
    private readonly byte[] _dateAndScope;
    private readonly byte[] _previous = new byte[SignatureLength];

    /// <summary>Starts at a request.</summary>
    /// <param name="signingKey">32 bytes; not copied.</param>
    /// <param name="timestamp"><c>yyyyMMddTHHmmssZ</c>.</param>
    /// <param name="scope"><c>yyyyMMdd/region/s3/aws4_request</c>.</param>
    /// <param name="seedSignature">The request's signature.</param>
    public ChunkSignatureChain(byte[] signingKey, ReadOnlySpan<char> timestamp, ReadOnlySpan<char> scope, ReadOnlySpan<byte> seedSignature)
    {
        ArgumentNullException.ThrowIfNull(signingKey);
        if (seedSignature.Length != SignatureLength)
        {
            throw new ArgumentException("a signature has 64 digits", nameof(seedSignature));
        }

        _signingKey = signingKey;
        _dateAndScope = Encoding.UTF8.GetBytes($"\n{timestamp}\n{scope}\n");
        seedSignature.CopyTo(_previous);
    }

    /// <summary>Signs the next chunk and goes on from it.</summary>
    /// <param name="chunkSha256">32 bytes; of nothing for the last chunk.</param>
    /// <param name="signatureHex">Gets <see cref="SignatureLength"/> digits.</param>
    public void SignChunk(ReadOnlySpan<byte> chunkSha256, Span<byte> signatureHex)
    {
        Sign("AWS4-HMAC-SHA256-PAYLOAD"u8, chunkSha256, true, signatureHex);
        signatureHex[..SignatureLength].CopyTo(_previous);
    }

    /// <summary>Signs the trailer.</summary>
    /// <param name="trailerSha256">32 bytes: SHA-256 of <c>name:value\n</c> of every trailing header.</param>
    /// <param name="signatureHex">Gets <see cref="SignatureLength"/> digits.</param>
    public void SignTrailer(ReadOnlySpan<byte> trailerSha256, Span<byte> signatureHex) =>
        Sign("AWS4-HMAC-SHA256-TRAILER"u8, trailerSha256, false, signatureHex);

    /// <summary>Compares the next chunk's signature in constant time and goes on from it.</summary>
    public bool VerifyChunk(ReadOnlySpan<byte> chunkSha256, ReadOnlySpan<byte> signatureHex)
    {
        Span<byte> expected = stackalloc byte[SignatureLength];
        SignChunk(chunkSha256, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signatureHex);
    }

    /// <summary>Compares the trailer's signature in constant time.</summary>
    public bool VerifyTrailer(ReadOnlySpan<byte> trailerSha256, ReadOnlySpan<byte> signatureHex)
    {
        Span<byte> expected = stackalloc byte[SignatureLength];
        SignTrailer(trailerSha256, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signatureHex);
    }

    private void Sign(ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> sha256, bool withEmptyHash, Span<byte> signatureHex)
    {
        int lengthMax = algorithm.Length + _dateAndScope.Length + (3 * SignatureLength) + 2;
        Span<byte> text = lengthMax <= 512 ? stackalloc byte[512] : new byte[lengthMax];
        int at = 0;
        Append(text, ref at, algorithm);
        Append(text, ref at, _dateAndScope);
        Append(text, ref at, _previous);
        Append(text, ref at, "\n"u8);
        if (withEmptyHash)
        {
            Append(text, ref at, EmptySha256Hex);
            Append(text, ref at, "\n"u8);
        }

        Convert.TryToHexStringLower(sha256[..DigestSizeBytes], text[at..], out int written);
        at += written;
        Span<byte> mac = stackalloc byte[DigestSizeBytes];
        HMACSHA256.HashData(_signingKey, text[..at], mac);
        Convert.TryToHexStringLower(mac, signatureHex, out _);
    }

    private static void Append(Span<byte> text, ref int at, ReadOnlySpan<byte> value)
    {
        value.CopyTo(text[at..]);
        at += value.Length;
    }
}
