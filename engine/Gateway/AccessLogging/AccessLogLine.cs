using System;
using System.Globalization;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a line says of one operation; null or empty is unknown.</summary>
/// <param name="Operation">As <see cref="LoggedOperation"/> names it.</param>
/// <param name="Key">Of the object.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="ErrorCode">S3's.</param>
/// <param name="VersionId">That was asked for.</param>
/// <param name="SentBytes">Of the answer's body.</param>
/// <param name="ObjectSize">Of the object, in bytes.</param>
/// <param name="Total">From the first byte received to the last byte sent.</param>
/// <param name="TurnAround">From the last byte received to the first byte sent.</param>
/// <param name="TellsRequest">Target, referer and agent of the request are told; not for each of the many keys that one request deletes.</param>
internal readonly record struct LoggedStep(
    string Operation,
    string Key,
    int? Status,
    string? ErrorCode,
    string? VersionId,
    long SentBytes = 0,
    long? ObjectSize = null,
    TimeSpan? Total = null,
    TimeSpan? TurnAround = null,
    bool TellsRequest = false);

/// <summary>Writes lines of access logs.</summary>
/// <remarks>
/// Fields are apart by blanks, some are in quotes, a dash is what is unknown. Whatever a client sends is percent-encoded where it could end a field, a quote or a line, or where it is not ASCII, and cut
/// when it is too long: what a line says of one request cannot look like another one.
/// Source: Amazon S3 User Guide, "Amazon S3 server access log format".
/// </remarks>
internal sealed class AccessLogLine
{
    /// <summary>Room for a key of 1024 bytes and the query of a presigned URL.</summary>
    private const int TextLengthMax = 8 * 1024;

    /// <summary>Longest host, id of a version, and the like.</summary>
    private const int NameLengthMax = 512;

    private readonly StringBuilder _text = new(512);

    /// <summary>Lines so far.</summary>
    internal int Count { get; private set; }

    /// <summary>The lines, in ASCII.</summary>
    internal byte[] ToBytes() => Encoding.ASCII.GetBytes(_text.ToString());

    /// <summary>Adds a line.</summary>
    /// <param name="source">The bucket.</param>
    /// <param name="request">What all lines of a request have in common.</param>
    /// <param name="step">What is this line's own.</param>
    internal void Add(LogSource source, LoggedRequest request, in LoggedStep step)
    {
        Count++;
        _text.Append(source.OwnerId).Append(' ').Append(source.Bucket);
        _text.Append(CultureInfo.InvariantCulture, $" [{request.AtUtc:dd/MMM/yyyy:HH:mm:ss} +0000]");
        Name(request.RemoteAddress);
        Name(request.Requester);
        Name(request.RequestId);
        Name(step.Operation);
        Name(PercentEncoding.EncodeForListing(Cut(step.Key)), TextLengthMax);
        Quoted(request.Target, step.TellsRequest);
        Number(step.Status);
        Name(step.ErrorCode);
        Number(step.SentBytes == 0 ? null : step.SentBytes);
        Number(step.ObjectSize);
        Number((long?)step.Total?.TotalMilliseconds);
        Number((long?)step.TurnAround?.TotalMilliseconds);
        Quoted(request.Referer, step.TellsRequest);
        Quoted(request.UserAgent, step.TellsRequest);
        Name(step.VersionId);
        Name(request.HostId);
        Name(request.SignatureVersion);
        Name(request.CipherSuite);
        Name(request.AuthenticationType);
        Name(request.Host);
        Name(request.TlsVersion);
        _text.Append(" -"); // access points are not there
        Name(request.AclRequired ? "Yes" : null);
        _text.Append(" -\n"); // nor is the region known that a request came from
    }

    // No object has a longer key; a client may name one all the same.
    private static string Cut(string key)
    {
        int length = 0;
        int bytes = 0;
        foreach (Rune rune in key.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > S3Target.KeySizeBytesMax)
            {
                return key[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return key;
    }

    private void Number(long? value)
    {
        _text.Append(' ');
        if (value is { } number)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{number}");
        }
        else
        {
            _text.Append('-');
        }
    }

    private void Name(string? value, int lengthMax = NameLengthMax)
    {
        _text.Append(' ');
        if (string.IsNullOrEmpty(value))
        {
            _text.Append('-');
        }
        else
        {
            Encoded(value, blanks: false, lengthMax);
        }
    }

    private void Quoted(string? value, bool isTold)
    {
        if (!isTold)
        {
            _text.Append(" -");
            return;
        }

        _text.Append(" \"");
        Encoded(string.IsNullOrEmpty(value) ? "-" : value, blanks: true, TextLengthMax);
        _text.Append('"');
    }

    private void Encoded(string value, bool blanks, int lengthMax)
    {
        int end = _text.Length + lengthMax;
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (_text.Length >= end)
            {
                return;
            }

            bool isPlain = rune.Value is > ' ' and < 0x7f and not '"' and not '\\';
            if (isPlain || (blanks && rune.Value == ' '))
            {
                _text.Append((char)rune.Value);
                continue;
            }

            int length = rune.EncodeToUtf8(bytes);
            foreach (byte one in bytes[..length])
            {
                PercentEncoding.AppendEncoded(_text, one);
            }
        }
    }
}
