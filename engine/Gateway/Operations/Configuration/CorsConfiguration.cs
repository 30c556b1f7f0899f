using System;
using System.Collections.Generic;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>One CORS rule.</summary>
internal sealed record CorsRule(
    List<string> Origins, List<string> Methods, List<string> Headers, List<string> Exposed, int? MaxAgeSeconds)
{
    /// <summary>The allowed origin that fits, or null.</summary>
    internal string? Fitting(string origin) => Origins.Find(allowed => Wildcard.Matches(allowed, origin, ignoreCase: false));
}

/// <summary>A bucket's CORS rules. Source: Amazon S3 User Guide, "Elements of a CORS configuration".</summary>
internal static class CorsConfiguration
{
    private const int RulesMax = 100;

    /// <summary>Methods that rules may allow.</summary>
    internal static readonly string[] Methods = ["GET", "PUT", "POST", "DELETE", "HEAD"];

    /// <summary>Reads a document that is kept.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidRequest.</exception>
    internal static List<CorsRule> Parse(ReadOnlyMemory<byte> document) => Read(XmlDocumentReader.Parse(document, "CORSConfiguration"));

    /// <summary>Checks a document that is to be kept, also for what once was let through.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidRequest.</exception>
    internal static void Check(XmlDocumentElement root)
    {
        foreach (CorsRule rule in Read(root))
        {
            DemandOneWildcard("AllowedHeader", rule.Headers);
            if (rule.Exposed.Find(static header => header.Contains('*', StringComparison.Ordinal)) is string wild)
            {
                throw S3Exception.InvalidRequest($"ExposeHeader \"{wild}\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
            }
        }
    }

    private static List<CorsRule> Read(XmlDocumentElement root)
    {
        root.Only("CORSRule");
        List<CorsRule> rules = root.Children.ConvertAll(Rule);
        return rules.Count is > 0 and <= RulesMax ? rules : throw S3Exception.MalformedXml();
    }

    private static CorsRule Rule(XmlDocumentElement element)
    {
        element.Only("ID", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds");
        List<string> origins = Texts(element, "AllowedOrigin");
        List<string> methods = Texts(element, "AllowedMethod");
        if (origins.Count == 0 || methods.Count == 0)
        {
            throw S3Exception.MalformedXml();
        }

        DemandOneWildcard("AllowedOrigin", origins);
        foreach (string method in methods)
        {
            if (Array.IndexOf(Methods, method) < 0)
            {
                throw S3Exception.InvalidRequest($"Found unsupported HTTP method in CORS config. Unsupported method is {method}");
            }
        }

        int? age = null;
        if (element.TextOf("MaxAgeSeconds") is string text)
        {
            age = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : throw S3Exception.MalformedXml();
        }

        return new CorsRule(origins, methods, Texts(element, "AllowedHeader"), Texts(element, "ExposeHeader"), age);
    }

    private static void DemandOneWildcard(string element, List<string> texts)
    {
        if (texts.Find(static text => text.IndexOf('*', StringComparison.Ordinal) != text.LastIndexOf('*')) is string several)
        {
            throw S3Exception.InvalidRequest($"{element} \"{several}\" can not have more than one wildcard.");
        }
    }

    private static List<string> Texts(XmlDocumentElement element, string name) => element.All(name).ConvertAll(child => child.Text.Trim());
}
