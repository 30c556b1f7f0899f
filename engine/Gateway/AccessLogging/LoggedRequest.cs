using System;
using System.Security.Authentication;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Gateway;

/// <summary>What all lines that one request makes have in common.</summary>
internal sealed record LoggedRequest
{
    private const string CustomerKeySuffix = "server-side-encryption-customer-key";

    /// <summary>When it was taken up.</summary>
    internal required DateTime AtUtc { get; init; }

    internal required string RemoteAddress { get; init; }

    /// <summary>Canonical id; null for nobody.</summary>
    internal required string? Requester { get; init; }

    internal required string RequestId { get; init; }

    /// <summary>Method, target as received, protocol.</summary>
    internal required string Target { get; init; }

    internal required string? Referer { get; init; }

    internal required string? UserAgent { get; init; }

    internal required string HostId { get; init; }

    internal required string? SignatureVersion { get; init; }

    internal required string? CipherSuite { get; init; }

    internal required string? AuthenticationType { get; init; }

    internal required string? Host { get; init; }

    internal required string? TlsVersion { get; init; }

    /// <summary>An ACL let it in, and nothing else did.</summary>
    internal required bool AclRequired { get; init; }

    /// <summary>Describes a request.</summary>
    internal static LoggedRequest Of(OperationContext context, AuthResult auth, bool aclRequired)
    {
        S3Request request = context.Request;
        RequestHeaders sent = context.SentHeaders;
        return new LoggedRequest
        {
            AtUtc = context.NowUtc,
            RemoteAddress = request.PlainRemoteAddress,
            Requester = auth.Identity?.CanonicalId,
            RequestId = context.RequestId,
            Target = $"{request.Method} {request.RawPath}{(request.RawQuery.Length > 0 ? "?" : "")}{WithoutKeys(request.RawQuery)} {request.Protocol}",
            Referer = sent["Referer"] is { } referer ? WithoutKeys(referer) : null,
            UserAgent = sent["User-Agent"],
            HostId = context.Services.HostId,
            SignatureVersion = auth.Method == AuthMethod.Anonymous ? null : auth.IsVersion2 ? "SigV2" : "SigV4",
            CipherSuite = request.CipherSuite is { } suite ? CipherName(suite.ToString()) : null,
            AuthenticationType = auth.Method switch
            {
                AuthMethod.Header => "AuthHeader",
                AuthMethod.Presigned => "QueryString",
                _ => null,
            },
            Host = sent.Host,
            TlsVersion = request.TlsProtocol switch
            {
                SslProtocols.Tls12 => "TLSv1.2",
                SslProtocols.Tls13 => "TLSv1.3",
                _ => null,
            },
            AclRequired = aclRequired,
        };
    }

    /// <summary>A query, or a URL with one, without the values of customers' keys: those open objects for ever, and whoever reads the log is somebody else.</summary>
    internal static string WithoutKeys(string text)
    {
        string[] parts = text.Split('&');
        for (int i = 0; i < parts.Length; i++)
        {
            int start = i == 0 ? parts[i].LastIndexOf('?') + 1 : 0;
            int equals = parts[i].IndexOf('=', start);
            string name = equals < 0 ? "" : Uri.UnescapeDataString(parts[i][start..equals]);
            if (name.EndsWith(CustomerKeySuffix, StringComparison.OrdinalIgnoreCase))
            {
                parts[i] = parts[i][..(equals + 1)] + "-";
            }
        }

        return parts.Length == 1 && !text.Contains('=', StringComparison.Ordinal) ? text : string.Join('&', parts);
    }

    /// <summary>The name that OpenSSL has for a suite of TLS 1.2, which is what S3 shows; those of TLS 1.3 have one name.</summary>
    /// <param name="name">As IANA has it: <c>TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256</c>.</param>
    internal static string CipherName(string name)
    {
        int with = name.IndexOf("_WITH_", StringComparison.Ordinal);
        if (with < 0)
        {
            return name;
        }

        string exchange = name["TLS_".Length..with];
        string cipher = name[(with + "_WITH_".Length)..]
            .Replace("AES_", "AES", StringComparison.Ordinal)
            .Replace("_CBC", "", StringComparison.Ordinal)
            .Replace("POLY1305_SHA256", "POLY1305", StringComparison.Ordinal);
        return (exchange == "RSA" ? cipher : $"{exchange}-{cipher}").Replace('_', '-');
    }
}
