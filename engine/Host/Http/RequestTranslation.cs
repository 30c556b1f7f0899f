using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using ObjectStore.Engine.Gateway;

namespace ObjectStore.Engine.Host;

/// <summary>From Kestrel's view of a request to the gateway's. The request target is taken exactly as it came: signatures are made over those bytes.</summary>
internal static class RequestTranslation
{
    /// <summary>The request, or null when its target has no path (asterisk or authority form).</summary>
    internal static S3Request? Translate(IFeatureCollection features)
    {
        var request = features.Get<IHttpRequestFeature>()!;
        if (!TrySplitTarget(request.RawTarget, out string? path, out string query))
        {
            return null;
        }

        IHeaderDictionary headers = request.Headers;
        var list = new List<KeyValuePair<string, string>>(headers.Count + 2);
        foreach ((string name, StringValues values) in headers)
        {
            // HTTP/2 pseudo-headers; :authority is there as Host already.
            if (name.Length > 0 && name[0] == ':')
            {
                continue;
            }

            for (int index = 0; index < values.Count; index++)
            {
                list.Add(new KeyValuePair<string, string>(name, values[index] ?? ""));
            }
        }

        ITlsHandshakeFeature? tls = features.Get<ITlsHandshakeFeature>();
        return new S3Request
        {
            Method = request.Method,
            RawPath = path,
            RawQuery = query,
            Headers = list,
            Body = features.Get<IRequestBodyPipeFeature>()!.Reader,
            ContentLength = headers.ContentLength,
            IsSecure = tls is not null,
            Protocol = request.Protocol,
            TlsProtocol = tls?.Protocol ?? default,
            CipherSuite = tls?.NegotiatedCipherSuite,
            RemoteAddress = features.Get<IHttpConnectionFeature>()?.RemoteIpAddress?.ToString() ?? "",
        };
    }

    /// <summary>Splits a target in origin form (<c>/path?query</c>) or absolute form (<c>http://host/path?query</c>, as sent through a proxy).</summary>
    internal static bool TrySplitTarget(string target, [NotNullWhen(true)] out string? path, out string query)
    {
        path = null;
        query = "";
        int start = 0;
        if (!target.StartsWith('/'))
        {
            int scheme = target.IndexOf("://", StringComparison.Ordinal);
            if (scheme < 0)
            {
                return false;
            }

            start = target.AsSpan(scheme + 3).IndexOfAny('/', '?') is >= 0 and var slash ? scheme + 3 + slash : target.Length;
        }

        int mark = target.IndexOf('?', start);
        int end = mark < 0 ? target.Length : mark;
        path = end > start ? target[start..end] : "/";
        query = mark < 0 ? "" : target[(mark + 1)..];
        return true;
    }
}
