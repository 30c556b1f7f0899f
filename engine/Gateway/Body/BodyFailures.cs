using System;
using System.Collections.Generic;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>The refusals of bodies, worded as Amazon S3 words them.</summary>
internal static class BodyFailures
{
    public static readonly BodyFailure Incomplete = Of(
        BodyError.IncompleteBody, "You did not provide the number of bytes specified by the Content-Length HTTP header");

    public static readonly BodyFailure Framing = Of(BodyError.IncompleteBody, "The request body terminated unexpectedly");

    public static readonly BodyFailure MissingLength = Of(
        BodyError.MissingContentLength, "You must provide the Content-Length HTTP header.");

    public static readonly BodyFailure Timeout = Of(
        BodyError.RequestTimeout,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.");

    public static readonly BodyFailure Signature = Of(
        BodyError.SignatureDoesNotMatch,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.");

    public static readonly BodyFailure Trailer = Of(
        BodyError.MalformedTrailerError,
        "The request contained trailing data that was not well-formed or did not conform to our published schema.");

    public static readonly BodyFailure InvalidMd5 = Of(BodyError.InvalidDigest, "The Content-MD5 you specified was invalid.");

    public static readonly BodyFailure UnsupportedTrailer = InvalidRequest("The value specified in the x-amz-trailer header is not supported");

    public static readonly BodyFailure SeveralChecksums = InvalidRequest(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");

    public static readonly BodyFailure UnknownChecksum = InvalidRequest("The algorithm type you specified in x-amz-checksum- header is invalid.");

    public static readonly BodyFailure SdkAlgorithm = InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");

    public static readonly BodyFailure SdkAlgorithmAlone = InvalidRequest(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");

    public static BodyFailure InvalidRequest(string message) => Of(BodyError.InvalidRequest, message);

    public static BodyFailure InvalidChecksum(string header) => InvalidRequest($"Value for {header} header is invalid.");

    public static BodyFailure InvalidTrailerChecksum(string header) => InvalidRequest($"Value for {header} trailing header is invalid.");

    public static BodyFailure TooLarge(long? proposed, long max) => proposed is null
        ? Of(BodyError.EntityTooLarge, "Your proposed upload exceeds the maximum allowed size", ("MaxSizeAllowed", $"{max}"))
        : Of(BodyError.EntityTooLarge, "Your proposed upload exceeds the maximum allowed size", ("ProposedSize", $"{proposed}"), ("MaxSizeAllowed", $"{max}"));

    public static BodyFailure ChunkSize(int number, long sizeBytes) => Of(
        BodyError.InvalidChunkSizeError,
        "Only the last chunk is allowed to have a size less than 8192 bytes",
        ("Chunk", $"{number}"),
        ("BadChunkSize", $"{sizeBytes}"));

    public static BodyFailure DecodedLength(string value) => Of(
        BodyError.InvalidArgument,
        "The value of x-amz-decoded-content-length is invalid.",
        ("ArgumentName", "x-amz-decoded-content-length"),
        ("ArgumentValue", value));

    public static BodyFailure Md5(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> computed) => Of(
        BodyError.BadDigest,
        "The Content-MD5 you specified did not match what we received.",
        ("ExpectedDigest", DigestText.Hex(expected)),
        ("CalculatedDigest", DigestText.Base64(computed)));

    public static BodyFailure Checksum(ChecksumAlgorithm algorithm) => Of(
        BodyError.BadDigest, $"The {ChecksumNames.Name(algorithm)} you specified did not match the calculated checksum.");

    public static BodyFailure Sha256(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> computed) => Of(
        BodyError.XAmzContentSHA256Mismatch,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ("ClientComputedContentSHA256", DigestText.Hex(expected)),
        ("S3ComputedContentSHA256", DigestText.Hex(computed)));

    private static BodyFailure Of(BodyError error, string message, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        List<KeyValuePair<string, string>> elements = [];
        foreach ((string name, string value) in fields)
        {
            elements.Add(new(name, value));
        }

        return new BodyFailure(error, message, elements);
    }
}
