using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What is gathered for access logs while a request is handled: for the log of its bucket, and for that of the bucket it copies from.</summary>
/// <remarks>Made only where one of them is logged. The lines are written when the answer is over, and handed to the <see cref="AccessLogBuffer"/>.</remarks>
internal sealed class RequestLog
{
    /// <summary>Lines of many deletions that are written before room is asked for again.</summary>
    private const int DeletionsAtOnce = 50;

    private readonly OperationContext _context;
    private readonly AccessLogBuffer _buffer;
    private readonly LogSource? _source;
    private readonly string _operation;
    private readonly TimeSpan _begunAt;
    private List<LoggedStep>? _deletions;
    private (LogSource Source, LoggedStep Step, bool AclRequired)? _copySource;
    private AuthResult _auth;
    private string _key;
    private TimeSpan? _bodyEndedAt;
    private TimeSpan _readyAt;
    private int _isOver;

    private RequestLog(OperationContext context, AccessLogBuffer buffer, LogSource? source, string operation)
    {
        (_context, _buffer, _source, _operation) = (context, buffer, source, operation);
        (_auth, _key) = (context.Auth, context.Key);
        _begunAt = _readyAt = context.Services.Clock.Now;
    }

    /// <summary>Size of the object that the request is about; null when there is none.</summary>
    internal long? ObjectSize { get; set; }

    /// <summary>Code of a refusal.</summary>
    internal string? ErrorCode { get; set; }

    /// <summary>An ACL let the request in, and nothing else did.</summary>
    internal bool AclRequired { get; set; }

    /// <summary>Begins to gather, if the bucket is logged.</summary>
    internal static void Begin(OperationContext context, Route route, BucketRecord bucket)
    {
        if (FindSource(context, bucket) is { } source)
        {
            context.AccessLog = new RequestLog(context, context.Services.AccessLogs!, source, LoggedOperation.Of(route));
        }
    }

    /// <summary>Begins to gather what a visitor of a website asks, if the bucket is logged.</summary>
    internal static void BeginVisit(OperationContext context, BucketRecord bucket)
    {
        if (FindSource(context, bucket) is { } source)
        {
            context.AccessLog = new RequestLog(context, context.Services.AccessLogs!, source, LoggedOperation.OfWebsite(context.Request.Method));
        }
    }

    /// <summary>Takes note of the bucket that the request copies from, if that is logged.</summary>
    internal static void NoteCopySource(OperationContext context, BucketRecord bucket, string key, string? versionText)
    {
        if (FindSource(context, bucket) is { } source)
        {
            string operation = LoggedOperation.OfCopySource(isPart: context.Query.Has("uploadId"));
            context.AccessLog ??= new RequestLog(context, context.Services.AccessLogs!, source: null, operation: "");
            context.AccessLog._copySource = (source, new LoggedStep(operation, key, Status: null, ErrorCode: null, versionText), AclRequired: false);
        }
    }

    /// <summary>Takes note of what came of reading the source of a copy.</summary>
    internal void NoteCopied(int status, string? errorCode, long? objectSize)
    {
        if (_copySource is { } copied)
        {
            _copySource = copied with { Step = copied.Step with { Status = status, ErrorCode = errorCode, ObjectSize = objectSize } };
        }
    }

    /// <summary>The source of a copy was judged: what let that in says nothing of the bucket that is written to.</summary>
    /// <param name="before"><see cref="AclRequired"/> before it was judged.</param>
    internal void NoteCopyJudged(bool before)
    {
        if (_copySource is { } copied)
        {
            _copySource = copied with { AclRequired = AclRequired };
        }

        AclRequired = before;
    }

    /// <summary>Takes note of one deletion of many.</summary>
    internal void NoteDeletion(string key, string? versionText, S3Error? refusal)
    {
        if (_source is not null)
        {
            (_deletions ??= []).Add(new LoggedStep(LoggedOperation.BatchDelete, key, refusal?.Status ?? 204, refusal?.Code, versionText));
        }
    }

    /// <summary>The object that is read in the end.</summary>
    internal void TakeKey(string key) => _key = key;

    /// <summary>Takes the signer and the key of a form for those of the request.</summary>
    internal void TakeForm(AuthResult auth, string key) => (_auth, _key) = (auth, key);

    /// <summary>The last byte of the request came.</summary>
    internal void NoteBodyEnd() => _bodyEndedAt = _context.Services.Clock.Now;

    /// <summary>The answer is ready to be sent; its end (<see cref="S3Response.NoteEnd"/>) makes the lines.</summary>
    internal void NoteReady(S3Response response)
    {
        _readyAt = _context.Services.Clock.Now;
        response.AccessLog = this;
    }

    /// <summary>The answer is over: makes the lines. Any thread; the first call counts.</summary>
    /// <param name="status">HTTP status that was sent.</param>
    /// <param name="sentBytes">Bytes of the answer's body that were sent.</param>
    /// <param name="elapsed">From the first byte of the request to the last byte of the answer.</param>
    internal void End(int status, long sentBytes, TimeSpan elapsed)
    {
        TimeSpan received = _bodyEndedAt ?? (_context.Services.Clock.Now - elapsed);
        End(status, sentBytes, elapsed, _readyAt > received ? _readyAt - received : TimeSpan.Zero);
    }

    /// <summary>The client went away before there was an answer.</summary>
    internal void EndUnanswered() => End(status: null, 0, _context.Services.Clock.Now - _begunAt, turnAround: null);

    /// <summary>The bucket as a source of lines; null for most, which costs a look among its documents.</summary>
    private static LogSource? FindSource(OperationContext context, BucketRecord bucket)
    {
        if (context.Services.AccessLogs is null || !bucket.TryGetDocument(BucketDocuments.Logging, out ReadOnlyMemory<byte> document))
        {
            return null;
        }

        LoggingConfiguration settings = context.Services.Loggings.Get(document);
        return settings.IsEnabled ? LogSource.Of(context, bucket, settings) : null;
    }

    private void End(int? status, long sentBytes, TimeSpan elapsed, TimeSpan? turnAround)
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return;
        }

        if (!_buffer.HasRoom)
        {
            _buffer.NoteOverflow((_source is null ? 0 : 1 + (_deletions?.Count ?? 0)) + (_copySource is null ? 0 : 1));
            return;
        }

        var request = LoggedRequest.Of(_context, _auth, AclRequired);
        if (_source is not null)
        {
            var step = new LoggedStep(
                _operation, _key, status, status >= 400 ? ErrorCode : null, _context.Query["versionId"], sentBytes, ObjectSize, elapsed, turnAround, TellsRequest: true);
            Hand(_source, request, [step]);
            foreach (LoggedStep[] some in _deletions?.Chunk(DeletionsAtOnce) ?? [])
            {
                Hand(_source, request, some);
            }
        }

        if (_copySource is { } copied)
        {
            Hand(copied.Source, request with { AclRequired = copied.AclRequired }, [copied.Step]);
        }
    }

    private void Hand(LogSource source, LoggedRequest request, IReadOnlyList<LoggedStep> steps)
    {
        var lines = new AccessLogLine();
        foreach (LoggedStep step in steps)
        {
            lines.Add(source, request, step);
        }

        _buffer.Offer(new LoggedLines(source, request.AtUtc, lines.ToBytes(), lines.Count));
    }
}
