using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ObjectStore.Workloads.Ceiling;

/// <summary>Keeps objects of the pool in memory and drops all others.</summary>
/// <param name="log">Where the bodies of all puts become durable first; null for nowhere.</param>
internal sealed class CeilingApplication(GroupCommitLog? log) : IHttpApplication<IFeatureCollection>
{
    /// <summary>As much of a body goes into the log at once: the chunk of the store, and what Kestrel holds of a request.</summary>
    private const int AppendBytes = 1024 * 1024;

    private readonly ConcurrentDictionary<string, byte[]> _kept = new(StringComparer.Ordinal);

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // Nothing is kept per request.
    }

    public Task ProcessRequestAsync(IFeatureCollection context)
    {
        var request = context.Get<IHttpRequestFeature>()!;
        var answer = context.Get<IHttpResponseFeature>()!;
        switch (request.Method)
        {
            case "PUT":
                return PutAsync(context, request, answer);
            case "GET" or "HEAD":
                _kept.TryGetValue(request.RawTarget, out byte[]? found);
                answer.StatusCode = found is null ? 404 : 200;
                answer.Headers.ContentLength = found?.Length ?? 0;
                answer.Headers.ETag = "\"00000000000000000000000000000000\"";
                return found is null || request.Method == "HEAD" ? Task.CompletedTask : WriteAsync(context.Get<IHttpResponseBodyFeature>()!.Writer, found);
            default:
                answer.StatusCode = 204;
                return Task.CompletedTask;
        }
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] body)
    {
        for (int at = 0; at < body.Length; at += 1024 * 1024)
        {
            await writer.WriteAsync(body.AsMemory(at, Math.Min(1024 * 1024, body.Length - at)));
        }
    }

    private async Task PutAsync(IFeatureCollection context, IHttpRequestFeature request, IHttpResponseFeature answer)
    {
        long length = request.Headers.ContentLength ?? 0;
        if (request.Headers.TransferEncoding.Count > 0)
        {
            answer.StatusCode = 411;
            return;
        }

        byte[]? keep = request.RawTarget.Contains("/pool/", StringComparison.Ordinal) ? new byte[length] : null;
        PipeReader body = context.Get<IRequestBodyPipeFeature>()!.Reader;
        long at = 0;
        while (at < length)
        {
            ReadResult read = await body.ReadAsync();
            if (log is not null && !read.IsCompleted && read.Buffer.Length < Math.Min(length - at, AppendBytes))
            {
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            if (keep is not null)
            {
                read.Buffer.CopyTo(keep.AsSpan((int)at));
            }

            if (log is not null)
            {
                await log.AppendAsync(read.Buffer);
            }

            at += read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
        }

        if (log is not null && length == 0)
        {
            await log.AppendAsync(ReadOnlySequence<byte>.Empty);
        }

        if (keep is not null)
        {
            _kept[request.RawTarget] = keep;
        }

        answer.Headers.ContentLength = 0;
        answer.Headers.ETag = "\"00000000000000000000000000000000\"";
    }
}
