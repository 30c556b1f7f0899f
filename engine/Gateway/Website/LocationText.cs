using System;
using System.Buffers;

namespace ObjectStore.Engine.Gateway;

/// <summary>Text in a <c>Location</c> header: percent-encoded until it is nothing but characters of a URI (RFC 3986), so that no text ends the header or changes the host.</summary>
internal static class LocationText
{
    // What a segment of a path may hold as it is (RFC 3986, section 3.3), and the slash between segments.
    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("-._~!$&'()*+,;=:@/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Those, what begins and separates the other parts, and encoded characters.
    private static readonly SearchValues<char> UriCharacters =
        SearchValues.Create("-._~!$&'()*+,;=:@/?#[]%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> QueryCharacters =
        SearchValues.Create("-._~!$&'()*+,;=:@/?%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>A key, or a part of one, as the path of a URI: nothing in it can begin a query or a fragment.</summary>
    internal static string OfKey(string key) => PercentEncoding.Encode(key, PathCharacters);

    /// <summary>Text that the owner of a bucket or object wrote as a part of a URI: what has a meaning there keeps it.</summary>
    internal static string OfOwner(string text) => PercentEncoding.Encode(text, UriCharacters);

    /// <summary>A query as a client sent it, still encoded.</summary>
    internal static string OfQuery(string rawQuery) => PercentEncoding.Encode(rawQuery, QueryCharacters);

    /// <summary>A place on the host that was asked. A second slash is encoded: two at the start would name another host.</summary>
    /// <param name="path">Encoded, with its first slash.</param>
    internal static string OnSameHost(string path) => path.StartsWith("//", StringComparison.Ordinal) ? "/%2F" + path[2..] : path;
}
