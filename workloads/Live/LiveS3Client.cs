using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Live;

/// <summary>One client of a live endpoint with one connection: sends, waits, checks. Every call blocks its thread; no retries.</summary>
/// <remarks>
/// A body that is read is compared byte by byte with the <see cref="TileContent"/> that it must come from: <c>WrongContent</c>. Pages of listings must be in
/// order: <c>WrongOrder</c>. Answers that end early are unknown outcomes, counted by kind in <see cref="LastFailure"/>.
/// </remarks>
public sealed class LiveS3Client : IS3Client, IDisposable
{
    private const int SendWithHeadBytesMax = 48 * 1024;

    private readonly S3Endpoint _endpoint;
    private readonly TimeSpan _timeout;
    private readonly TileContent? _content;
    private readonly RequestWriter _writer;
    private readonly byte[] _together = new byte[64 * 1024];
    private byte[] _document = new byte[64 * 1024];
    private WireConnection? _connection;
    private ResponseReader? _reader;

    /// <summary>A client; it connects with the first request.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="timeout">Of each read and write of the connection.</param>
    /// <param name="content">What bodies must come from; null compares nothing.</param>
    public LiveS3Client(S3Endpoint endpoint, TimeSpan timeout, TileContent? content)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        (_endpoint, _timeout, _content) = (endpoint, timeout, content);
        _writer = new RequestWriter(new RequestSigner(endpoint.Address.Authority, endpoint.AccessKey, endpoint.SecretKey, endpoint.Region));
    }

    /// <summary>Why the last outcome is unknown.</summary>
    public string LastFailure { get; private set; } = "";

    /// <inheritdoc/>
    public ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default) => new(Send(operation));

    /// <summary>What an error is counted as.</summary>
    public string KindOf(S3Result? result) => result is null ? $"no answer: {LastFailure}" : $"{result.Status} {result.Code}";

    /// <inheritdoc/>
    public void Dispose() => Close();

    /// <summary>As <see cref="SendAsync"/>, in so many words.</summary>
    public S3Result? Send(S3Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        bool isFresh = _connection is null;
        try
        {
            return Exchange(operation);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            bool idleClose = !isFresh && _reader is { HasBegun: false } && operation.OnlyReads;
            Close();
            if (!idleClose)
            {
                LastFailure = failure.Message;
                return null;
            }
        }

        // The server may have closed the connection before the request came; for a read it is safe to ask again.
        try
        {
            return Exchange(operation);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            Close();
            LastFailure = failure.Message;
            return null;
        }
    }

    private S3Result Exchange(S3Operation operation)
    {
        if (_connection is null)
        {
            _connection = new WireConnection(_endpoint.Address, _timeout);
            _reader = new ResponseReader(_connection);
        }

        ReadOnlySpan<byte> head = _writer.Write(operation, out ReadOnlyMemory<byte> body);
        if (body.Length <= SendWithHeadBytesMax)
        {
            head.CopyTo(_together);
            body.Span.CopyTo(_together.AsSpan(head.Length));
            _connection.Send(_together.AsSpan(0, head.Length + body.Length));
        }
        else
        {
            _connection.Send(head);
            _connection.Send(body.Span);
        }

        ResponseReader reader = _reader!;
        reader.ReadHead(hasBody: operation.Verb is not (S3Verb.Head or S3Verb.HeadBucket));
        bool keepsAlive = reader.KeepsAlive;
        S3Result result = Read(operation, reader);
        if (!keepsAlive)
        {
            Close();
        }

        return result;
    }

    private S3Result Read(S3Operation operation, ResponseReader reader)
    {
        int status = reader.Status;
        if (status is < 200 or > 299)
        {
            List<KeyValuePair<string, string>> headers = reader.Headers();
            reader.LeaveHead();
            return Library.S3Answer.Read(operation, status, headers, ReadDocument(reader));
        }

        switch (operation.Verb)
        {
            case S3Verb.Get:
                return ReadObject(operation, reader);
            case S3Verb.Head:
                long length = reader.ContentLength;
                var found = new S3Result { ETag = ETag(reader), VersionId = Text(reader, "x-amz-version-id"u8), Content = new ContentDigest(length, 0, "") };
                reader.LeaveHead();
                return found;
            case S3Verb.Put or S3Verb.Delete or S3Verb.UploadPart:
                var stored = new S3Result { Status = status, ETag = ETag(reader), VersionId = Text(reader, "x-amz-version-id"u8) };
                reader.LeaveHead();
                ReadDocument(reader);
                return stored;
            case S3Verb.List:
                reader.LeaveHead();
                return ListingPage.Read(ReadDocument(reader).Span);
            default:
                List<KeyValuePair<string, string>> headers = reader.Headers();
                reader.LeaveHead();
                return Library.S3Answer.Read(operation, status, headers, ReadDocument(reader));
        }
    }

    private S3Result ReadObject(S3Operation operation, ResponseReader reader)
    {
        string? version = Text(reader, "x-amz-version-id"u8);
        reader.LeaveHead();
        long at = operation.Range?.First ?? 0;
        long read = 0;
        int position = -1;
        bool matches = true;
        while (true)
        {
            ReadOnlySpan<byte> piece = reader.ReadBody(64 * 1024);
            if (piece.IsEmpty)
            {
                break;
            }

            if (_content is not null && matches)
            {
                matches = (position >= 0 || _content.TryLocate(operation.Key, at, piece, out position)) && _content.Matches(position, at, piece);
            }

            at += piece.Length;
            read += piece.Length;
        }

        return matches ? new S3Result { VersionId = version, Content = new ContentDigest(read, 0, "") } : S3Result.Refused(200, "WrongContent");
    }

    private ReadOnlyMemory<byte> ReadDocument(ResponseReader reader)
    {
        int length = 0;
        while (true)
        {
            ReadOnlySpan<byte> piece = reader.ReadBody(64 * 1024);
            if (piece.IsEmpty)
            {
                return _document.AsMemory(0, length);
            }

            if (length + piece.Length > _document.Length)
            {
                Array.Resize(ref _document, Math.Max(2 * _document.Length, length + piece.Length));
            }

            piece.CopyTo(_document.AsSpan(length));
            length += piece.Length;
        }
    }

    private static string ETag(ResponseReader reader) => Text(reader, "etag"u8)?.Trim('"') ?? "";

    private static string? Text(ResponseReader reader, ReadOnlySpan<byte> name) =>
        reader.Find(name) is { IsEmpty: false } value ? Encoding.UTF8.GetString(value) : null;

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
        _reader = null;
    }
}
