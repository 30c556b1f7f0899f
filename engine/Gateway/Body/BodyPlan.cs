using System;
using System.Collections.Generic;
using System.Globalization;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What the headers promise about a body, read and checked before its first byte.</summary>
internal sealed class BodyPlan
{
    private const int Md5SizeBytes = 16;

    /// <summary>Content length, without framing; null when not stated.</summary>
    public long? LengthBytes { get; private set; }

    /// <summary>The body comes in <c>aws-chunked</c> framing.</summary>
    public bool IsFramed { get; private set; }

    public byte[]? Md5Expected { get; private set; }

    public byte[]? Sha256Expected { get; private set; }

    public ChecksumAlgorithm Algorithm { get; private set; }

    /// <summary>Stated in a header; the trailer's comes later.</summary>
    public byte[]? ChecksumExpected { get; private set; }

    /// <summary>The trailing header announced by <c>x-amz-trailer</c>, lower case; null for none.</summary>
    public string? Trailer { get; private set; }

    /// <summary>Reads the headers; the failure says what is wrong.</summary>
    public BodyFailure? Read(S3Request request, in AuthResult auth, BodyOptions options)
    {
        IsFramed = auth.Payload is PayloadMode.StreamingSigned or PayloadMode.StreamingSignedTrailer or PayloadMode.StreamingUnsignedTrailer;
        if (auth.PayloadSha256 is { } sha256)
        {
            Sha256Expected = Convert.FromHexString(sha256);
        }

        return ReadLength(request, options)
            ?? ReadMd5(request.Headers)
            ?? (options.ChecksumHeaders ? ReadChecksum(request.Headers) ?? ReadTrailer(request.Headers) ?? CheckSdkAlgorithm(request.Headers) : null)
            ?? ChooseDefault(options);
    }

    private BodyFailure? ReadLength(S3Request request, BodyOptions options)
    {
        LengthBytes = request.ContentLength;
        if (IsFramed)
        {
            string? stated = Find(request.Headers, "x-amz-decoded-content-length");
            if (stated is null)
            {
                return BodyFailures.MissingLength;
            }

            if (!long.TryParse(stated, NumberStyles.None, CultureInfo.InvariantCulture, out long decoded))
            {
                return BodyFailures.DecodedLength(stated);
            }

            LengthBytes = decoded;
        }

        if (LengthBytes is null && options.LengthRequired)
        {
            return BodyFailures.MissingLength;
        }

        return LengthBytes > options.SizeBytesMax ? BodyFailures.TooLarge(LengthBytes, options.SizeBytesMax) : null;
    }

    private BodyFailure? ReadMd5(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (Find(headers, "content-md5") is not { } stated)
        {
            return null;
        }

        bool ok = DigestText.TryParseBase64(stated, Md5SizeBytes, out byte[] md5);
        Md5Expected = md5;
        return ok ? null : BodyFailures.InvalidMd5;
    }

    private BodyFailure? ReadChecksum(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            (string name, string value) = headers[i];
            if (!name.StartsWith(ChecksumNames.HeaderPrefix, StringComparison.OrdinalIgnoreCase) || IsParameter(name))
            {
                continue;
            }

            if (!ChecksumNames.TryParseHeader(name, out ChecksumAlgorithm algorithm))
            {
                return BodyFailures.UnknownChecksum;
            }

            if (ChecksumExpected is not null)
            {
                return BodyFailures.SeveralChecksums;
            }

            if (!ChecksumNames.TryParseDigest(algorithm, value, out byte[] digest))
            {
                return BodyFailures.InvalidChecksum(ChecksumNames.Header(algorithm));
            }

            (Algorithm, ChecksumExpected) = (algorithm, digest);
        }

        return null;
    }

    private BodyFailure? ReadTrailer(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (Find(headers, "x-amz-trailer") is not { } announced)
        {
            return null;
        }

        if (ChecksumExpected is not null)
        {
            return BodyFailures.SeveralChecksums;
        }

        string name = announced.Trim().ToLowerInvariant();
        if (!IsFramed || !ChecksumNames.TryParseHeader(name, out ChecksumAlgorithm algorithm))
        {
            return BodyFailures.UnsupportedTrailer;
        }

        (Algorithm, Trailer) = (algorithm, name);
        return null;
    }

    private BodyFailure? CheckSdkAlgorithm(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (Find(headers, "x-amz-sdk-checksum-algorithm") is not { } stated)
        {
            return null;
        }

        if (!ChecksumNames.TryParseName(stated, out ChecksumAlgorithm algorithm))
        {
            return BodyFailures.SdkAlgorithm;
        }

        if (Algorithm == ChecksumAlgorithm.None)
        {
            return BodyFailures.SdkAlgorithmAlone;
        }

        return algorithm == Algorithm ? null : BodyFailures.SdkAlgorithm;
    }

    private BodyFailure? ChooseDefault(BodyOptions options)
    {
        if (Algorithm == ChecksumAlgorithm.None)
        {
            Algorithm = options.DefaultChecksum;
        }

        return null;
    }

    /// <summary>Headers with the prefix that carry no value of a checksum.</summary>
    private static bool IsParameter(string name) =>
        name.AsSpan(ChecksumNames.HeaderPrefix.Length).Equals("algorithm", StringComparison.OrdinalIgnoreCase)
        || name.AsSpan(ChecksumNames.HeaderPrefix.Length).Equals("type", StringComparison.OrdinalIgnoreCase)
        || name.AsSpan(ChecksumNames.HeaderPrefix.Length).Equals("mode", StringComparison.OrdinalIgnoreCase);

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>> headers, string name)
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
