using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Who is told of the events of a bucket: its document of kind <see cref="BucketDocuments.Notification"/>. Does not change.</summary>
/// <remarks>Source: Amazon S3 API Reference, NotificationConfiguration; User Guide, "Configuring event notifications using object key name filtering".</remarks>
internal sealed record NotificationConfiguration
{
    internal const string RootElement = "NotificationConfiguration";

    /// <summary>Most rules of a bucket. Source: Amazon S3 quotas.</summary>
    internal const int RulesMax = 100;

    /// <summary>Largest document that a client may send, in bytes. So many rules fit with filters of usual length; with the longest filters, outside of ASCII, fewer do.</summary>
    internal const int DocumentBytesMax = 512 * 1024;

    private const int IdCharactersMax = 255;
    private const int FilterCharactersMax = 1024;
    private const int EventsOfOneRuleMax = 64;
    private const string IdElement = "Id";

    // A configuration without a document is none, and so is one of an earlier program that would be refused today.
    private static readonly NotificationConfiguration Nothing = new() { Rules = [] };

    /// <summary>In the order of the document.</summary>
    internal required IReadOnlyList<EventRule> Rules { get; init; }

    /// <summary>All events also go to EventBridge.</summary>
    internal bool ToEventBridge { get; private init; }

    /// <summary>Nobody is told of anything.</summary>
    internal bool IsEmpty => Rules.Count == 0 && !ToEventBridge;

    /// <summary>Reads a document as it is kept.</summary>
    internal static NotificationConfiguration Parse(ReadOnlyMemory<byte> document) =>
        XmlDocumentReader.ReadKept(document, RootElement, Read, Nothing);

    /// <summary>Reads a document as a client sends it.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument.</exception>
    internal static NotificationConfiguration Read(XmlDocumentElement root)
    {
        root.Only("TopicConfiguration", "QueueConfiguration", "CloudFunctionConfiguration", "EventBridgeConfiguration");
        var rules = new List<EventRule>();
        foreach (XmlDocumentElement element in root.Children)
        {
            if (element.Name != "EventBridgeConfiguration")
            {
                rules.Add(ReadRule(element));
            }
        }

        if (rules.Count > RulesMax)
        {
            throw Refused($"A bucket has at most {RulesMax} event notification configurations", RootElement, "");
        }

        DemandDistinct(rules);
        return new NotificationConfiguration { Rules = rules, ToEventBridge = root.Single("EventBridgeConfiguration") is { } bridge && IsBare(bridge) };
    }

    /// <summary>Gives an id to each rule of a document that has none.</summary>
    /// <param name="root">The document.</param>
    /// <param name="next">Makes ids.</param>
    internal static void AddIds(XmlDocumentElement root, Func<string> next)
    {
        foreach (XmlDocumentElement element in root.Children)
        {
            if (element.Name == "EventBridgeConfiguration" || element.SingleText(IdElement) is { Length: > 0 })
            {
                continue;
            }

            element.Children.RemoveAll(static child => child.Name == IdElement);
            element.Children.Insert(0, new XmlDocumentElement(IdElement) { Text = next() });
        }
    }

    private static bool IsBare(XmlDocumentElement bridge)
    {
        bridge.Only();
        return true;
    }

    private static EventRule ReadRule(XmlDocumentElement element)
    {
        string destination = element.Name switch
        {
            "TopicConfiguration" => "Topic",
            "QueueConfiguration" => "Queue",
            _ => "CloudFunction",
        };
        element.Only(IdElement, destination, "Event", "Filter");
        string id = element.SingleText(IdElement) ?? "";
        if (id.Length > IdCharactersMax)
        {
            throw Refused($"The id of a configuration has at most {IdCharactersMax} characters", IdElement, id);
        }

        List<XmlDocumentElement> events = element.All("Event");
        if (events.Count is 0 or > EventsOfOneRuleMax)
        {
            throw S3Exception.MalformedXml();
        }

        EventKinds kinds = default;
        foreach (XmlDocumentElement named in events)
        {
            string name = named.LeafText().Trim();
            kinds = EventNames.TryParse(name, out EventKinds some)
                ? kinds.With(some)
                : throw Refused("The event is not supported for notifications", "Event", name);
        }

        string arn = element.RequiredSingleText(destination);
        (string region, string target) = TargetArn.Parse(destination, arn);
        (string prefix, string suffix) = ReadFilter(element.Single("Filter"));
        return new EventRule(id, kinds, prefix, suffix, arn, target, region);
    }

    private static (string Prefix, string Suffix) ReadFilter(XmlDocumentElement? filter)
    {
        filter?.Only("S3Key");
        XmlDocumentElement? key = filter?.Single("S3Key");
        key?.Only("FilterRule");
        string? prefix = null;
        string? suffix = null;
        foreach (XmlDocumentElement rule in key?.Children ?? [])
        {
            rule.Only("Name", "Value");
            string name = rule.RequiredSingleText("Name");

            // White space is a part of keys.
            string sent = rule.RequiredSingle("Value").LeafText();
            if (sent.Length > FilterCharactersMax)
            {
                throw Refused($"Filter rule value cannot be longer than {FilterCharactersMax} characters", "FilterRule.Value", sent);
            }

            // It is encoded as keys are in messages. Who sends a key that is not, and could not be, means it as it is.
            string value = PercentEncoding.TryDecode(sent, plusIsSpace: true, out string decoded) ? decoded : sent;

            switch (name.ToUpperInvariant())
            {
                case "PREFIX":
                    prefix = prefix is null ? value : throw Refused("Cannot specify more than one prefix rule in a filter.", "FilterRule.Name", name);
                    break;
                case "SUFFIX":
                    suffix = suffix is null ? value : throw Refused("Cannot specify more than one suffix rule in a filter.", "FilterRule.Name", name);
                    break;
                default:
                    throw Refused("filter rule name must be either prefix or suffix", "FilterRule.Name", name);
            }
        }

        return (prefix ?? "", suffix ?? "");
    }

    private static void DemandDistinct(List<EventRule> rules)
    {
        for (int i = 0; i < rules.Count; i++)
        {
            for (int other = 0; other < i; other++)
            {
                if (rules[i].Id.Length > 0 && rules[i].Id == rules[other].Id)
                {
                    throw Refused("Same ID used for multiple configurations. IDs must be unique", IdElement, rules[i].Id);
                }

                if (rules[i].Overlaps(rules[other]))
                {
                    throw Refused(
                        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.",
                        RootElement,
                        rules[i].Arn);
                }
            }
        }
    }

    private static S3Exception Refused(string message, string name, string value) => S3Exception.InvalidArgument(message, name, value);
}
