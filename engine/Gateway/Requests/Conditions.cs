using System;
using System.Collections.Generic;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Conditional headers of reads and writes. Source: RFC 9110, section 13; Amazon S3 API Reference, GetObject and CopyObject.</summary>
internal static class Conditions
{
    private static readonly string[] ReadNames = ["If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since"];

    private static readonly string[] CopyNames =
    [
        "x-amz-copy-source-if-match", "x-amz-copy-source-if-unmodified-since", "x-amz-copy-source-if-none-match",
        "x-amz-copy-source-if-modified-since",
    ];

    /// <summary>Decides a conditional read.</summary>
    /// <exception cref="S3Exception">PreconditionFailed (412) or NotModified (304, with the headers that go with it).</exception>
    internal static void CheckRead(RequestHeaders headers, ObjectRecord current)
    {
        string? failed = Failing(headers, ReadNames, current, out bool notModified);
        if (failed is null)
        {
            return;
        }

        if (!notModified)
        {
            throw new S3Exception(S3Errors.PreconditionFailed, ("Condition", failed));
        }

        var unchanged = new S3Exception(S3Errors.NotModified);
        unchanged.Headers.Add(new KeyValuePair<string, string>("ETag", $"\"{current.ETag}\""));
        unchanged.Headers.Add(new KeyValuePair<string, string>("Last-Modified", Timestamps.Http(current.ModifiedUtc)));
        throw unchanged;
    }

    /// <summary>Decides the conditions that a copy puts on its source; every failure is 412.</summary>
    /// <exception cref="S3Exception">PreconditionFailed.</exception>
    internal static void CheckCopySource(RequestHeaders headers, ObjectRecord source)
    {
        if (Failing(headers, CopyNames, source, out _) is string failed)
        {
            throw new S3Exception(S3Errors.PreconditionFailed, ("Condition", failed));
        }
    }

    /// <summary>Conditions of a put, a completion or a copy; null when there are none.</summary>
    internal static WriteConditions? ForWrite(RequestHeaders headers)
    {
        string? match = headers["If-Match"];
        string? noneMatch = headers["If-None-Match"];
        return match is null && noneMatch is null ? null : new WriteConditions(Tags(match), Tags(noneMatch));
    }

    /// <summary>Conditions of a delete; null when there are none.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static WriteConditions? ForDelete(RequestHeaders headers)
    {
        string? match = headers["If-Match"];
        string? modified = headers["x-amz-if-match-last-modified-time"];
        string? size = headers["x-amz-if-match-size"];
        if (match is null && modified is null && size is null)
        {
            return null;
        }

        DateTime? modifiedUtc = null;
        if (modified is not null)
        {
            modifiedUtc = Timestamps.TryParseHttp(modified, out DateTime parsed)
                ? parsed
                : throw S3Exception.InvalidArgument("Invalid time", "x-amz-if-match-last-modified-time", modified);
        }

        return new WriteConditions(Tags(match), null, modifiedUtc, size is null ? null : Numbers.ParseLong(size, "x-amz-if-match-size"));
    }

    private static string? Failing(RequestHeaders headers, string[] names, ObjectRecord current, out bool notModified)
    {
        notModified = false;
        DateTime modified = Timestamps.WholeSeconds(current.ModifiedUtc);
        string? match = headers[names[0]];
        if (match is not null)
        {
            if (!Contains(Tags(match)!, current.ETag))
            {
                return names[0];
            }
        }
        else if (headers[names[1]] is string unmodified && Timestamps.TryParseHttp(unmodified, out DateTime since) && modified > since)
        {
            return names[1];
        }

        notModified = true;
        string? noneMatch = headers[names[2]];
        if (noneMatch is not null)
        {
            return Contains(Tags(noneMatch)!, current.ETag) ? names[2] : null;
        }

        return headers[names[3]] is string text && Timestamps.TryParseHttp(text, out DateTime after) && modified <= after ? names[3] : null;
    }

    private static bool Contains(List<string> tags, string etag) => tags.Exists(tag => tag == "*" || tag == etag);

    private static List<string>? Tags(string? header)
    {
        if (header is null)
        {
            return null;
        }

        List<string> tags = [];
        foreach (string part in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string tag = part.StartsWith("W/", StringComparison.Ordinal) ? part[2..] : part;
            tags.Add(tag.Trim('"'));
        }

        return tags;
    }
}
