using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Headers that are kept with an object: the system ones and user metadata.</summary>
internal static class ObjectHeaders
{
    /// <summary>What names of user metadata begin with.</summary>
    internal const string UserPrefix = "x-amz-meta-";

    /// <summary>Content type of objects that were put without one.</summary>
    internal const string DefaultContentType = "binary/octet-stream";

    /// <summary>Largest user metadata, names without prefix and values together, in bytes.</summary>
    internal const int UserSizeBytesMax = 2 * 1024;

    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static c => (char)c).Where(static c => c != '\t'), '\x7f']);

    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] System =
    [
        "content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires",
        RedirectLocation.Header,
    ];

    /// <summary>Collects them from a request.</summary>
    /// <exception cref="S3Exception">MetadataTooLarge, InvalidArgument, InvalidRedirectLocation.</exception>
    internal static List<KeyValuePair<string, string>> Collect(RequestHeaders headers)
    {
        List<KeyValuePair<string, string>> kept = [];
        foreach (string name in System)
        {
            if (headers[name] is string value && Kept(name, value) is { Length: > 0 } text)
            {
                if (!IsFieldValue(text))
                {
                    throw S3Exception.InvalidArgument("Header value contains control characters.", name, text);
                }

                if (name == RedirectLocation.Header)
                {
                    RedirectLocation.Check(text);
                }

                kept.Add(new KeyValuePair<string, string>(name, text));
            }
        }

        CollectUser(headers, kept);
        return kept;
    }

    private static void CollectUser(RequestHeaders headers, List<KeyValuePair<string, string>> kept)
    {
        int size = 0;
        int first = kept.Count;
        foreach ((string rawName, string rawValue) in headers.All)
        {
            if (!rawName.StartsWith(UserPrefix, StringComparison.OrdinalIgnoreCase) || rawName.Length == UserPrefix.Length)
            {
                continue;
            }

            string name = rawName.ToLowerInvariant();
            string value = RequestHeaders.RepairUtf8(rawValue);
            size += name.Length - UserPrefix.Length + Encoding.UTF8.GetByteCount(value);
            int same = kept.FindIndex(first, header => header.Key == name);
            if (same >= 0)
            {
                kept[same] = new KeyValuePair<string, string>(name, $"{kept[same].Value},{value}");
            }
            else
            {
                kept.Add(new KeyValuePair<string, string>(name, value));
            }
        }

        if (size > UserSizeBytesMax)
        {
            throw new S3Exception(S3Errors.MetadataTooLarge, ("Size", size), ("MaxSizeAllowed", UserSizeBytesMax));
        }
    }

    /// <summary>Whether an answer can carry user metadata as a header. A form can bring names and values that no header can.</summary>
    internal static bool CanAnswer(string name, string value) => IsFieldValue(value) && name.AsSpan().IndexOfAnyExcept(TokenCharacters) < 0;

    /// <summary>Whether a text may be a field value: no control character but the tab (RFC 9110, section 5.5).</summary>
    internal static bool IsFieldValue(string value) => value.AsSpan().IndexOfAny(ControlCharacters) < 0;

    /// <summary>A value as answers carry it. Text outside ASCII becomes an RFC 2047 encoded word, as S3 has it.</summary>
    internal static string ForAnswer(string value) =>
        Ascii.IsValid(value) ? value : $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=";

    // How the body travelled is not what the object is.
    private static string Kept(string name, string value) =>
        RequestHeaders.RepairUtf8(name == "content-encoding" ? ContentEncoding.WithoutAwsChunked(value) : value);
}
