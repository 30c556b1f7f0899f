using System.Collections.Generic;

namespace ObjectStore.Engine.Auth;

/// <summary>Why a request was refused. Each value is the S3 error code of the same name.</summary>
public enum AuthError
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary>403: no valid date, expired, headers that were not signed, or a form that does not fit its policy.</summary>
    AccessDenied,

    /// <summary>400: the Authorization header cannot be understood, or names another region.</summary>
    AuthorizationHeaderMalformed,

    /// <summary>400: the <c>X-Amz-*</c> query parameters cannot be understood, or name another region.</summary>
    AuthorizationQueryParametersError,

    /// <summary>400: the form's content is longer than its policy allows.</summary>
    EntityTooLarge,

    /// <summary>400: the form's content is shorter than its policy allows.</summary>
    EntityTooSmall,

    /// <summary>403: nobody has this access key.</summary>
    InvalidAccessKeyId,

    /// <summary>400: an unknown authorization type, two mechanisms at once, or an impossible <c>x-amz-content-sha256</c>.</summary>
    InvalidArgument,

    /// <summary>400: the form's policy is no valid document.</summary>
    InvalidPolicyDocument,

    /// <summary>400: an old signature version, or a required header is missing.</summary>
    InvalidRequest,

    /// <summary>400: a session token, which belongs to no key of ours.</summary>
    InvalidToken,

    /// <summary>400: no Host header.</summary>
    MissingSecurityHeader,

    /// <summary>400: more to canonicalize than the limits allow.</summary>
    RequestHeaderSectionTooLarge,

    /// <summary>403: the request's time is too far from ours.</summary>
    RequestTimeTooSkewed,

    /// <summary>403: the signature is another than ours.</summary>
    SignatureDoesNotMatch,
}

/// <summary>A refusal as the client shall read it.</summary>
/// <param name="Error">The code.</param>
/// <param name="Message">The text S3 gives.</param>
/// <param name="Fields">Further elements of the error document, in order (<c>AWSAccessKeyId</c>, <c>StringToSign</c>, <c>Region</c> …).</param>
public sealed record AuthFailure(AuthError Error, string Message, IReadOnlyList<KeyValuePair<string, string>> Fields);
