using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Reads a website document and refuses what S3 refuses.</summary>
/// <remarks>Source: Amazon S3 API Reference, PutBucketWebsite; Amazon S3 User Guide, "Configuring a webpage redirect".</remarks>
internal static class WebsiteConfigurationReader
{
    private const int RulesMax = 50;
    private const int HostNameLengthMax = 255;

    // No white space, no user, no query: what follows is in the path of the host that is named.
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("-._~%:[]/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads a document.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument, InvalidRequest.</exception>
    internal static WebsiteConfiguration Read(XmlDocumentElement root)
    {
        root.Only("RedirectAllRequestsTo", "IndexDocument", "ErrorDocument", "RoutingRules");
        if (root.Single("RedirectAllRequestsTo") is { } all)
        {
            return root.Children.Count == 1 ? new WebsiteConfiguration { RedirectAll = ReadRedirectAll(all) } : throw S3Exception.MalformedXml();
        }

        return new WebsiteConfiguration
        {
            IndexSuffix = ReadIndex(root.Single("IndexDocument")),
            ErrorKey = root.Single("ErrorDocument") is { } error ? ReadErrorKey(error) : null,
            Rules = root.Single("RoutingRules") is { } rules ? ReadRules(rules) : [],
        };
    }

    private static WebsiteRedirect ReadRedirectAll(XmlDocumentElement element)
    {
        element.Only("HostName", "Protocol");
        return new WebsiteRedirect { HostName = ReadHostName(element) ?? throw S3Exception.MalformedXml(), Protocol = ReadProtocol(element) };
    }

    private static string ReadIndex(XmlDocumentElement? element)
    {
        if (element is null)
        {
            throw S3Exception.InvalidArgument("A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty", "IndexDocument", "null");
        }

        element.Only("Suffix");
        string? suffix = ReadKey(element, "Suffix");
        return string.IsNullOrEmpty(suffix) || suffix.Contains('/', StringComparison.Ordinal)
            ? throw S3Exception.InvalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix ?? "null")
            : suffix;
    }

    private static string ReadErrorKey(XmlDocumentElement element)
    {
        element.Only("Key");
        string? key = ReadKey(element, "Key");
        return string.IsNullOrEmpty(key)
            ? throw S3Exception.InvalidArgument("The ErrorDocument Key is not well formed", "ErrorDocument", key ?? "null")
            : key;
    }

    private static List<RoutingRule> ReadRules(XmlDocumentElement element)
    {
        element.Only("RoutingRule");
        return element.Children.Count switch
        {
            0 => throw S3Exception.MalformedXml(),
            > RulesMax => throw S3Exception.InvalidRequest(
                $"{element.Children.Count} routing rules provided, the number of routing rules in a website configuration is limited to {RulesMax}."),
            _ => element.Children.ConvertAll(ReadRule),
        };
    }

    private static RoutingRule ReadRule(XmlDocumentElement element)
    {
        element.Only("Condition", "Redirect");
        string prefix = "";
        int? status = null;
        if (element.Single("Condition") is { } condition)
        {
            condition.Only("KeyPrefixEquals", "HttpErrorCodeReturnedEquals");
            if (condition.Children.Count == 0)
            {
                throw S3Exception.InvalidRequest("Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.");
            }

            prefix = ReadKey(condition, "KeyPrefixEquals") ?? "";
            status = ReadStatus(condition, "HttpErrorCodeReturnedEquals");
        }

        if (status is < 400 or > 599)
        {
            throw S3Exception.InvalidRequest($"The provided HTTP error code ({status}) is not valid. Valid codes are 4XX or 5XX.");
        }

        return new RoutingRule(prefix, status, ReadRedirect(element.RequiredSingle("Redirect")));
    }

    private static WebsiteRedirect ReadRedirect(XmlDocumentElement element)
    {
        element.Only("Protocol", "HostName", "ReplaceKeyPrefixWith", "ReplaceKeyWith", "HttpRedirectCode");
        if (element.Children.Count == 0)
        {
            throw S3Exception.MalformedXml();
        }

        var redirect = new WebsiteRedirect
        {
            Protocol = ReadProtocol(element),
            HostName = ReadHostName(element),
            ReplaceKeyPrefixWith = ReadKey(element, "ReplaceKeyPrefixWith"),
            ReplaceKeyWith = ReadKey(element, "ReplaceKeyWith"),
            Status = ReadStatus(element, "HttpRedirectCode") ?? WebsiteRedirect.UsualStatus,
        };
        if (redirect is { ReplaceKeyPrefixWith: not null, ReplaceKeyWith: not null })
        {
            throw S3Exception.InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
        }

        return redirect.Status is 301 or 302 or 303 or 304 or 307 or 308
            ? redirect
            : throw S3Exception.InvalidRequest($"The provided HTTP redirect code ({redirect.Status}) is not valid. Valid codes are 301, 302, 303, 304, 307 and 308.");
    }

    private static string? ReadProtocol(XmlDocumentElement parent) => parent.SingleText("Protocol") switch
    {
        null => null,
        "http" => "http",
        "https" => "https",
        _ => throw S3Exception.InvalidRequest("Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically."),
    };

    private static string? ReadHostName(XmlDocumentElement parent)
    {
        string? host = parent.SingleText("HostName");
        return host is null || (host.Length is > 0 and <= HostNameLengthMax && host[0] != '/' && host.AsSpan().IndexOfAnyExcept(HostCharacters) < 0)
            ? host
            : throw S3Exception.InvalidRequest("The provided HostName is not valid.");
    }

    private static int? ReadStatus(XmlDocumentElement parent, string name) => parent.SingleText(name) is { } text ? Numbers.ParseElement(text) : null;

    // Keys and what replaces them: blanks around them are a part of them.
    private static string? ReadKey(XmlDocumentElement parent, string name)
    {
        string? key = parent.Single(name)?.LeafText();
        return key is null || Encoding.UTF8.GetByteCount(key) <= S3Target.KeySizeBytesMax
            ? key
            : throw S3Exception.InvalidRequest($"The maximum size of {name} is {S3Target.KeySizeBytesMax}.");
    }
}
