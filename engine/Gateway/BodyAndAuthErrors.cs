using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Gateway;

/// <summary>Refusals of signatures and bodies as S3 errors. Both name their S3 code; what is missing here is the status.</summary>
internal static class BodyAndAuthErrors
{
    internal static S3Exception Refusal(AuthFailure failure) =>
        new(new S3Error(failure.Error.ToString(), Status(failure.Error), failure.Message), failure.Message, Fields(failure.Fields));

    internal static S3Exception Refusal(BodyError error, BodyFailure? failure)
    {
        string message = failure?.Message ?? error.ToString();
        return new S3Exception(new S3Error(error.ToString(), Status(error), message), message, Fields(failure?.Fields ?? []));
    }

    private static ErrorField[] Fields(IReadOnlyList<KeyValuePair<string, string>> fields) =>
        [.. fields.Select(field => new ErrorField(field.Key, field.Value))];

    private static int Status(AuthError error) => error switch
    {
        AuthError.AccessDenied or AuthError.InvalidAccessKeyId or AuthError.RequestTimeTooSkewed or AuthError.SignatureDoesNotMatch => 403,
        _ => 400,
    };

    private static int Status(BodyError error) => error switch
    {
        BodyError.InvalidChunkSizeError or BodyError.SignatureDoesNotMatch => 403,
        BodyError.MissingContentLength => 411,
        _ => 400,
    };
}
