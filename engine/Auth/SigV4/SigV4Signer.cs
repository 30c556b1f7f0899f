using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>A request with its signature.</summary>
/// <param name="Headers">The headers given, then <c>x-amz-date</c>, <c>x-amz-content-sha256</c> and <c>Authorization</c>.</param>
/// <param name="Signature">64 lower-case hex digits.</param>
/// <param name="Chunks">Signs the chunks of an <c>aws-chunked</c> body.</param>
public sealed record SignedRequest(IReadOnlyList<KeyValuePair<string, string>> Headers, string Signature, ChunkSignatureChain Chunks);

/// <summary>Signs requests the way clients do. The server itself signs nothing: this is for clients in simulations, workloads and proofs.</summary>
public sealed class SigV4Signer(string accessKey, string secretKey, string region)
{
    /// <summary><c>x-amz-content-sha256</c> of a body that is not covered.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <summary>The key of a day: HMAC over date, region, service and terminal in turn.</summary>
    /// <param name="secretKey">The secret.</param>
    /// <param name="date">Eight digits, in UTC.</param>
    /// <param name="region">The region of the scope.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] DeriveKey(string secretKey, string date, string region)
    {
        byte[] key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secretKey), Encoding.UTF8.GetBytes(date));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
        key = HMACSHA256.HashData(key, "s3"u8);
        return HMACSHA256.HashData(key, "aws4_request"u8);
    }

    /// <summary>Signs in the Authorization header, covering every header given.</summary>
    /// <param name="request">Holds Host; holds neither Authorization, <c>x-amz-date</c> nor <c>x-amz-content-sha256</c>.</param>
    /// <param name="utcNow">The client's time.</param>
    /// <param name="payloadHash">Value of <c>x-amz-content-sha256</c>; see <see cref="HashPayload"/>.</param>
    public SignedRequest Sign(in AuthRequest request, DateTime utcNow, string payloadHash)
    {
        string timestamp = SigV4Time.Format(utcNow);
        List<KeyValuePair<string, string>> headers =
        [
            .. request.Headers,
            new("x-amz-date", timestamp),
            new("x-amz-content-sha256", payloadHash),
        ];
        string signedHeaders = NamesOf(headers);
        string scope = $"{timestamp[..8]}/{region}/s3/aws4_request";
        SigningKey key = SigningKey.Derive(accessKey, secretKey, timestamp.AsSpan(0, 8), region);
        string signature = Sign(request with { Headers = headers }, key, timestamp, scope, signedHeaders, payloadHash);
        headers.Add(new(
            "Authorization", $"{AuthorizationHeader.Algorithm} Credential={accessKey}/{scope},SignedHeaders={signedHeaders},Signature={signature}"));
        return new SignedRequest(headers, signature, new ChunkSignatureChain(key.Key, timestamp, scope, Encoding.ASCII.GetBytes(signature)));
    }

    /// <summary>Signs in the query, covering every header given.</summary>
    /// <param name="request">Holds Host.</param>
    /// <param name="utcNow">The client's time.</param>
    /// <param name="expiresSeconds">1 to 604,800.</param>
    /// <returns>The whole raw query.</returns>
    public string Presign(in AuthRequest request, DateTime utcNow, int expiresSeconds)
    {
        string timestamp = SigV4Time.Format(utcNow);
        string signedHeaders = NamesOf(request.Headers);
        string scope = $"{timestamp[..8]}/{region}/s3/aws4_request";
        string query = string.Join(
            '&',
            "X-Amz-Algorithm=" + AuthorizationHeader.Algorithm,
            "X-Amz-Credential=" + Encode($"{accessKey}/{scope}"),
            "X-Amz-Date=" + timestamp,
            "X-Amz-Expires=" + expiresSeconds.ToString(CultureInfo.InvariantCulture),
            "X-Amz-SignedHeaders=" + Encode(signedHeaders));
        query = request.RawQuery.Length == 0 ? query : $"{request.RawQuery}&{query}";
        SigningKey key = SigningKey.Derive(accessKey, secretKey, timestamp.AsSpan(0, 8), region);
        return $"{query}&X-Amz-Signature={Sign(request with { RawQuery = query }, key, timestamp, scope, signedHeaders, UnsignedPayload)}";
    }

    /// <summary>The form fields that sign a policy: <c>policy</c>, <c>x-amz-algorithm</c>, <c>x-amz-credential</c>, <c>x-amz-date</c>, <c>x-amz-signature</c>.</summary>
    /// <param name="policy">The policy as JSON; it must allow the credential, algorithm and date fields.</param>
    /// <param name="utcNow">The client's time.</param>
    public IReadOnlyList<KeyValuePair<string, string>> SignPolicy(string policy, DateTime utcNow)
    {
        string timestamp = SigV4Time.Format(utcNow);
        string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy));
        SigningKey key = SigningKey.Derive(accessKey, secretKey, timestamp.AsSpan(0, 8), region);
        byte[] signature = new byte[ChunkSignatureChain.SignatureLength];
        key.Sign(Encoding.UTF8.GetBytes(encoded), signature);
        return
        [
            new("policy", encoded),
            new("x-amz-algorithm", AuthorizationHeader.Algorithm),
            new("x-amz-credential", $"{accessKey}/{timestamp[..8]}/{region}/s3/aws4_request"),
            new("x-amz-date", timestamp),
            new("x-amz-signature", Encoding.ASCII.GetString(signature)),
        ];
    }

    /// <summary>Percent-encodes a query name or value.</summary>
    public static string Encode(string plain)
    {
        ByteBuffer buffer = new(stackalloc byte[256]);
        UriCanonical.AppendPlain(ref buffer, plain);
        string encoded = Encoding.ASCII.GetString(buffer.Written);
        buffer.Dispose();
        return encoded;
    }

    /// <summary>Value of <c>x-amz-content-sha256</c> for a body.</summary>
    public static string HashPayload(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private static string Sign(in AuthRequest request, SigningKey key, string timestamp, string scope, string signedHeaders, string payloadHash)
    {
        ByteBuffer canonical = new(stackalloc byte[1024]);
        ByteBuffer text = new(stackalloc byte[512]);
        CanonicalRequest.Append(ref canonical, request, signedHeaders, payloadHash);
        StringToSign.Append(ref text, timestamp, scope, canonical.Written);
        Span<byte> signature = stackalloc byte[ChunkSignatureChain.SignatureLength];
        key.Sign(text.Written, signature);
        canonical.Dispose();
        text.Dispose();
        return Encoding.ASCII.GetString(signature);
    }

    private static string NamesOf(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, string> header in headers)
        {
            names.Add(header.Key.ToLowerInvariant());
        }

        return string.Join(';', names);
    }
}
