using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Reads one rule of a lifecycle document and refuses what S3 refuses.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Lifecycle configuration elements" and "Transitioning objects using Amazon S3 Lifecycle".</remarks>
internal static class LifecycleRuleReader
{
    private const int NewerVersionsMax = 100;
    private const int InfrequentAccessDaysMin = 30;
    private const int PrefixBytesMax = 1024;

    /// <summary>Reads a rule.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument, InvalidRequest.</exception>
    internal static LifecycleRule Read(XmlDocumentElement element)
    {
        element.Only(
            "ID", "Status", "Prefix", "Filter", "Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition", "AbortIncompleteMultipartUpload");
        bool isEnabled = element.SingleText("Status") switch
        {
            "Enabled" => true,
            "Disabled" => false,
            _ => throw S3Exception.MalformedXml(),
        };
        XmlDocumentElement? expiration = element.Single("Expiration");
        XmlDocumentElement? abort = element.Single("AbortIncompleteMultipartUpload");
        XmlDocumentElement? noncurrentExpiration = element.Single("NoncurrentVersionExpiration");
        var rule = new LifecycleRule
        {
            Id = element.SingleText("ID") ?? "",
            IsEnabled = isEnabled,
            Filter = ReadFilter(element),
            Expiration = expiration is not null && expiration["ExpiredObjectDeleteMarker"] is null ? ReadTime(expiration, daysMin: 1) : null,
            RemovesLonelyMarkers = expiration is not null && ReadRemovesMarkers(expiration),
            Moves = element.All("Transition").ConvertAll(static child => new LifecycleMove(ReadTime(child, daysMin: 0, "StorageClass"), ReadClass(child))),
            NoncurrentExpiration = noncurrentExpiration is null ? null : ReadNoncurrent(element, noncurrentExpiration, daysMin: 1, moves: false),
            NoncurrentMoves = element.All("NoncurrentVersionTransition").ConvertAll(child => ReadNoncurrent(element, child, daysMin: 0, moves: true)),
            AbortUploadsAfterDays = abort is null ? null : ReadAbort(abort),
        };
        if (expiration is null && abort is null && !rule.ActsOnVersions)
        {
            throw S3Exception.InvalidRequest("At least one action needs to be specified in a rule");
        }

        CheckFilterFits(rule, expiration?["ExpiredObjectDeleteMarker"] is not null);
        CheckMoves(rule);
        CheckNoncurrentMoves(rule);
        return rule;
    }

    private static LifecycleFilter ReadFilter(XmlDocumentElement rule)
    {
        XmlDocumentElement? filter = rule.Single("Filter");
        if (rule.Single("Prefix") is null == filter is null)
        {
            throw S3Exception.MalformedXml();
        }

        if (filter is null)
        {
            return new LifecycleFilter { Prefix = ReadPrefix(rule) };
        }

        filter.Only("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And");
        if (filter.Children.Count > 1)
        {
            throw S3Exception.MalformedXml();
        }

        XmlDocumentElement conditions = filter["And"] ?? filter;
        if (conditions != filter && conditions.Children.Count < 2)
        {
            throw S3Exception.MalformedXml();
        }

        conditions.Only("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan");
        var read = new LifecycleFilter
        {
            Prefix = ReadPrefix(conditions),
            Tags = ReadTags(conditions),
            LargerThanBytes = ReadSize(conditions, "ObjectSizeGreaterThan"),
            SmallerThanBytes = ReadSize(conditions, "ObjectSizeLessThan"),
        };
        return read.LargerThanBytes >= read.SmallerThanBytes
            ? throw S3Exception.InvalidRequest("ObjectSizeLessThan has to be a value greater than ObjectSizeGreaterThan")
            : read;
    }

    private static string ReadPrefix(XmlDocumentElement conditions)
    {
        string prefix = conditions.Single("Prefix")?.LeafText() ?? "";
        return Encoding.UTF8.GetByteCount(prefix) <= PrefixBytesMax ? prefix : throw S3Exception.InvalidRequest($"The maximum size of a prefix is {PrefixBytesMax}.");
    }

    private static List<KeyValuePair<string, string>> ReadTags(XmlDocumentElement conditions)
    {
        List<KeyValuePair<string, string>> tags = conditions.All("Tag").ConvertAll(static tag =>
        {
            tag.Only("Key", "Value");
            return KeyValuePair.Create(tag.RequiredSingle("Key").LeafText(), tag.RequiredSingle("Value").LeafText());
        });
        return tags.DistinctBy(static tag => tag.Key).Count() == tags.Count
            ? tags
            : throw S3Exception.InvalidRequest("Duplicate Tag Keys are not allowed.");
    }

    private static long? ReadSize(XmlDocumentElement conditions, string name)
    {
        if (conditions.SingleText(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? size : throw S3Exception.MalformedXml();
    }

    private static bool ReadRemovesMarkers(XmlDocumentElement expiration)
    {
        expiration.Only("Days", "Date", "ExpiredObjectDeleteMarker");
        string? text = expiration.SingleText("ExpiredObjectDeleteMarker");
        bool mixes = text is not null && expiration.Children.Count > 1;
        return text switch
        {
            _ when mixes => throw S3Exception.MalformedXml(),
            "true" => true,
            null or "false" => false,
            _ => throw S3Exception.MalformedXml(),
        };
    }

    private static LifecycleTime ReadTime(XmlDocumentElement action, int daysMin, params ReadOnlySpan<string> others)
    {
        action.Only(["Days", "Date", .. others]);
        string? days = action.SingleText("Days");
        string? date = action.SingleText("Date");
        if (days is null == date is null)
        {
            throw S3Exception.MalformedXml();
        }

        if (days is not null)
        {
            return new LifecycleTime(ReadDays(days, daysMin, "Days"), null);
        }

        if (!Timestamps.TryParseIso(date!, out DateTime parsed))
        {
            throw S3Exception.MalformedXml();
        }

        return parsed.TimeOfDay == TimeSpan.Zero
            ? new LifecycleTime(0, parsed)
            : throw S3Exception.InvalidArgument("'Date' must be at midnight GMT", "Date", date);
    }

    private static NoncurrentAction ReadNoncurrent(XmlDocumentElement rule, XmlDocumentElement action, int daysMin, bool moves)
    {
        action.Only(moves ? ["NoncurrentDays", "NewerNoncurrentVersions", "StorageClass"] : ["NoncurrentDays", "NewerNoncurrentVersions"]);
        int days = ReadDays(action.RequiredSingleText("NoncurrentDays"), daysMin, "NoncurrentDays");
        int kept = 0;
        if (action.SingleText("NewerNoncurrentVersions") is { } text)
        {
            kept = ReadDays(text, 1, "NewerNoncurrentVersions");
            if (kept > NewerVersionsMax)
            {
                throw S3Exception.InvalidArgument($"'NewerNoncurrentVersions' must be a positive integer less than or equal to {NewerVersionsMax}", "NewerNoncurrentVersions", text);
            }

            if (rule["Filter"] is null)
            {
                throw S3Exception.InvalidRequest("The NewerNoncurrentVersions element requires a Filter element");
            }
        }

        return new NoncurrentAction(days, kept, moves ? ReadClass(action) : "");
    }

    private static int ReadAbort(XmlDocumentElement abort)
    {
        abort.Only("DaysAfterInitiation");
        return ReadDays(abort.RequiredSingleText("DaysAfterInitiation"), 1, "DaysAfterInitiation");
    }

    private static string ReadClass(XmlDocumentElement action)
    {
        string name = action.RequiredSingleText("StorageClass");
        return StorageClasses.CanMove("", name) ? name : throw S3Exception.MalformedXml();
    }

    private static int ReadDays(string text, int least, string name)
    {
        int days = Numbers.ParseElement(text);
        return days >= least
            ? days
            : throw S3Exception.InvalidArgument(
                least == 0 ? $"'{name}' must be a non-negative integer" : $"'{name}' for the action must be a positive integer", name, text);
    }

    // Uploads and delete markers have neither tags nor a size.
    private static void CheckFilterFits(LifecycleRule rule, bool concernsMarkers)
    {
        string? action = rule.AbortUploadsAfterDays is not null ? "AbortIncompleteMultipartUpload" : concernsMarkers ? "ExpiredObjectDeleteMarker" : null;
        if (action is not null && rule.Filter.Tags.Count > 0)
        {
            throw S3Exception.InvalidRequest($"{action} cannot be specified with Tags.");
        }

        if (action is not null && rule.Filter.HasSize)
        {
            throw S3Exception.InvalidRequest($"{action} cannot be specified with Object Size.");
        }
    }

    private static void CheckMoves(LifecycleRule rule)
    {
        string where = $"filter '(prefix={rule.Filter.Prefix})'";
        if (rule.Moves.DistinctBy(static move => move.StorageClass).Count() != rule.Moves.Count)
        {
            throw S3Exception.InvalidRequest($"'StorageClass' must be different for 'Transition' actions in same 'Rule' with {where}");
        }

        List<LifecycleTime> times = [.. rule.Moves.Select(static move => move.When)];
        if (rule.Expiration is { } expires)
        {
            times.Add(expires);
        }

        if (times.Select(static time => time.DateUtc is null).Distinct().Count() > 1)
        {
            throw S3Exception.InvalidRequest($"Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for {where}");
        }

        foreach (LifecycleMove move in rule.Moves)
        {
            if (move.When.DateUtc is null)
            {
                CheckDaysOf(move.StorageClass, move.When.Days, "Days", "Transition");
                CheckDaysBefore(rule, move);
            }

            if (rule.Expiration is { } expiration && (move.When.DateUtc is null ? expiration.Days <= move.When.Days : expiration.DateUtc <= move.When.DateUtc))
            {
                string unit = move.When.DateUtc is null ? "Days" : "Date";
                throw S3Exception.InvalidArgument(
                    $"'{unit}' in the Expiration action for {where} must be greater than '{unit}' in the Transition action", unit, null);
            }
        }
    }

    // Infrequent access is paid for thirty days, so nothing moves on from there before.
    private static void CheckDaysBefore(LifecycleRule rule, LifecycleMove move)
    {
        LifecycleMove? before = rule.Moves.FirstOrDefault(before =>
            StorageClasses.IsArchive(move.StorageClass) && IsInfrequentAccess(before.StorageClass) && move.When.Days - InfrequentAccessDaysMin < before.When.Days);
        if (before is not null)
        {
            throw S3Exception.InvalidArgument(
                $"'Days' in the 'Transition' action for StorageClass '{move.StorageClass}' for filter '(prefix={rule.Filter.Prefix})' must be {InfrequentAccessDaysMin} days more than "
                + $"'filter '(prefix={rule.Filter.Prefix})'' in the 'Transition' action for StorageClass '{before.StorageClass}'",
                "Days", move.When.Days.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static bool IsInfrequentAccess(string storageClass) => storageClass is StorageClasses.StandardIa or StorageClasses.OneZoneIa;

    private static void CheckNoncurrentMoves(LifecycleRule rule)
    {
        string where = $"filter '(prefix={rule.Filter.Prefix})'";
        if (rule.NoncurrentMoves.DistinctBy(static move => move.StorageClass).Count() != rule.NoncurrentMoves.Count)
        {
            throw S3Exception.InvalidRequest($"'StorageClass' must be different for 'NoncurrentVersionTransition' actions in same 'Rule' with {where}");
        }

        foreach (NoncurrentAction move in rule.NoncurrentMoves)
        {
            CheckDaysOf(move.StorageClass, move.Days, "NoncurrentDays", "NoncurrentVersionTransition");
            if (rule.NoncurrentExpiration is { } expiration && expiration.Days <= move.Days)
            {
                throw S3Exception.InvalidArgument(
                    $"'NoncurrentDays' in the NoncurrentVersionExpiration action for {where} must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action",
                    "NoncurrentDays", null);
            }
        }
    }

    private static void CheckDaysOf(string storageClass, int days, string name, string action)
    {
        if (IsInfrequentAccess(storageClass) && days < InfrequentAccessDaysMin)
        {
            throw S3Exception.InvalidArgument(
                $"'{name}' in {action} action must be greater than or equal to {InfrequentAccessDaysMin} for storageClass '{storageClass}'",
                name, days.ToString(CultureInfo.InvariantCulture));
        }
    }
}
