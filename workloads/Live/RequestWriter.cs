using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Library;

namespace ObjectStore.Workloads.Live;

/// <summary>Writes the head of a request into one buffer. The plain operations take no detour over strings; the others go through <see cref="S3Wire"/>.</summary>
internal sealed class RequestWriter(RequestSigner signer)
{
    private readonly byte[] _head = new byte[16 * 1024];
    private readonly byte[] _path = new byte[4096];

    /// <summary>The head, valid until the next call, and the body.</summary>
    internal ReadOnlySpan<byte> Write(S3Operation operation, out ReadOnlyMemory<byte> body)
    {
        bool isPlain = operation is { VersionId: null, IfMatch: null, IfNoneMatch: null, Range: null };
        body = operation.Body;
        return operation.Verb switch
        {
            S3Verb.Put when isPlain => Write("PUT"u8, Path(operation), [], body.Length, []),
            S3Verb.Get when isPlain => Write("GET"u8, Path(operation), [], -1, []),
            S3Verb.Head when isPlain => Write("HEAD"u8, Path(operation), [], -1, []),
            S3Verb.Delete when isPlain => Write("DELETE"u8, Path(operation), [], -1, []),
            _ => WriteAny(operation, out body),
        };
    }

    private ReadOnlySpan<byte> WriteAny(S3Operation operation, out ReadOnlyMemory<byte> body)
    {
        S3WireRequest wire = S3Wire.Write(operation);
        body = wire.Body;
        string query = string.Join('&', wire.Query.Split('&').Order(StringComparer.Ordinal));
        bool hasBody = wire.Method is "PUT" or "POST";
        return Write(
            Encoding.ASCII.GetBytes(wire.Method), Encoding.ASCII.GetBytes(wire.Path), Encoding.ASCII.GetBytes(query), hasBody ? body.Length : -1, wire.Headers);
    }

    private ReadOnlySpan<byte> Write(
        ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, long length, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        int at = 0;
        Add(method, ref at);
        Add(" "u8, ref at);
        Add(path, ref at);
        if (!query.IsEmpty)
        {
            Add("?"u8, ref at);
            Add(query, ref at);
        }

        Add(" HTTP/1.1\r\n"u8, ref at);
        at += signer.WriteHeaders(method, path, query, _head.AsSpan(at));
        for (int index = 0; index < headers.Count; index++)
        {
            at += Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{headers[index].Key}: {headers[index].Value}\r\n"), _head.AsSpan(at));
        }

        if (length >= 0)
        {
            Add("Content-Length: "u8, ref at);
            Utf8Formatter.TryFormat(length, _head.AsSpan(at), out int digits);
            at += digits;
            Add("\r\n"u8, ref at);
        }

        Add("\r\n"u8, ref at);
        return _head.AsSpan(0, at);
    }

    private void Add(ReadOnlySpan<byte> bytes, ref int at)
    {
        bytes.CopyTo(_head.AsSpan(at));
        at += bytes.Length;
    }

    private ReadOnlySpan<byte> Path(S3Operation operation)
    {
        _path[0] = (byte)'/';
        int at = 1 + Encoding.ASCII.GetBytes(operation.Bucket, _path.AsSpan(1));
        _path[at++] = (byte)'/';
        foreach (char letter in operation.Key)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('/' or '-' or '_' or '.' or '~'))
            {
                // Rare in load runs, so by the way of strings.
                return Encoding.ASCII.GetBytes(S3Wire.Write(operation).Path);
            }

            _path[at++] = (byte)letter;
        }

        return _path.AsSpan(0, at);
    }
}
