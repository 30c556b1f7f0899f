using System;
using System.Collections.Generic;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a request is about: the service, a bucket, or an object.</summary>
/// <param name="Bucket">Empty for the service.</param>
/// <param name="Key">Empty for a bucket.</param>
internal readonly record struct S3Target(string Bucket, string Key)
{
    /// <summary>Longest key in bytes of UTF-8.</summary>
    internal const int KeySizeBytesMax = 1024;

    /// <summary>The level.</summary>
    internal TargetScope Scope => Bucket.Length == 0 ? TargetScope.Service : Key.Length == 0 ? TargetScope.Bucket : TargetScope.Object;

    /// <summary>Finds bucket and key. Slashes, dots and empty segments in keys are ordinary text; nothing is normalised.</summary>
    /// <param name="rawPath">Still encoded.</param>
    /// <param name="host">Host header, with or without a port.</param>
    /// <param name="baseDomains">Domains whose sub-domains are buckets.</param>
    /// <exception cref="S3Exception">InvalidURI, KeyTooLongError.</exception>
    internal static S3Target Parse(string rawPath, string? host, IReadOnlyList<string> baseDomains)
    {
        ReadOnlySpan<char> path = rawPath.AsSpan();
        path = path.StartsWith("/") ? path[1..] : path;
        string? bucket = VirtualBucket(host, baseDomains);
        if (bucket is null)
        {
            int slash = path.IndexOf('/');
            ReadOnlySpan<char> first = slash < 0 ? path : path[..slash];
            path = slash < 0 ? [] : path[(slash + 1)..];
            if (!PercentEncoding.TryDecode(first, plusIsSpace: false, out bucket))
            {
                throw new S3Exception(S3Errors.InvalidUri);
            }
        }

        return new S3Target(bucket, DecodeKey(path));
    }

    /// <summary>The key that a path names.</summary>
    /// <param name="path">Still encoded, without the slash before it.</param>
    /// <exception cref="S3Exception">InvalidURI, KeyTooLongError.</exception>
    internal static string DecodeKey(ReadOnlySpan<char> path)
    {
        if (!PercentEncoding.TryDecode(path, plusIsSpace: false, out string key))
        {
            throw new S3Exception(S3Errors.InvalidUri);
        }

        CheckKey(key);
        return key;
    }

    /// <summary>Refuses keys above the limit.</summary>
    /// <exception cref="S3Exception">KeyTooLongError.</exception>
    internal static void CheckKey(string key)
    {
        if (key.Length > KeySizeBytesMax / 4)
        {
            int size = Encoding.UTF8.GetByteCount(key);
            if (size > KeySizeBytesMax)
            {
                throw new S3Exception(S3Errors.KeyTooLong, ("Size", size), ("MaxSizeAllowed", KeySizeBytesMax));
            }
        }
    }

    /// <summary>The bucket that the host names, or null for path style.</summary>
    internal static string? VirtualBucket(string? host, IReadOnlyList<string> baseDomains)
    {
        if (host is null || baseDomains.Count == 0)
        {
            return null;
        }

        ReadOnlySpan<char> name = WithoutPort(host);
        for (int i = 0; i < baseDomains.Count; i++)
        {
            string domain = baseDomains[i];
            int dot = name.Length - domain.Length - 1;
            if (dot > 0 && name[dot] == '.' && name.EndsWith(domain, StringComparison.OrdinalIgnoreCase))
            {
                return name[..dot].ToString().ToLowerInvariant();
            }
        }

        return null;
    }

    /// <summary>The name or address in a Host header.</summary>
    internal static ReadOnlySpan<char> WithoutPort(string host)
    {
        int colon = host.LastIndexOf(':');
        ReadOnlySpan<char> name = colon > 0 && host.IndexOf(']', colon) < 0 ? host.AsSpan(0, colon) : host;
        return name.EndsWith('.') ? name[..^1] : name;
    }
}

/// <summary>Levels that operations apply to.</summary>
internal enum TargetScope
{
    /// <summary>No bucket is named.</summary>
    Service,

    /// <summary>A bucket.</summary>
    Bucket,

    /// <summary>An object.</summary>
    Object,
}
