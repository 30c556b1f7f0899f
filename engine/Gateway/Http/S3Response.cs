using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>The answer to an <see cref="S3Request"/>: status and headers first, then the body when the server asks for it. Dispose it always.</summary>
public sealed class S3Response : IAsyncDisposable
{
    /// <summary>HTTP status.</summary>
    public required int Status { get; set; }

    /// <summary>Name of the operation as S3 spells it (<c>PutObject</c>), for metrics and logs; empty when the request could not be told.</summary>
    public string Operation { get; set; } = "";

    /// <summary>Headers to send; Content-Length is among them unless the length is unknown.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>A body that is in memory already (XML); empty for none. Its memory may serve others once the answer is disposed.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>A body that streams; null when <see cref="Body"/> is all. Not set for HEAD.</summary>
    public IResponseStream? Stream { get; set; }

    /// <summary>Where <see cref="Body"/> lies, when that goes back to the shared pool with the answer.</summary>
    internal byte[]? PooledBody { get; set; }

    /// <summary>What access logs are to say of the request; null for most.</summary>
    internal RequestLog? AccessLog { get; set; }

    /// <summary>Says that the answer is over, sent whole or not; for access logs. Whoever sends it does so once. Any thread; costs nothing unless the request is logged.</summary>
    /// <param name="sentBytes">Bytes of the body that were sent.</param>
    /// <param name="elapsed">How long it took from the first byte of the request to the last one of the answer.</param>
    public void NoteEnd(long sentBytes, TimeSpan elapsed) => AccessLog?.End(Status, sentBytes, elapsed);

    /// <summary>Sets a header, replacing one of the same name.</summary>
    public void SetHeader(string name, string value)
    {
        Headers.RemoveAll(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase));
        Headers.Add(new KeyValuePair<string, string>(name, value));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (PooledBody is { } pooled)
        {
            (PooledBody, Body) = (null, default);
            ArrayPool<byte>.Shared.Return(pooled);
        }

        return Stream?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}

/// <summary>A body that is produced while it is sent.</summary>
public interface IResponseStream : IAsyncDisposable
{
    /// <summary>Bytes that the destination has taken so far, also when writing failed.</summary>
    long WrittenBytes { get; }

    /// <summary>Writes the whole body, flushing as it goes and stopping when the reader is gone. Failure after the headers went out cuts the connection, so that
    /// no client takes a short body for the whole.</summary>
    ValueTask WriteToAsync(PipeWriter destination, CancellationToken cancellation);
}

/// <summary>The S3 API.</summary>
public interface IS3Gateway
{
    /// <summary>Answers one request. Every failure a client can cause or meet becomes an S3 error answer; only cancellation and engine bugs throw.</summary>
    ValueTask<S3Response> HandleAsync(S3Request request, CancellationToken cancellation);
}
