using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Buckets as websites: what a browser that asks BUCKET.DOMAIN gets.</summary>
/// <remarks>
/// Everybody is anonymous here, signatures and queries are not looked at, and only GET and HEAD are known. Errors are HTML.
/// Source: Amazon S3 User Guide, "Website endpoints".
/// </remarks>
/// <param name="services">What operations work with.</param>
/// <param name="isServing">Asked before each request; null is always.</param>
internal sealed class WebsiteEndpoint(GatewayServices services, Func<bool>? isServing)
{
    /// <summary>The website that a request is for; null when it is one to the API.</summary>
    internal WebsiteHost? Find(S3Request request) => WebsiteHost.Find(new RequestHeaders(request.Headers).Host, services.Options);

    /// <summary>Answers a request to a website.</summary>
    internal async ValueTask<S3Response> AnswerAsync(S3Request request, WebsiteHost host, string requestId, CancellationToken cancellation)
    {
        OperationContext? context = null;
        S3Response response;
        try
        {
            context = Open(request, host, requestId, cancellation);
            context.Bucket = await FindBucketAsync(context);
            RequestLog.BeginVisit(context, context.Bucket);
            var address = new WebsiteAddress(host, request.IsSecure, context.Key, request.RawQuery);
            response = await new WebsiteVisit(context, address, FindWebsite(context)).AnswerAsync();
        }
        catch (Exception failure) when (Refusals.Covers(failure))
        {
            S3Exception refusal = Refusals.Of(failure, services.Trace, requestId);
            context?.AccessLog?.ErrorCode = refusal.Error.Code;
            response = WebsitePage.Refuse(refusal, request.Method, requestId, services.HostId);
        }
        catch (OperationCanceledException) when (context?.AccessLog is not null)
        {
            context.AccessLog.EndUnanswered();
            throw;
        }

        response.Operation = request.Method switch
        {
            "GET" => "WebsiteGet",
            "HEAD" => "WebsiteHead",
            _ => "",
        };
        if (context is { HasBucket: true })
        {
            CorsHeaders.Add(context, response);
        }

        context?.AccessLog?.NoteReady(response);
        return response;
    }

    private OperationContext Open(S3Request request, WebsiteHost host, string requestId, CancellationToken cancellation)
    {
        if (isServing is not null && !isServing())
        {
            throw new S3Exception(S3Errors.SlowDown);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            var refusal = new S3Exception(S3Errors.MethodNotAllowed, ("Method", request.Method), ("ResourceType", "OBJECT"));
            refusal.Headers.Add(new("Allow", "GET, HEAD"));
            throw refusal;
        }

        // The domain alone, and names that no bucket can have, are not asked for at all.
        if (!BucketName.IsValid(host.Bucket))
        {
            throw new S3Exception(S3Errors.NoSuchBucket, ("BucketName", host.Bucket));
        }

        ReadOnlySpan<char> path = request.RawPath;
        return new OperationContext
        {
            Services = services,
            Request = request,
            Query = RequestQuery.None,
            Headers = new RequestHeaders(request.Headers),
            Target = new S3Target(host.Bucket, S3Target.DecodeKey(path.StartsWith('/') ? path[1..] : path)),
            RequestId = requestId,
            Auth = AuthResult.Anonymous,
            NowUtc = Timestamps.WholeMilliseconds(services.Clock.UtcNow),
            Cancellation = cancellation,
        };
    }

    private static async ValueTask<BucketRecord> FindBucketAsync(OperationContext context)
    {
        QueryResult found = await context.Metadata.QueryAsync(new GetBucketQuery(context.BucketName));
        context.ThrowIf(found.Error);
        return found.Bucket!;
    }

    private static WebsiteConfiguration FindWebsite(OperationContext context)
    {
        if (!context.TryGetDocument(BucketDocuments.Website, out ReadOnlyMemory<byte> document)
            || context.Services.Websites.Get(document) is not { IsRefused: false } website)
        {
            throw new S3Exception(S3Errors.NoSuchWebsiteConfiguration, ("BucketName", context.BucketName));
        }

        // Visitors cannot say that they pay. Amazon S3 User Guide, "Website endpoints": requests to Requester Pays buckets are refused.
        if (RequesterPays.IsOn(context.Bucket))
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }

        return website;
    }
}
