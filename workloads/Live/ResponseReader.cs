using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace ObjectStore.Workloads.Live;

/// <summary>Reads answers of HTTP/1.1 from a connection through one buffer: the head in place, the body in pieces as they come.</summary>
internal sealed class ResponseReader(WireConnection connection)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 * 1024, pinned: true);
    private int _start;
    private int _end;
    private int _headEnd;
    private long _bodyLeft;
    private bool _isChunked;
    private bool _chunkOpen;

    /// <summary>The status of the answer.</summary>
    internal int Status { get; private set; }

    /// <summary>Content-Length, or -1.</summary>
    internal long ContentLength { get; private set; }

    /// <summary>Whether the server keeps the connection open.</summary>
    internal bool KeepsAlive { get; private set; }

    /// <summary>Any byte of this answer has come.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>Reads status and headers.</summary>
    /// <exception cref="IOException">The connection ended, or this is no HTTP answer.</exception>
    internal void ReadHead(bool hasBody)
    {
        HasBegun = false;
        if (_start == _end)
        {
            _start = _end = 0;
        }

        int searched = _start;
        int end;
        while ((end = _buffer.AsSpan(searched, _end - searched).IndexOf("\r\n\r\n"u8)) < 0)
        {
            searched = Math.Max(_start, _end - 3);
            Fill();
        }

        _headEnd = searched + end + 2;
        ReadOnlySpan<byte> head = _buffer.AsSpan(_start, _headEnd - _start);
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head.Slice(9, 3), out int status, out _))
        {
            throw new IOException("no HTTP answer");
        }

        Status = status;
        ContentLength = Find("content-length"u8) is { IsEmpty: false } length && Utf8Parser.TryParse(length, out long bytes, out _) ? bytes : -1;
        _isChunked = ContentLength < 0 && Find("transfer-encoding"u8).SequenceEqual("chunked"u8);
        KeepsAlive = !Find("connection"u8).SequenceEqual("close"u8);
        _bodyLeft = !hasBody || status is 204 or 304 || _isChunked ? 0 : ContentLength;
        _isChunked &= hasBody && status is not (204 or 304);
        _chunkOpen = false;
        if (_bodyLeft < 0)
        {
            throw new IOException("an answer without a length");
        }
    }

    /// <summary>The value of a header, by its name in lower case; empty when absent. Valid until the body is read.</summary>
    internal ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _headEnd - _start);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 2)..];
            if (line.Length > name.Length && line[name.Length] == (byte)':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                return line[(name.Length + 1)..].Trim((byte)' ');
            }
        }

        return [];
    }

    /// <summary>All headers, as text.</summary>
    internal List<KeyValuePair<string, string>> Headers()
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (string line in Encoding.UTF8.GetString(_buffer, _start, _headEnd - _start).Split("\r\n")[1..])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
            }
        }

        return headers;
    }

    /// <summary>Ends with the headers; the body follows.</summary>
    internal void LeaveHead() => _start = _headEnd + 2;

    /// <summary>The next piece of the body; empty at its end. Valid until the next call.</summary>
    /// <param name="wanted">At most this many bytes are waited for; a piece is shorter only at the end of the body or of a chunk.</param>
    /// <exception cref="IOException">The connection ended before the body did.</exception>
    internal ReadOnlySpan<byte> ReadBody(int wanted)
    {
        if (_bodyLeft == 0 && _isChunked)
        {
            NextChunk();
        }

        if (_bodyLeft == 0)
        {
            return [];
        }

        if (_start == _end)
        {
            _start = _end = 0;
        }

        int length = (int)Math.Min(Math.Min(wanted, _buffer.Length / 2), _bodyLeft);
        while (_end - _start < length)
        {
            Fill();
        }

        ReadOnlySpan<byte> piece = _buffer.AsSpan(_start, length);
        _start += length;
        _bodyLeft -= length;
        return piece;
    }

    private void NextChunk()
    {
        if (_chunkOpen)
        {
            Line();
        }

        ReadOnlySpan<byte> size = Line();
        int end = size.IndexOf((byte)';');
        size = end < 0 ? size : size[..end];
        if (!Utf8Parser.TryParse(size, out long bytes, out _, 'X'))
        {
            throw new IOException("a chunk without a size");
        }

        (_bodyLeft, _chunkOpen) = (bytes, true);
        if (bytes == 0)
        {
            _isChunked = false;
            while (!Line().IsEmpty)
            {
                // A trailer.
            }
        }
    }

    private ReadOnlySpan<byte> Line()
    {
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            Fill();
        }

        ReadOnlySpan<byte> line = _buffer.AsSpan(_start, end);
        _start += end + 2;
        return line;
    }

    private void Fill()
    {
        if (_end == _buffer.Length)
        {
            if (_start == 0)
            {
                throw new IOException("a head larger than the buffer");
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        int read = connection.Receive(_buffer.AsSpan(_end));
        if (read == 0)
        {
            throw new IOException("connection closed");
        }

        HasBegun = true;
        _end += read;
    }
}
