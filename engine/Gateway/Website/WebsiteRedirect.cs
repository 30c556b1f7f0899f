using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>Where a website sends a request instead of answering it. What is left out stays as it was asked for.</summary>
/// <remarks>Source: Amazon S3 API Reference, Redirect and RedirectAllRequestsTo.</remarks>
internal sealed record WebsiteRedirect
{
    /// <summary>The status unless the configuration names another.</summary>
    internal const int UsualStatus = 301;

    /// <summary><c>http</c> or <c>https</c>.</summary>
    internal string? Protocol { get; init; }

    /// <summary>Another host, perhaps with a port; a path may follow.</summary>
    internal string? HostName { get; init; }

    /// <summary>A key, and perhaps a query or fragment, in place of the whole key.</summary>
    internal string? ReplaceKeyWith { get; init; }

    /// <summary>In place of the prefix that the rule asks for.</summary>
    internal string? ReplaceKeyPrefixWith { get; init; }

    /// <summary>HTTP status.</summary>
    internal int Status { get; init; } = UsualStatus;

    /// <summary>The <c>Location</c>.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="prefix">The prefix that the rule asks for; the key begins with it.</param>
    internal string LocationOf(in WebsiteAddress asked, string prefix)
    {
        string key = this switch
        {
            { ReplaceKeyWith: { } whole } => LocationText.OfOwner(whole),
            { ReplaceKeyPrefixWith: { } start } => LocationText.OfOwner(start) + LocationText.OfKey(asked.Key[prefix.Length..]),
            _ => LocationText.OfKey(asked.Key),
        };
        string location = $"{Protocol ?? asked.Protocol}://{HostName ?? asked.Host.Authority}/{key}";
        return asked.RawQuery.Length == 0
            ? location
            : $"{location}{(location.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{LocationText.OfQuery(asked.RawQuery)}";
    }
}

/// <summary>What a request to a website asks for.</summary>
/// <param name="Host">The website.</param>
/// <param name="IsSecure">The connection is encrypted.</param>
/// <param name="Key">Decoded.</param>
/// <param name="RawQuery">Encoded, without its question mark. It decides nothing; redirects take it along.</param>
internal readonly record struct WebsiteAddress(WebsiteHost Host, bool IsSecure, string Key, string RawQuery)
{
    /// <summary><c>http</c> or <c>https</c>.</summary>
    internal string Protocol => IsSecure ? "https" : "http";
}
