using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;

namespace ObjectStore.Engine.Gateway;

/// <summary>An HTTP request as it came from the wire, with no HTTP server behind it: Kestrel makes one in production, the simulator another.</summary>
public sealed class S3Request
{
    private const string MappedPrefix = "::ffff:";

    /// <summary>Upper case as received.</summary>
    public required string Method { get; init; }

    /// <summary>Path exactly as received, still percent-encoded, starting with a slash, without the query.</summary>
    public required string RawPath { get; init; }

    /// <summary>Query exactly as received, without the question mark; empty when none.</summary>
    public required string RawQuery { get; init; }

    /// <summary>Headers in the order received, names as received; a name may repeat. Host (or :authority) is one of them.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>The body; ends after <see cref="ContentLength"/> bytes when that is stated. Reading it may fail with an
    /// <see cref="System.IO.IOException"/> when the client goes away or is too slow.</summary>
    public required PipeReader Body { get; init; }

    /// <summary>Content-Length, or null when absent (chunked transfer coding or no body).</summary>
    public long? ContentLength { get; init; }

    /// <summary>The connection is encrypted.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Protocol as the client spoke it, such as <c>HTTP/1.1</c>; for logs.</summary>
    public string Protocol { get; init; } = "HTTP/1.1";

    /// <summary>Version of TLS; none without it. For logs.</summary>
    public SslProtocols TlsProtocol { get; init; }

    /// <summary>What TLS encrypts with; null when that is not known. For logs.</summary>
    public TlsCipherSuite? CipherSuite { get; init; }

    /// <summary>Textual address of the client, for policies and logs.</summary>
    public string RemoteAddress { get; init; } = "";

    /// <summary><see cref="RemoteAddress"/> as logs and events have it: one of IPv4 that came mapped into IPv6 is itself.</summary>
    internal string PlainRemoteAddress =>
        RemoteAddress.StartsWith(MappedPrefix, StringComparison.OrdinalIgnoreCase) && RemoteAddress.Contains('.', StringComparison.Ordinal) ? RemoteAddress[MappedPrefix.Length..] : RemoteAddress;

    /// <summary>The same request with other headers.</summary>
    internal S3Request With(IReadOnlyList<KeyValuePair<string, string>> headers) => new()
    {
        Method = Method,
        RawPath = RawPath,
        RawQuery = RawQuery,
        Headers = headers,
        Body = Body,
        ContentLength = ContentLength,
        IsSecure = IsSecure,
        Protocol = Protocol,
        TlsProtocol = TlsProtocol,
        CipherSuite = CipherSuite,
        RemoteAddress = RemoteAddress,
    };
}
