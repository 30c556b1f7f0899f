using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>The S3 API over one metadata shard and one chunk store: routes, authenticates, authorizes, runs the operation, makes the answer.</summary>
/// <remarks>
/// Invariant: no success leaves before an authorization decision was made for it (deny by default). Order of checks, as in S3: the request line,
/// the operation, the signature, the bucket, the permission, the arguments, the body. Requests to websites go another way, from the host on: <see cref="WebsiteEndpoint"/>.
/// </remarks>
public sealed class S3Gateway : IS3Gateway
{
    private readonly GatewayServices _services;
    private readonly SigV4Verifier _verifier;
    private readonly Func<bool>? _isServing;
    private readonly WebsiteEndpoint? _websites;

    /// <summary>A gateway. Any thread may call it.</summary>
    /// <param name="metadata">The metadata shard.</param>
    /// <param name="chunks">Where large bodies go.</param>
    /// <param name="identities">Who there is.</param>
    /// <param name="clock">Time.</param>
    /// <param name="entropy">Randomness for request and upload ids.</param>
    /// <param name="trace">The log.</param>
    /// <param name="options">Settings.</param>
    /// <param name="isServing">Asked before each request; while it says no, the answer is 503. Null is always.</param>
    /// <param name="accessLogLoop">Where lines of access logs are gathered and delivered (<see cref="AccessLogs"/>), best a loop of its own; null: there are none.</param>
    public S3Gateway(
        IMetadataShard metadata,
        IContentStore chunks,
        IIdentityDirectory identities,
        IClock clock,
        IEntropy entropy,
        ITrace trace,
        GatewayOptions options,
        Func<bool>? isServing = null,
        ILoop? accessLogLoop = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(entropy);
        _isServing = isServing;
        _verifier = new SigV4Verifier(identities, new SigV4Options { Region = options.Region, AcceptVersion2 = options.AcceptSignatureVersion2 });
        Span<byte> host = stackalloc byte[24];
        entropy.Fill(host);
        AccessLogBuffer? lines = accessLogLoop is null ? null : new AccessLogBuffer(accessLogLoop, clock, options.AccessLog);
        _services = new GatewayServices(metadata, chunks, identities, clock, entropy, trace, options, new KeyRing(options.MasterKey), lines)
        {
            HostId = Convert.ToBase64String(host),
        };
        AccessLogs = lines is null ? null : new AccessLogWorker(_services, lines, isServing, new CancellationTokenSource());
        _websites = options.WebsiteDomains.Count > 0 ? new WebsiteEndpoint(_services, isServing) : null;
    }

    /// <summary>Delivers access logs of buckets; whoever made the gateway starts and stops it. Null when it was made without a loop for them.</summary>
    public AccessLogWorker? AccessLogs { get; }

    /// <summary>Whom buckets tell of their events.</summary>
    public EventRules Events => _services.Events;

    /// <summary>What the cache of chunks did and holds; zeros when it is off.</summary>
    public ChunkCacheUsage MeasureChunkCache() => _services.Cache?.MeasureUsage() ?? default;

    /// <inheritdoc/>
    public async ValueTask<S3Response> HandleAsync(S3Request request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        string requestId = RequestIds.Next(_services.Entropy);
        if (_websites?.Find(request) is { } website)
        {
            return Name(await _websites.AnswerAsync(request, website, requestId, cancellation), requestId);
        }

        S3Response response;
        OperationContext? context = null;
        Route? route = null;
        try
        {
            if (_isServing is { } isServing && !isServing())
            {
                throw new S3Exception(S3Errors.SlowDown);
            }

            context = Open(request, requestId, cancellation, out route);
            response = await RunAsync(context, route!);
            Invariant.Check(context.IsAuthorized || response.Status >= 300, "an answer without an authorization decision");
        }
        catch (Exception failure) when (Refusals.Covers(failure))
        {
            S3Exception refusal = Refusals.Of(failure, _services.Trace, requestId);
            context?.AccessLog?.ErrorCode = refusal.Error.Code;
            response = ErrorAnswer.Make(refusal, request, requestId, _services.HostId);
        }
        catch (OperationCanceledException) when (context?.AccessLog is not null)
        {
            context.AccessLog.EndUnanswered();
            throw;
        }

        response.Operation = route?.Operation ?? "";
        Name(response, requestId);
        if (context is { HasBucket: true })
        {
            CorsHeaders.Add(context, response);
            if (route!.TellsRegion)
            {
                response.SetHeader("x-amz-bucket-region", context.RegionOf(context.Bucket));
            }
        }

        context?.AccessLog?.NoteReady(response);
        return response;
    }

    private S3Response Name(S3Response response, string requestId)
    {
        response.SetHeader("x-amz-request-id", requestId);
        response.SetHeader("x-amz-id-2", _services.HostId);
        return response;
    }

    private OperationContext Open(S3Request request, string requestId, CancellationToken cancellation, out Route? route)
    {
        route = null;
        var headers = new RequestHeaders(request.Headers);
        if (!RequestQuery.TryParse(request.RawQuery, out RequestQuery query))
        {
            throw new S3Exception(S3Errors.InvalidUri);
        }

        string? host = headers.Host;
        S3Target target = S3Target.Parse(request.RawPath, host, _services.Options.BaseDomains);
        route = RouteTable.Find(request.Method, target.Scope, query, headers);
        DateTime now = Timestamps.WholeMilliseconds(_services.Clock.UtcNow);
        AuthResult auth = route.WithoutSignature
            ? AuthResult.Anonymous
            : _verifier.Verify(
                new AuthRequest(request.Method, request.RawPath, request.RawQuery, request.Headers)
                {
                    VirtualHostBucket = S3Target.VirtualBucket(host, _services.Options.BaseDomains) ?? "",
                },
                now);
        if (auth.Method == AuthMethod.Presigned && !auth.IsVersion2 && PresignedHeaders.Merge(request, query) is var merged && merged != request)
        {
            request = merged;
            headers = new RequestHeaders(request.Headers);
            route = RouteTable.Find(request.Method, target.Scope, query, headers);
        }

        return new OperationContext
        {
            Services = _services,
            Request = request,
            Query = query,
            Headers = headers,
            Target = target,
            RequestId = requestId,
            Auth = auth,
            NowUtc = now,
            Cancellation = cancellation,
        };
    }

    private static async ValueTask<S3Response> RunAsync(OperationContext context, Route route)
    {
        if (context.Auth.Failure is AuthFailure failure)
        {
            await LogStrangerAsync(context, route);
            throw BodyAndAuthErrors.Refusal(failure);
        }

        if (context.Target.Scope != TargetScope.Service && !BucketName.IsValid(context.BucketName))
        {
            throw new S3Exception(S3Errors.InvalidBucketName, ("BucketName", context.BucketName));
        }

        if (route.LooksUpBucket)
        {
            QueryResult found = await context.Metadata.QueryAsync(new GetBucketQuery(context.BucketName));
            context.ThrowIf(found.Error);
            context.Bucket = found.Bucket!;
            RequestLog.Begin(context, route, context.Bucket);
            if (context.Headers["x-amz-expected-bucket-owner"] is string expected && expected != context.Bucket.OwnerId)
            {
                throw new S3Exception(S3Errors.AccessDenied);
            }
        }

        return await route.Handler(context);
    }

    /// <summary>Who is refused by the signature learns nothing of the bucket; its owner, whose logs may show it, learns of the attempt.</summary>
    private static async ValueTask LogStrangerAsync(OperationContext context, Route route)
    {
        if (context.Services.AccessLogs is null || !route.LooksUpBucket || !BucketName.IsValid(context.BucketName))
        {
            return;
        }

        try
        {
            if ((await context.Metadata.QueryAsync(new GetBucketQuery(context.BucketName))).Bucket is { } bucket)
            {
                RequestLog.Begin(context, route, bucket);
            }
        }
        catch (StorageException)
        {
            // The refusal stands, whatever can be known of the bucket now.
        }
    }
}
