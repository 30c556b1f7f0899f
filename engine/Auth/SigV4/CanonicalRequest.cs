using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Auth;

/// <summary>
/// The canonical form of a request, whose hash is signed:
/// <code>
/// METHOD \n path \n query \n (name:value \n)* \n signed-header-names \n payload-hash
/// </code>
/// The S3 flavour: the path is encoded once and never normalised. Source: Amazon S3 API reference, "Signature calculations for the Authorization header".
/// </summary>
internal static class CanonicalRequest
{
    /// <summary>Most query parameters.</summary>
    public const int ParametersMax = 128;

    /// <summary>Most headers.</summary>
    public const int HeadersMax = 256;

    /// <summary>Most header names in SignedHeaders.</summary>
    public const int SignedHeadersMax = 128;

    /// <summary>Most characters in path, query and headers together.</summary>
    public const int CharactersMax = 64 * 1024;

    private const string SignatureParameter = "X-Amz-Signature";

    /// <summary>True when the request may be canonicalized at bounded cost.</summary>
    public static bool IsWithinLimits(in AuthRequest request)
    {
        long characters = request.RawPath.Length + (long)request.RawQuery.Length;
        for (int i = 0; i < request.Headers.Count && i < HeadersMax; i++)
        {
            characters += request.Headers[i].Key.Length + request.Headers[i].Value.Length;
        }

        return request.Headers.Count <= HeadersMax
            && characters <= CharactersMax
            && request.RawQuery.AsSpan().Count('&') < ParametersMax;
    }

    /// <summary>Appends the canonical form. The request must be within the limits.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="request">The request; a presigned URL's <c>X-Amz-Signature</c> is left out.</param>
    /// <param name="signedHeaders">Names, parted by semicolons, in the order in which they were signed.</param>
    /// <param name="payloadHash">As the client stated it.</param>
    public static void Append(ref ByteBuffer target, in AuthRequest request, ReadOnlySpan<char> signedHeaders, ReadOnlySpan<char> payloadHash)
    {
        target.Append(request.Method);
        target.Append((byte)'\n');
        UriCanonical.AppendPath(ref target, request.RawPath);
        target.Append((byte)'\n');
        AppendQuery(ref target, request.RawQuery);
        target.Append((byte)'\n');
        foreach (Range range in signedHeaders.Split(';'))
        {
            AppendHeader(ref target, request.Headers, signedHeaders[range]);
        }

        target.Append((byte)'\n');
        target.AppendLower(signedHeaders);
        target.Append((byte)'\n');
        target.Append(payloadHash);
    }

    private static void AppendQuery(ref ByteBuffer target, ReadOnlySpan<char> rawQuery)
    {
        if (rawQuery.IsEmpty)
        {
            return;
        }

        ByteBuffer encoded = new(stackalloc byte[512]);
        Span<Parameter> parameters = stackalloc Parameter[ParametersMax];
        int count = Encode(ref encoded, rawQuery, parameters);
        Sort(parameters[..count], encoded.Written);
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
            {
                target.Append((byte)'&');
            }

            target.Append(parameters[i].Name(encoded.Written));
            target.Append((byte)'=');
            target.Append(parameters[i].Value(encoded.Written));
        }

        encoded.Dispose();
    }

    private static int Encode(ref ByteBuffer encoded, ReadOnlySpan<char> rawQuery, Span<Parameter> parameters)
    {
        int count = 0;
        foreach (Range range in rawQuery.Split('&'))
        {
            ReadOnlySpan<char> pair = rawQuery[range];
            int equals = pair.IndexOf('=');
            ReadOnlySpan<char> name = equals < 0 ? pair : pair[..equals];
            if (pair.IsEmpty || name.SequenceEqual(SignatureParameter))
            {
                continue;
            }

            int nameStart = encoded.Length;
            UriCanonical.AppendQuery(ref encoded, name);
            int valueStart = encoded.Length;
            UriCanonical.AppendQuery(ref encoded, equals < 0 ? default : pair[(equals + 1)..]);
            parameters[count++] = new Parameter(nameStart, valueStart, encoded.Length);
        }

        return count;
    }

    /// <summary>Insertion sort: few, mostly sorted already, and no comparer to allocate.</summary>
    private static void Sort(Span<Parameter> parameters, ReadOnlySpan<byte> encoded)
    {
        for (int i = 1; i < parameters.Length; i++)
        {
            Parameter moved = parameters[i];
            int at = i;
            while (at > 0 && moved.CompareTo(parameters[at - 1], encoded) < 0)
            {
                parameters[at] = parameters[at - 1];
                at--;
            }

            parameters[at] = moved;
        }
    }

    private static void AppendHeader(ref ByteBuffer target, IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlySpan<char> name)
    {
        target.AppendLower(name);
        target.Append((byte)':');
        bool found = AppendValues(ref target, headers, name);
        if (!found && name.Equals("host", StringComparison.OrdinalIgnoreCase))
        {
            AppendValues(ref target, headers, ":authority");
        }

        target.Append((byte)'\n');
    }

    private static bool AppendValues(ref ByteBuffer target, IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlySpan<char> name)
    {
        bool found = false;
        for (int i = 0; i < headers.Count; i++)
        {
            if (name.Equals(headers[i].Key, StringComparison.OrdinalIgnoreCase))
            {
                if (found)
                {
                    target.Append((byte)',');
                }

                AppendCollapsed(ref target, headers[i].Value.AsSpan().Trim());
                found = true;
            }
        }

        return found;
    }

    /// <summary>Runs of blanks become one: the clients sign it so.</summary>
    private static void AppendCollapsed(ref ByteBuffer target, ReadOnlySpan<char> value)
    {
        int gap = value.IndexOf("  ");
        while (gap >= 0)
        {
            target.Append(value[..(gap + 1)]);
            value = value[(gap + 1)..].TrimStart(' ');
            gap = value.IndexOf("  ");
        }

        target.Append(value);
    }

    private readonly record struct Parameter(int NameStart, int ValueStart, int End)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> encoded) => encoded[NameStart..ValueStart];

        public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> encoded) => encoded[ValueStart..End];

        public int CompareTo(Parameter other, ReadOnlySpan<byte> encoded)
        {
            int byName = Name(encoded).SequenceCompareTo(other.Name(encoded));
            return byName != 0 ? byName : Value(encoded).SequenceCompareTo(other.Value(encoded));
        }
    }
}
