using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>Checks who sent a request: AWS Signature Version 4 in the Authorization header or in the query, as Amazon S3 does. Pure but for a cache of
/// signing keys; any thread may call it.</summary>
/// <remarks>Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)". Order of checks: mechanism, parameters, credential scope,
/// times, access key, headers not signed, signature.</remarks>
public sealed class SigV4Verifier
{
    private const int DigestSizeBytes = 32;
    private const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    private readonly IIdentityDirectory _identities;
    private readonly SigV4Options _options;
    private readonly SigningKeyCache _keys;
    private readonly SigV2Verifier _version2;

    /// <summary>Makes one.</summary>
    public SigV4Verifier(IIdentityDirectory identities, SigV4Options options)
    {
        ArgumentNullException.ThrowIfNull(identities);
        ArgumentNullException.ThrowIfNull(options);
        (_identities, _options, _keys) = (identities, options, new SigningKeyCache(options.SigningKeysMax));
        _version2 = new SigV2Verifier(identities, options);
    }

    /// <summary>Checks one request.</summary>
    /// <param name="request">The request; not kept.</param>
    /// <param name="utcNow">The server's time.</param>
    /// <returns>The sender, anonymous, or the refusal.</returns>
    public AuthResult Verify(in AuthRequest request, DateTime utcNow)
    {
        if (!CanonicalRequest.IsWithinLimits(request))
        {
            return AuthResult.Refused(AuthFailures.TooLarge());
        }

        string? authorization = FindHeader(request.Headers, "authorization");
        bool presigned = PresignedQuery.IsPresent(request.RawQuery);
        bool version2 = PresignedQuery.IsVersion2(request.RawQuery);
        if (!string.IsNullOrWhiteSpace(authorization))
        {
            if (presigned || version2)
            {
                return AuthResult.Refused(AuthFailures.TwoMechanisms(authorization));
            }

            return _options.AcceptVersion2 && SigV2Verifier.IsHeader(authorization)
                ? _version2.VerifyHeader(request, authorization, utcNow)
                : VerifyHeader(request, authorization, utcNow);
        }

        if (presigned)
        {
            return VerifyPresigned(request, utcNow);
        }

        if (version2)
        {
            return _options.AcceptVersion2 ? _version2.VerifyPresigned(request, utcNow) : AuthResult.Refused(AuthFailures.UnsupportedMechanism());
        }

        return Anonymous(request);
    }

    private AuthResult VerifyHeader(in AuthRequest request, string authorization, DateTime utcNow)
    {
        AuthFailure? failure = AuthorizationHeader.Read(
            authorization, out ReadOnlySpan<char> credential, out ReadOnlySpan<char> signedHeaders, out ReadOnlySpan<char> signature);
        if (failure is not null)
        {
            return AuthResult.Refused(failure);
        }

        Span<char> timestamp = stackalloc char[16];
        if (!TryReadTime(request.Headers, timestamp, out DateTime time))
        {
            return AuthResult.Refused(AuthFailures.MissingDate());
        }

        SignatureClaim claim = new() { Method = AuthMethod.Header, SignedHeaders = signedHeaders, Signature = signature, Timestamp = timestamp, SignedUtc = time };
        failure = claim.ReadCredential(credential, _options, timestamp[..8]);
        if (failure is null && (utcNow - time).Duration() > TimeSpan.FromSeconds(_options.SkewSecondsMax))
        {
            failure = AuthFailures.Skewed(timestamp, utcNow, _options.SkewSecondsMax);
        }

        string? payloadHash = FindHeader(request.Headers, "x-amz-content-sha256");
        if (failure is null && payloadHash is null)
        {
            failure = AuthFailures.MissingPayloadHash();
        }

        if (failure is null && FindHeader(request.Headers, "x-amz-security-token") is { } token)
        {
            failure = AuthFailures.Token(token);
        }

        claim.PayloadHash = payloadHash ?? "";
        return failure is not null ? AuthResult.Refused(failure) : VerifySignature(request, ref claim);
    }

    private AuthResult VerifyPresigned(in AuthRequest request, DateTime utcNow)
    {
        PresignedQuery query = new();
        AuthFailure? failure = query.Read(request.RawQuery);
        DateTime time = default;
        if (failure is null && (query.Date!.Length != 16 || !SigV4Time.TryParse(query.Date, out time)))
        {
            failure = AuthFailures.QueryMalformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }

        if (failure is not null)
        {
            return AuthResult.Refused(failure);
        }

        SignatureClaim claim = new()
        {
            Method = AuthMethod.Presigned,
            SignedHeaders = query.SignedHeaders,
            Signature = query.Signature,
            Timestamp = query.Date,
            SignedUtc = time,
            PayloadHash = query.ContentSha256 ?? FindHeader(request.Headers, "x-amz-content-sha256") ?? UnsignedPayload,
        };
        failure = claim.ReadCredential(query.Credential, _options, query.Date.AsSpan(0, 8)) ?? CheckPresignedTime(query, time, utcNow);
        if (failure is null && (query.SecurityToken ?? FindHeader(request.Headers, "x-amz-security-token")) is { } token)
        {
            failure = AuthFailures.Token(token);
        }

        return failure is not null ? AuthResult.Refused(failure) : VerifySignature(request, ref claim);
    }

    private AuthFailure? CheckPresignedTime(PresignedQuery query, DateTime time, DateTime utcNow)
    {
        // The subtractions keep clear of the ends of DateTime, which the client's date may be near.
        TimeSpan age = utcNow - time;
        DateTime expires = DateTime.MaxValue - time > TimeSpan.FromSeconds(query.ExpiresSeconds) ? time.AddSeconds(query.ExpiresSeconds) : DateTime.MaxValue;
        if (age < TimeSpan.FromSeconds(-_options.SkewSecondsMax))
        {
            return AuthFailures.NotYetValid(query.Date, query.ExpiresSeconds, expires, utcNow);
        }

        return age > TimeSpan.FromSeconds(query.ExpiresSeconds) ? AuthFailures.Expired(query.ExpiresSeconds, expires, utcNow) : null;
    }

    private AuthResult VerifySignature(in AuthRequest request, ref SignatureClaim claim)
    {
        if (!TryReadPayload(claim.PayloadHash, out PayloadMode payload))
        {
            return AuthResult.Refused(AuthFailures.PayloadHash(claim.PayloadHash));
        }

        SigningKey? key = _keys.Find(claim.AccessKey, claim.Date, claim.Region);
        string accessKey = key?.AccessKey ?? claim.AccessKey.ToString();
        if (_identities.FindByAccessKey(accessKey) is not { } identity)
        {
            return AuthResult.Refused(AuthFailures.UnknownAccessKey(accessKey));
        }

        if (CheckSignedHeaders(request.Headers, claim.SignedHeaders) is { } notSigned)
        {
            return AuthResult.Refused(notSigned);
        }

        bool known = key is not null && key.SecretKey == identity.SecretKey;
        key = known ? key! : SigningKey.Derive(accessKey, identity.SecretKey, claim.Date, claim.Region);
        AuthFailure? mismatch = CompareSignature(request, ref claim, key);
        if (mismatch is not null)
        {
            return AuthResult.Refused(mismatch);
        }

        if (!known)
        {
            _keys.Keep(key);
        }

        return AuthResult.Accepted(identity, claim.Method) with
        {
            SignedUtc = claim.SignedUtc,
            Payload = payload,
            PayloadSha256 = payload == PayloadMode.SignedHash ? claim.PayloadHash : null,
            Chunks = payload is PayloadMode.StreamingSigned or PayloadMode.StreamingSignedTrailer ? StartChain(ref claim, key) : null,
        };
    }

    private static AuthFailure? CompareSignature(in AuthRequest request, ref SignatureClaim claim, SigningKey key)
    {
        ByteBuffer canonical = new(stackalloc byte[2048]);
        ByteBuffer stringToSign = new(stackalloc byte[512]);
        try
        {
            CanonicalRequest.Append(ref canonical, request, claim.SignedHeaders, claim.PayloadHash);
            StringToSign.Append(ref stringToSign, claim.Timestamp, claim.Scope, canonical.Written);
            Span<byte> expected = stackalloc byte[ChunkSignatureChain.SignatureLength];
            key.Sign(stringToSign.Written, expected);
            return Matches(expected, claim.Signature)
                ? null
                : AuthFailures.Signature(key.AccessKey, claim.Signature, stringToSign.Written, canonical.Written);
        }
        finally
        {
            canonical.Dispose();
            stringToSign.Dispose();
        }
    }

    /// <summary>Compares in constant time.</summary>
    internal static bool Matches(ReadOnlySpan<byte> expectedHex, ReadOnlySpan<char> provided)
    {
        Span<byte> ascii = stackalloc byte[ChunkSignatureChain.SignatureLength];
        return provided.Length == ascii.Length
            && Ascii.IsValid(provided)
            && Encoding.ASCII.GetBytes(provided, ascii) == ascii.Length
            && CryptographicOperations.FixedTimeEquals(expectedHex, ascii);
    }

    private static ChunkSignatureChain StartChain(ref SignatureClaim claim, SigningKey key)
    {
        Span<byte> seed = stackalloc byte[ChunkSignatureChain.SignatureLength];
        Encoding.ASCII.GetBytes(claim.Signature, seed);
        return new ChunkSignatureChain(key.Key, claim.Timestamp, claim.Scope, seed);
    }

    /// <summary>Host and every <c>x-amz-*</c> header that is there must be signed.</summary>
    private static AuthFailure? CheckSignedHeaders(IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlySpan<char> signedHeaders)
    {
        if (signedHeaders.Count(';') >= CanonicalRequest.SignedHeadersMax)
        {
            return AuthFailures.TooLarge();
        }

        if (FindHeader(headers, "host") is null && FindHeader(headers, ":authority") is null)
        {
            return AuthFailures.MissingHost();
        }

        if (!IsSigned(signedHeaders, "host"))
        {
            return AuthFailures.NotSigned("host");
        }

        for (int i = 0; i < headers.Count; i++)
        {
            string name = headers[i].Key;
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !IsSigned(signedHeaders, name))
            {
                return AuthFailures.NotSigned(name);
            }
        }

        return null;
    }

    private static bool IsSigned(ReadOnlySpan<char> signedHeaders, ReadOnlySpan<char> name)
    {
        foreach (Range range in signedHeaders.Split(';'))
        {
            if (signedHeaders[range].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The request's time: <c>x-amz-date</c>, else <c>Date</c> in either form.</summary>
    private static bool TryReadTime(IReadOnlyList<KeyValuePair<string, string>> headers, Span<char> timestamp, out DateTime time)
    {
        string? text = FindHeader(headers, "x-amz-date");
        if (text is not null)
        {
            bool isBasic = SigV4Time.TryParse(text, out time);
            text.AsSpan(0, isBasic ? timestamp.Length : 0).CopyTo(timestamp);
            return isBasic;
        }

        bool ok = SigV4Time.TryParseHttp(text = FindHeader(headers, "date") ?? "", out time) || SigV4Time.TryParse(text, out time);
        return ok && time.TryFormat(timestamp, out int written, "yyyyMMdd'T'HHmmss'Z'") && written == timestamp.Length;
    }

    private static bool TryReadPayload(string stated, out PayloadMode payload)
    {
        (bool known, payload) = stated switch
        {
            UnsignedPayload => (true, PayloadMode.Unsigned),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => (true, PayloadMode.StreamingSigned),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => (true, PayloadMode.StreamingSignedTrailer),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => (true, PayloadMode.StreamingUnsignedTrailer),
            _ => (IsSha256(stated), PayloadMode.SignedHash),
        };
        return known;
    }

    private static bool IsSha256(ReadOnlySpan<char> text)
    {
        if (text.Length != 2 * DigestSizeBytes)
        {
            return false;
        }

        foreach (char value in text)
        {
            if (!char.IsAsciiHexDigit(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Nobody signs, but the body may be framed, and a stated hash is still compared.</summary>
    private static AuthResult Anonymous(in AuthRequest request)
    {
        string stated = FindHeader(request.Headers, "x-amz-content-sha256") ?? UnsignedPayload;
        string encoding = FindHeader(request.Headers, "content-encoding") ?? "";
        if (!TryReadPayload(stated, out PayloadMode payload))
        {
            return AuthResult.Refused(AuthFailures.PayloadHash(stated));
        }

        if (payload is PayloadMode.StreamingSigned or PayloadMode.StreamingSignedTrailer)
        {
            return AuthResult.Refused(AuthFailures.AccessDenied("Access Denied"));
        }

        bool framed = payload == PayloadMode.Unsigned && encoding.Contains("aws-chunked", StringComparison.OrdinalIgnoreCase);
        return AuthResult.Anonymous with
        {
            Payload = framed ? PayloadMode.StreamingUnsignedTrailer : payload,
            PayloadSha256 = payload == PayloadMode.SignedHash ? stated : null,
        };
    }

    private static string? FindHeader(IReadOnlyList<KeyValuePair<string, string>> headers, string name)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            if (headers[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return headers[i].Value;
            }
        }

        return null;
    }
}
