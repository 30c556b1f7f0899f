using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Applies a bucket's CORS rules: preflight requests, and the headers of ordinary answers.</summary>
internal static class CorsHeaders
{
    private const string Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    /// <summary>OPTIONS: nobody is authenticated, and the answer says only what the rules say.</summary>
    internal static async ValueTask<S3Response> PreflightAsync(OperationContext context)
    {
        string? origin = context.Headers["Origin"];
        string? method = context.Headers["Access-Control-Request-Method"];
        if (string.IsNullOrEmpty(origin))
        {
            throw new S3Exception(S3Errors.BadRequest, "Insufficient information. Origin request header needed.");
        }

        if (method is null || Array.IndexOf(CorsConfiguration.Methods, method) < 0)
        {
            throw new S3Exception(S3Errors.BadRequest, $"Invalid Access-Control-Request-Method: {(string.IsNullOrEmpty(method) ? "null" : method)}");
        }

        List<CorsRule> rules = await RulesAsync(context)
            ?? throw Forbidden(context, "CORSResponse: CORS is not enabled for this bucket.", origin, method);
        List<string> asked = Split(context.Headers["Access-Control-Request-Headers"]);
        CorsRule rule = rules.Find(candidate => Allows(candidate, origin, method, asked))
            ?? throw Forbidden(
                context,
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
                origin,
                method);

        context.IsAuthorized = true;
        S3Response response = Answer.Ok();
        Write(response, rule, origin);
        if (asked.Count > 0)
        {
            response.SetHeader("Access-Control-Allow-Headers", string.Join(", ", asked).ToLowerInvariant());
        }

        return response;
    }

    /// <summary>Adds the headers that a browser needs to show an answer to a page of another origin.</summary>
    internal static void Add(OperationContext context, S3Response response)
    {
        if (context.Headers["Origin"] is not { Length: > 0 } origin
            || context.Request.Method == "OPTIONS"
            || !context.TryGetDocument(BucketDocuments.Cors, out ReadOnlyMemory<byte> document))
        {
            return;
        }

        string method = context.Headers["Access-Control-Request-Method"] ?? context.Request.Method;
        if (context.Services.Cors.Get(document).Find(candidate => Allows(candidate, origin, method, [])) is CorsRule rule)
        {
            Write(response, rule, origin);
        }
    }

    private static void Write(S3Response response, CorsRule rule, string origin)
    {
        bool any = rule.Fitting(origin) == "*";
        response.SetHeader("Access-Control-Allow-Origin", any ? "*" : origin);
        response.SetHeader("Access-Control-Allow-Methods", string.Join(", ", rule.Methods));
        if (!any)
        {
            response.SetHeader("Access-Control-Allow-Credentials", "true");
        }

        if (rule.Exposed.Count > 0)
        {
            response.SetHeader("Access-Control-Expose-Headers", string.Join(", ", rule.Exposed));
        }

        if (rule.MaxAgeSeconds is int age)
        {
            response.SetHeader("Access-Control-Max-Age", age.ToString(CultureInfo.InvariantCulture));
        }

        response.SetHeader("Vary", Vary);
    }

    private static bool Allows(CorsRule rule, string origin, string method, List<string> headers) =>
        rule.Fitting(origin) is not null
        && rule.Methods.Contains(method)
        && headers.TrueForAll(header => rule.Headers.Exists(allowed => Wildcard.Matches(allowed, header, ignoreCase: true)));

    private static async ValueTask<List<CorsRule>?> RulesAsync(OperationContext context)
    {
        QueryResult found = await context.Metadata.QueryAsync(new GetBucketQuery(context.BucketName));
        if (found.Bucket is not { } bucket)
        {
            return null;
        }

        RequestLog.Begin(context, ConfigurationRoutes.Preflight, bucket);
        return bucket.TryGetDocument(BucketDocuments.Cors, out ReadOnlyMemory<byte> document) ? context.Services.Cors.Get(document) : null;
    }

    private static List<string> Split(string? header) =>
        [.. (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static S3Exception Forbidden(OperationContext context, string message, string origin, string method) =>
        new(S3Errors.AccessForbidden, message, ("Method", method), ("ResourceType", context.Target.Scope.ToString().ToUpperInvariant()), ("Origin", origin));
}
