using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;
using TraceLevel = ObjectStore.Engine.Kernel.TraceLevel;

namespace ObjectStore.Engine.Host;

/// <summary>What Kestrel runs for each request: translate, ask the gateway, send the answer. No middleware, no HttpContext.</summary>
/// <remarks>An answer that fails after its headers went out cuts the connection, so that no client takes a part for the whole.</remarks>
internal sealed class S3HttpApplication(IS3Gateway gateway, OperationsPages pages, RequestMetrics metrics, ITrace trace)
    : IHttpApplication<IFeatureCollection>
{
    private const string ServerName = "ObjectStore";

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // Nothing is kept per request.
    }

    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        var answer = context.Get<IHttpResponseFeature>()!;
        answer.Headers.Server = ServerName;
        if (pages.TryFind(context, out OperationsPage page))
        {
            await SendAsync(context, await pages.RenderAsync(page), "GET");
            return;
        }

        S3Request? request = RequestTranslation.Translate(context);
        if (request is null)
        {
            answer.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        metrics.Begin();
        long began = Stopwatch.GetTimestamp();
        string operation = "";
        int status = 0;
        long sentBytes = 0;
        S3Response? answered = null;
        try
        {
            CancellationToken aborted = context.Get<IHttpRequestLifetimeFeature>()!.RequestAborted;
            await using S3Response response = await gateway.HandleAsync(request, aborted);
            answered = response;
            operation = response.Operation;
            sentBytes = await SendAsync(context, response, request.Method);
            status = response.Status;
        }
        catch (Exception failure)
        {
            status = Refuse(context, failure);
            if (status != 0 && answered is not null)
            {
                answered.Status = status;
            }
        }
        finally
        {
            // What broke off was sent in part.
            sentBytes = answered?.Stream?.WrittenBytes ?? sentBytes;
            TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
            answered?.NoteEnd(sentBytes, elapsed);
            metrics.End(operation.Length > 0 ? operation : "other", status, elapsed, request.ContentLength ?? 0, sentBytes);
        }
    }

    private static async ValueTask<long> SendAsync(IFeatureCollection context, S3Response response, string method)
    {
        var answer = context.Get<IHttpResponseFeature>()!;
        answer.StatusCode = response.Status;
        CopyHeaders(response.Headers, answer.Headers);
        CloseUnlessBodyIsSettled(context, response.Status);
        bool hasBody = method != "HEAD" && response.Status is not (204 or 304);
        if (response.Status == 204)
        {
            answer.Headers.ContentLength = null;
        }

        if (!hasBody)
        {
            return 0;
        }

        var body = context.Get<IHttpResponseBodyFeature>()!;
        if (response.Stream is null)
        {
            answer.Headers.ContentLength ??= response.Body.Length;
            await body.Writer.WriteAsync(response.Body);
            return response.Body.Length;
        }

        // Started before the first byte is written, Kestrel hands out its own memory; else it would copy the first block.
        await body.StartAsync();
        await response.Stream.WriteToAsync(body.Writer, context.Get<IHttpRequestLifetimeFeature>()!.RequestAborted);
        return response.Stream.WrittenBytes;
    }

    /// <summary>
    /// A client that asked first (Expect: 100-continue) and is refused does not send its body, but the server cannot tell whether it will: what comes next on the
    /// connection would be taken for that body. So the connection ends with the refusal (RFC 9110, section 10.1.1), as Amazon S3 does.
    /// </summary>
    private static void CloseUnlessBodyIsSettled(IFeatureCollection context, int status)
    {
        var request = context.Get<IHttpRequestFeature>()!;
        if (status >= StatusCodes.Status300MultipleChoices && request.Headers.Expect.Count > 0 && request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal))
        {
            context.Get<IHttpResponseFeature>()!.Headers.Connection = "close";
        }
    }

    private static void CopyHeaders(List<KeyValuePair<string, string>> from, IHeaderDictionary to)
    {
        foreach ((string name, string value) in from)
        {
            if (string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                to.ContentLength = long.Parse(value, CultureInfo.InvariantCulture);
            }
            else if (to.TryGetValue(name, out StringValues before) && !string.Equals(name, "Server", StringComparison.OrdinalIgnoreCase))
            {
                to[name] = StringValues.Concat(before, value);
            }
            else
            {
                to[name] = value;
            }
        }
    }

    // What the gateway lets through: the client went away or is too slow, or a bug.
    private int Refuse(IFeatureCollection context, Exception failure)
    {
        if (failure is InvariantViolationException)
        {
            ProcessFailure.End("a request", failure);
        }

        var answer = context.Get<IHttpResponseFeature>()!;
        bool gone = failure is OperationCanceledException;
        if (!gone && failure is not IOException)
        {
            trace.Emit(TraceLevel.Error, "http", "request-failed", ("failure", failure.ToString()));
        }

        if (gone || answer.HasStarted)
        {
            context.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return 0;
        }

        answer.Headers.Clear();
        answer.Headers.Server = ServerName;
        answer.Headers.ContentLength = 0;
        CloseUnlessBodyIsSettled(context, StatusCodes.Status500InternalServerError);
        answer.StatusCode = failure switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            IOException => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError,
        };
        return answer.StatusCode;
    }
}
