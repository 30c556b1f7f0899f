using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ObjectStore.Engine.Gateway;

/// <summary>The lifecycle rules of a bucket.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Lifecycle configuration elements".</remarks>
internal sealed class LifecycleConfiguration
{
    internal const string RootElement = "LifecycleConfiguration";
    private const int RulesMax = 1000;
    private const int IdLengthMax = 255;

    private LifecycleConfiguration(List<LifecycleRule> rules)
    {
        Rules = [.. rules.Where(static rule => rule.IsEnabled)];
        UsesTags = Rules.Any(static rule => rule.Filter.Tags.Count > 0);
        VersionPrefixes = Covering(Rules.Where(static rule => rule.ActsOnVersions));
        UploadPrefixes = Covering(Rules.Where(static rule => rule.AbortUploadsAfterDays is not null));
    }

    /// <summary>The document would be refused today.</summary>
    internal bool IsRefused { get; private init; }

    /// <summary>Rules that are enabled, in the order of the document.</summary>
    internal IReadOnlyList<LifecycleRule> Rules { get; }

    /// <summary>Some rule asks for tags.</summary>
    internal bool UsesTags { get; }

    /// <summary>Where versions are that rules may act on: prefixes, in order, none of which begins with another.</summary>
    internal IReadOnlyList<string> VersionPrefixes { get; }

    /// <summary>Where uploads are that rules may abort, likewise.</summary>
    internal IReadOnlyList<string> UploadPrefixes { get; }

    /// <summary>Checks a document that a client sends, and gives rules without an id one.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument, InvalidRequest.</exception>
    internal static void Check(XmlDocumentElement root)
    {
        root.Only("Rule");
        if (root.Children.Count is 0 or > RulesMax)
        {
            throw S3Exception.MalformedXml();
        }

        if (root.Children.Exists(static rule => rule["Prefix"] is not null) && root.Children.Exists(static rule => rule["Filter"] is not null))
        {
            throw S3Exception.InvalidRequest("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
        }

        NameRules(root);
        Read(root);
    }

    /// <summary>Reads a document as it is kept. One that was kept by an earlier program and would be refused today has no effect.</summary>
    internal static LifecycleConfiguration Parse(ReadOnlyMemory<byte> document) =>
        XmlDocumentReader.ReadKept(document, RootElement, Read, new LifecycleConfiguration([]) { IsRefused = true });

    private static LifecycleConfiguration Read(XmlDocumentElement root)
    {
        var rules = new List<LifecycleRule>(root.Children.Count);
        foreach (XmlDocumentElement rule in root.Children)
        {
            rules.Add(LifecycleRuleReader.Read(rule));
        }

        return new LifecycleConfiguration(rules);
    }

    private static void NameRules(XmlDocumentElement root)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (XmlDocumentElement rule in root.Children)
        {
            string id = rule.TextOf("ID") ?? "";
            if (id.Length > IdLengthMax)
            {
                throw S3Exception.InvalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
            }

            if (id.Length > 0 && !ids.Add(id))
            {
                throw S3Exception.InvalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", id);
            }
        }

        int number = 0;
        foreach (XmlDocumentElement rule in root.Children)
        {
            number++;
            if (!string.IsNullOrEmpty(rule.TextOf("ID")))
            {
                continue;
            }

            string id = string.Create(CultureInfo.InvariantCulture, $"rule-{number}");
            for (int next = root.Children.Count + 1; !ids.Add(id); next++)
            {
                id = string.Create(CultureInfo.InvariantCulture, $"rule-{next}");
            }

            rule.Children.RemoveAll(static child => child.Name == "ID");
            rule.Children.Insert(0, new XmlDocumentElement("ID") { Text = id });
        }
    }

    private static List<string> Covering(IEnumerable<LifecycleRule> rules)
    {
        var covering = new List<string>();
        foreach (string prefix in rules.Select(static rule => rule.Filter.Prefix).Order(StringComparer.Ordinal))
        {
            // In order, a prefix comes before all that begin with it.
            if (covering.Count == 0 || !prefix.StartsWith(covering[^1], StringComparison.Ordinal))
            {
                covering.Add(prefix);
            }
        }

        return covering;
    }
}
