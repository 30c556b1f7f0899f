using System;

namespace ObjectStore.Engine.Auth;

/// <summary>How a request proved who sent it.</summary>
public enum AuthMethod
{
    /// <summary>Not at all.</summary>
    Anonymous = 0,

    /// <summary>Authorization header.</summary>
    Header,

    /// <summary>Presigned URL.</summary>
    Presigned,

    /// <summary>Signed form (browser upload).</summary>
    Form,
}

/// <summary>What the signature says about the body (<c>x-amz-content-sha256</c>).</summary>
public enum PayloadMode
{
    /// <summary>Nothing: any body.</summary>
    Unsigned = 0,

    /// <summary>The SHA-256 of the body is signed: <see cref="AuthResult.PayloadSha256"/>.</summary>
    SignedHash,

    /// <summary><c>aws-chunked</c>, each chunk signed.</summary>
    StreamingSigned,

    /// <summary><c>aws-chunked</c>, each chunk and the trailer signed.</summary>
    StreamingSignedTrailer,

    /// <summary><c>aws-chunked</c>, nothing signed, with a trailer.</summary>
    StreamingUnsignedTrailer,
}

/// <summary>Who sends a request, or why it is refused.</summary>
public readonly struct AuthResult
{
    private AuthResult(AuthFailure? failure, AuthMethod method, Identity? identity)
        => (Failure, Method, Identity) = (failure, method, identity);

    /// <summary>The refusal; null when accepted.</summary>
    public AuthFailure? Failure { get; }

    /// <summary><see cref="AuthError.None"/> when accepted (anonymous ones are).</summary>
    public AuthError Error => Failure?.Error ?? AuthError.None;

    /// <summary>How the sender proved itself.</summary>
    public AuthMethod Method { get; }

    /// <summary>The sender; null when anonymous or refused.</summary>
    public Identity? Identity { get; }

    /// <summary>Accepted, with nobody's name on it.</summary>
    public bool IsAnonymous => Failure is null && Identity is null;

    /// <summary>Signed by Signature Version 2, which covers no more of the query than the sub-resource.</summary>
    public bool IsVersion2 { get; init; }

    /// <summary>The time that the sender signed, UTC; null where the signature has none.</summary>
    public DateTime? SignedUtc { get; init; }

    /// <summary>What is promised about the body.</summary>
    public PayloadMode Payload { get; init; }

    /// <summary>64 hex digits as stated with <see cref="PayloadMode.SignedHash"/>, else null.</summary>
    public string? PayloadSha256 { get; init; }

    /// <summary>Checks the chunk signatures of a signed <c>aws-chunked</c> body, beginning at this request's signature; null for other bodies.</summary>
    public ChunkSignatureChain? Chunks { get; init; }

    /// <summary>Nobody's request.</summary>
    public static AuthResult Anonymous => default;

    /// <summary>Somebody's request.</summary>
    public static AuthResult Accepted(Identity identity, AuthMethod method) => new(null, method, identity);

    /// <summary>A refusal.</summary>
    public static AuthResult Refused(AuthFailure failure) => new(failure, AuthMethod.Anonymous, null);
}
