using System;
using System.Collections.Generic;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>The website that a host names.</summary>
/// <param name="Bucket">In lower case; empty for the domain of websites itself.</param>
/// <param name="Authority">Host and port for links to the same website, written anew from what was understood. Fit to be shown once the bucket is one.</param>
internal readonly record struct WebsiteHost(string Bucket, string Authority)
{
    /// <summary>The website, or null when the host is none: then the request is one to the API. Where a domain of the API and one of websites both fit, the longer one counts.</summary>
    /// <param name="host">Host header, with or without a port.</param>
    /// <param name="options">Domains.</param>
    internal static WebsiteHost? Find(string? host, GatewayOptions options)
    {
        if (host is null)
        {
            return null;
        }

        ReadOnlySpan<char> name = S3Target.WithoutPort(host);
        string domain = Longest(name, options.WebsiteDomains);
        if (domain.Length == 0 || Longest(name, options.BaseDomains).Length >= domain.Length)
        {
            return null;
        }

        string bucket = name.Length == domain.Length ? "" : name[..(name.Length - domain.Length - 1)].ToString().ToLowerInvariant();
        bool hasPort = ushort.TryParse(host.AsSpan(name.Length).TrimStart(".:"), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port);
        return new WebsiteHost(bucket, hasPort ? $"{bucket}.{domain}:{port}" : $"{bucket}.{domain}");
    }

    private static string Longest(ReadOnlySpan<char> name, IReadOnlyList<string> domains)
    {
        string longest = "";
        for (int i = 0; i < domains.Count; i++)
        {
            string domain = domains[i];
            int dot = name.Length - domain.Length - 1;
            if (domain.Length > longest.Length
                && name.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
                && (dot < 0 || name[dot] == '.'))
            {
                longest = domain;
            }
        }

        return longest;
    }
}
