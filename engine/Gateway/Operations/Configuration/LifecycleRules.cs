using System;
using System.Collections.Generic;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a lifecycle configuration must be. Source: Amazon S3 User Guide, "Lifecycle configuration elements".</summary>
internal static class LifecycleRules
{
    private const int RulesMax = 1000;
    private const int IdLengthMax = 255;

    /// <summary>Checks a document, and gives rules without an id one.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument, InvalidRequest.</exception>
    internal static void Check(XmlDocumentElement root)
    {
        root.Only("Rule");
        if (root.Children.Count is 0 or > RulesMax)
        {
            throw S3Exception.MalformedXml();
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < root.Children.Count; i++)
        {
            XmlDocumentElement rule = root.Children[i];
            string id = rule.TextOf("ID") ?? "";
            if (id.Length > IdLengthMax)
            {
                throw S3Exception.InvalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
            }

            if (id.Length == 0)
            {
                id = $"rule-{i + 1}";
                rule.Children.RemoveAll(child => child.Name == "ID");
                rule.Children.Insert(0, new XmlDocumentElement("ID") { Text = id });
            }

            if (!ids.Add(id))
            {
                throw S3Exception.InvalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", id);
            }

            CheckRule(rule);
        }
    }

    private static void CheckRule(XmlDocumentElement rule)
    {
        if (rule.TextOf("Status") is not ("Enabled" or "Disabled"))
        {
            throw S3Exception.MalformedXml();
        }

        if (rule["Prefix"] is null == rule["Filter"] is null)
        {
            throw S3Exception.MalformedXml();
        }

        CheckFilter(rule["Filter"]);

        bool acts = false;
        foreach (XmlDocumentElement child in rule.Children)
        {
            switch (child.Name)
            {
                case "Expiration":
                    acts = true;
                    CheckExpiration(child);
                    break;
                case "Transition":
                    acts = true;
                    CheckDaysOrDate(child, daysMin: 0);
                    StorageClasses.Parse(child.Required("StorageClass"));
                    break;
                case "NoncurrentVersionExpiration":
                    acts = true;
                    CheckDays(child.Required("NoncurrentDays"), 1, "NoncurrentDays");
                    break;
                case "NoncurrentVersionTransition":
                    acts = true;
                    CheckDays(child.Required("NoncurrentDays"), 0, "NoncurrentDays");
                    StorageClasses.Parse(child.Required("StorageClass"));
                    break;
                case "AbortIncompleteMultipartUpload":
                    acts = true;
                    CheckDays(child.Required("DaysAfterInitiation"), 1, "DaysAfterInitiation");
                    break;
                case "ID" or "Status" or "Prefix" or "Filter":
                    break;
                default:
                    throw S3Exception.MalformedXml();
            }
        }

        if (!acts)
        {
            throw S3Exception.InvalidRequest("At least one action needs to be specified in a rule");
        }
    }

    private static void CheckFilter(XmlDocumentElement? filter)
    {
        if (filter is null)
        {
            return;
        }

        filter.Only("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And");
        if (filter.Children.Count > 1)
        {
            throw S3Exception.MalformedXml();
        }
    }

    private static void CheckExpiration(XmlDocumentElement expiration)
    {
        if (expiration["ExpiredObjectDeleteMarker"] is null)
        {
            CheckDaysOrDate(expiration, daysMin: 1);
        }
        else if (expiration["Days"] is not null || expiration["Date"] is not null)
        {
            throw S3Exception.MalformedXml();
        }
    }

    private static void CheckDaysOrDate(XmlDocumentElement action, int daysMin)
    {
        string? days = action.TextOf("Days");
        string? date = action.TextOf("Date");
        if (days is null == date is null)
        {
            throw S3Exception.MalformedXml();
        }

        if (days is not null)
        {
            CheckDays(days, daysMin, "Days");
        }
        else if (!Timestamps.TryParseIso(date!, out DateTime parsed))
        {
            throw S3Exception.MalformedXml();
        }
        else if (parsed.TimeOfDay != TimeSpan.Zero)
        {
            throw S3Exception.InvalidArgument("'Date' must be at midnight GMT", "Date", date);
        }
    }

    private static void CheckDays(string text, int least, string name)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int days))
        {
            throw S3Exception.MalformedXml();
        }

        if (days < least)
        {
            throw S3Exception.InvalidArgument(
                least == 0 ? $"'{name}' must be a non-negative integer" : $"'{name}' for the action must be a positive integer", name, text);
        }
    }
}
