using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Why a body was refused. Each value is the S3 error code of the same name.</summary>
public enum BodyError
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary>400: Content-MD5 or a checksum differs from the content's.</summary>
    BadDigest,

    /// <summary>400: longer than allowed.</summary>
    EntityTooLarge,

    /// <summary>400: shorter (or, decoded, longer) than was stated, or not whole aws-chunked framing.</summary>
    IncompleteBody,

    /// <summary>400: a header with an impossible value.</summary>
    InvalidArgument,

    /// <summary>403: a signed chunk other than the last is below 8 KiB.</summary>
    InvalidChunkSizeError,

    /// <summary>400: Content-MD5 is no base64 MD5.</summary>
    InvalidDigest,

    /// <summary>400: checksum headers that make no sense.</summary>
    InvalidRequest,

    /// <summary>400: the trailer is not what <c>x-amz-trailer</c> announced.</summary>
    MalformedTrailerError,

    /// <summary>411: no length is stated.</summary>
    MissingContentLength,

    /// <summary>400: the client went away or was too slow.</summary>
    RequestTimeout,

    /// <summary>403: a chunk's or the trailer's signature is another than ours.</summary>
    SignatureDoesNotMatch,

    /// <summary>400: the content's SHA-256 is another than was signed.</summary>
    XAmzContentSHA256Mismatch,
}

/// <summary>A refusal as the client shall read it.</summary>
/// <param name="Error">The code.</param>
/// <param name="Message">The text S3 gives.</param>
/// <param name="Fields">Further elements of the error document, in order.</param>
public sealed record BodyFailure(BodyError Error, string Message, IReadOnlyList<KeyValuePair<string, string>> Fields);
