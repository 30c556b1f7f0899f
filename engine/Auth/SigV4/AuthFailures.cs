using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>The refusals, worded as Amazon S3 words them.</summary>
internal static class AuthFailures
{
    public static AuthFailure Of(AuthError error, string message, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        KeyValuePair<string, string>[] elements = new KeyValuePair<string, string>[fields.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            elements[i] = new KeyValuePair<string, string>(fields[i].Name, fields[i].Value);
        }

        return new AuthFailure(error, message, elements);
    }

    public static AuthFailure AccessDenied(string message) => Of(AuthError.AccessDenied, message);

    public static AuthFailure MissingDate() => AccessDenied("AWS authentication requires a valid Date or x-amz-date header");

    public static AuthFailure HeaderMalformed(string detail) =>
        Of(AuthError.AuthorizationHeaderMalformed, "The authorization header is malformed; " + detail);

    public static AuthFailure QueryMalformed(string message) => Of(AuthError.AuthorizationQueryParametersError, message);

    public static AuthFailure UnsupportedMechanism() => Of(
        AuthError.InvalidRequest, "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");

    public static AuthFailure UnsupportedType(string value) => Of(
        AuthError.InvalidArgument, "Unsupported Authorization Type", ("ArgumentName", "Authorization"), ("ArgumentValue", value));

    public static AuthFailure TwoMechanisms(string value) => Of(
        AuthError.InvalidArgument,
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
        ("ArgumentName", "Authorization"),
        ("ArgumentValue", value));

    public static AuthFailure UnknownAccessKey(ReadOnlySpan<char> accessKey) => Of(
        AuthError.InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records.", ("AWSAccessKeyId", accessKey.ToString()));

    public static AuthFailure Token(string token) => Of(
        AuthError.InvalidToken, "The provided token is malformed or otherwise invalid.", ("Token-0", token));

    public static AuthFailure TooLarge() => Of(
        AuthError.RequestHeaderSectionTooLarge, "Your request header section exceeds the maximum allowed request header section size.");

    public static AuthFailure NotSigned(ReadOnlySpan<char> header) => Of(
        AuthError.AccessDenied, "There were headers present in the request which were not signed", ("HeadersNotSigned", header.ToString().ToLowerInvariant()));

    public static AuthFailure MissingHost() => Of(
        AuthError.MissingSecurityHeader, "Your request was missing a required header", ("MissingHeaderName", "host"));

    public static AuthFailure MissingPayloadHash() => Of(
        AuthError.InvalidRequest, "Missing required header for this request: x-amz-content-sha256");

    public static AuthFailure PayloadHash(string value) => Of(
        AuthError.InvalidArgument,
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.",
        ("ArgumentName", "x-amz-content-sha256"),
        ("ArgumentValue", value));

    public static AuthFailure Skewed(ReadOnlySpan<char> requestTime, DateTime utcNow, int skewSecondsMax) => Of(
        AuthError.RequestTimeTooSkewed,
        "The difference between the request time and the current time is too large.",
        ("RequestTime", requestTime.ToString()),
        ("ServerTime", SigV4Time.FormatExtended(utcNow)),
        ("MaxAllowedSkewMilliseconds", (skewSecondsMax * 1000L).ToString(CultureInfo.InvariantCulture)));

    public static AuthFailure Expired(long expiresSeconds, DateTime expires, DateTime utcNow) => Of(
        AuthError.AccessDenied,
        "Request has expired",
        ("X-Amz-Expires", expiresSeconds.ToString(CultureInfo.InvariantCulture)),
        ("Expires", SigV4Time.FormatExtended(expires)),
        ("ServerTime", SigV4Time.FormatExtended(utcNow)));

    public static AuthFailure NotYetValid(ReadOnlySpan<char> requestTime, long expiresSeconds, DateTime expires, DateTime utcNow) => Of(
        AuthError.AccessDenied,
        "Request is not valid yet",
        ("X-Amz-Date", requestTime.ToString()),
        ("X-Amz-Expires", expiresSeconds.ToString(CultureInfo.InvariantCulture)),
        ("Expires", SigV4Time.FormatExtended(expires)),
        ("ServerTime", SigV4Time.FormatExtended(utcNow)));

    public static AuthFailure Signature(string accessKey, ReadOnlySpan<char> provided, ReadOnlySpan<byte> stringToSign, ReadOnlySpan<byte> canonicalRequest) => Of(
        AuthError.SignatureDoesNotMatch,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        ("AWSAccessKeyId", accessKey),
        ("StringToSign", Encoding.UTF8.GetString(stringToSign)),
        ("SignatureProvided", provided.ToString()),
        ("StringToSignBytes", SpacedHex(stringToSign)),
        ("CanonicalRequest", Encoding.UTF8.GetString(canonicalRequest)),
        ("CanonicalRequestBytes", SpacedHex(canonicalRequest)));

    public static AuthFailure FormSignature(string accessKey, ReadOnlySpan<char> provided, string policy) => Of(
        AuthError.SignatureDoesNotMatch,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        ("AWSAccessKeyId", accessKey),
        ("StringToSign", policy),
        ("SignatureProvided", provided.ToString()));

    private static string SpacedHex(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length * 3);
        foreach (byte value in bytes)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(value.ToString("x2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
