using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Reads a multipart/form-data body: the fields before the file into memory, then the file as content. Source: RFC 7578, RFC 2046, section 5.1.</summary>
internal sealed class FormReader : IContentSource
{
    private const int FieldsSizeBytesMax = 20 * 1024;
    private const int HeadersSizeBytesMax = 4 * 1024;

    private readonly PipeReader _body;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _delimiter;
    private bool _fileEnded;

    private FormReader(PipeReader body, string boundary, CancellationToken cancellation)
    {
        _body = body;
        _cancellation = cancellation;
        _delimiter = Encoding.ASCII.GetBytes($"\r\n--{boundary}");
    }

    /// <summary>Fields before the file, in order.</summary>
    internal List<KeyValuePair<string, string>> Fields { get; } = [];

    /// <summary>Name of the file as the client gave it.</summary>
    internal string FileName { get; private set; } = "";

    /// <inheritdoc/>
    public long? LengthBytes => null;

    /// <inheritdoc/>
    public Task Digesting => Task.CompletedTask;

    /// <summary>Reads up to the first byte of the file.</summary>
    /// <exception cref="S3Exception">MalformedPOSTRequest, MaxMessageLengthExceeded, InvalidArgument when there is no file.</exception>
    internal static async ValueTask<FormReader> OpenAsync(PipeReader body, string contentType, CancellationToken cancellation)
    {
        int at = contentType.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        string boundary = at < 0 ? "" : contentType[(at + "boundary=".Length)..].Split(';')[0].Trim().Trim('"');
        if (boundary.Length is 0 or > 70)
        {
            throw new S3Exception(S3Errors.MalformedPostRequest);
        }

        var form = new FormReader(body, boundary, cancellation);
        await form.ReadUntilAsync(form._delimiter.AsMemory(2), HeadersSizeBytesMax);
        int size = 0;
        while (true)
        {
            string end = Encoding.ASCII.GetString(await form.ReadUntilAsync("\r\n"u8.ToArray(), HeadersSizeBytesMax));
            if (end.StartsWith("--", StringComparison.Ordinal))
            {
                throw S3Exception.InvalidArgument("POST requires exactly one file upload per request.", "file", "0");
            }

            string headers = "\r\n" + Encoding.UTF8.GetString(await form.ReadUntilAsync("\r\n\r\n"u8.ToArray(), HeadersSizeBytesMax));
            string name = Parameter(headers, "name") ?? throw new S3Exception(S3Errors.MalformedPostRequest);
            if (name.Equals("file", StringComparison.OrdinalIgnoreCase))
            {
                form.FileName = Parameter(headers, "filename") ?? "";
                return form;
            }

            byte[] value = await form.ReadUntilAsync(form._delimiter, FieldsSizeBytesMax);
            size += name.Length + value.Length;
            if (size > FieldsSizeBytesMax)
            {
                throw new S3Exception(S3Errors.MaxMessageLengthExceeded);
            }

            form.Fields.Add(new(name, Encoding.UTF8.GetString(value)));
        }
    }

    /// <summary>Value of a field, by name without regard to case; null when absent.</summary>
    internal string? this[string name]
    {
        get
        {
            int index = Fields.FindIndex(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
            return index < 0 ? null : Fields[index].Value;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        int filled = 0;
        while (filled < destination.Length && !_fileEnded)
        {
            ReadResult read = await _body.ReadAsync(_cancellation);
            ReadOnlySequence<byte> buffer = read.Buffer;
            SequencePosition? found = Find(buffer, _delimiter);
            long certain = found is { } position ? buffer.Slice(0, position).Length : long.Max(0, buffer.Length - _delimiter.Length + 1);
            int count = (int)long.Min(certain, destination.Length - filled);
            buffer.Slice(0, count).CopyTo(destination.Span[filled..]);
            filled += count;
            _fileEnded = found is not null && count == certain;
            if (read.IsCompleted && found is null)
            {
                throw new S3Exception(S3Errors.IncompleteBody);
            }

            _body.AdvanceTo(buffer.GetPosition(count), count > 0 ? buffer.GetPosition(count) : buffer.End);
        }

        return filled;
    }

    private async ValueTask<byte[]> ReadUntilAsync(ReadOnlyMemory<byte> delimiter, int sizeMax)
    {
        while (true)
        {
            ReadResult read = await _body.ReadAsync(_cancellation);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (Find(buffer, delimiter) is { } position)
            {
                byte[] before = buffer.Slice(0, position).ToArray();
                _body.AdvanceTo(buffer.GetPosition(delimiter.Length, position));
                return before;
            }

            if (read.IsCompleted)
            {
                throw new S3Exception(S3Errors.MalformedPostRequest);
            }

            if (buffer.Length > sizeMax)
            {
                throw new S3Exception(S3Errors.MaxMessageLengthExceeded);
            }

            _body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static SequencePosition? Find(in ReadOnlySequence<byte> buffer, ReadOnlyMemory<byte> delimiter)
    {
        var reader = new SequenceReader<byte>(buffer);
        return reader.TryReadTo(out ReadOnlySequence<byte> before, delimiter.Span, advancePastDelimiter: false) ? before.End : null;
    }

    private static string? Parameter(string headers, string name)
    {
        int disposition = headers.IndexOf("\r\ncontent-disposition:", StringComparison.OrdinalIgnoreCase);
        int at = disposition < 0 ? -1 : headers.IndexOf($"; {name}=\"", disposition, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        int start = at + name.Length + 4;
        int end = headers.IndexOf('"', start);
        return end < 0 ? null : headers[start..end];
    }
}
