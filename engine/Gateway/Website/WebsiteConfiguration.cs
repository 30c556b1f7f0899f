using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>How a bucket is shown as a website: its document of kind <see cref="BucketDocuments.Website"/>. Does not change.</summary>
/// <remarks>Source: Amazon S3 API Reference, WebsiteConfiguration.</remarks>
internal sealed record WebsiteConfiguration
{
    internal const string RootElement = "WebsiteConfiguration";

    /// <summary>Largest document that a client may send, in bytes. Source: Amazon S3 API Reference, PutBucketWebsite.</summary>
    internal const int DocumentBytesMax = 128 * 1024;

    /// <summary>The document would be refused today.</summary>
    internal bool IsRefused { get; private init; }

    /// <summary>Where all requests are sent; null when they are answered.</summary>
    internal WebsiteRedirect? RedirectAll { get; init; }

    /// <summary>What is put behind the slash of a folder, such as <c>index.html</c>. Not empty, unless all requests are sent elsewhere.</summary>
    internal string IndexSuffix { get; init; } = "";

    /// <summary>Key of the object that is shown for errors of the client; null for a page of ours.</summary>
    internal string? ErrorKey { get; init; }

    /// <summary>In the order in which they are tried.</summary>
    internal IReadOnlyList<RoutingRule> Rules { get; init; } = [];

    /// <summary>Refuses a document that is not valid.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument, InvalidRequest.</exception>
    internal static void Check(XmlDocumentElement root) => WebsiteConfigurationReader.Read(root);

    /// <summary>Reads a document as it is kept. One that was kept by an earlier program and would be refused today makes no website.</summary>
    internal static WebsiteConfiguration Parse(ReadOnlyMemory<byte> document) =>
        XmlDocumentReader.ReadKept(document, RootElement, WebsiteConfigurationReader.Read, new WebsiteConfiguration { IsRefused = true });

    /// <summary>The first rule that is for a key, or null.</summary>
    /// <param name="key">Decoded.</param>
    /// <param name="errorStatus">The status of the error that came up; null before the lookup.</param>
    internal RoutingRule? RuleFor(string key, int? errorStatus)
    {
        for (int i = 0; i < Rules.Count; i++)
        {
            if (Rules[i].IsFor(key, errorStatus))
            {
                return Rules[i];
            }
        }

        return null;
    }
}
