using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Tags of objects and buckets: reading, checking, writing.</summary>
internal static class TagSet
{
    internal const int ObjectTagsMax = 10;
    internal const int BucketTagsMax = 50;
    private const int KeyLengthMax = 128;
    private const int ValueLengthMax = 256;

    /// <summary>Reads <c>x-amz-tagging</c>: a query string.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidTag, BadRequest.</exception>
    internal static IReadOnlyList<KeyValuePair<string, string>> FromHeader(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return [];
        }

        if (!RequestQuery.TryParse(header, out RequestQuery parsed) || RepeatedKey(parsed.Parameters) is not null)
        {
            throw S3Exception.InvalidArgument(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
                "x-amz-tagging",
                header);
        }

        Check(parsed.Parameters, ObjectTagsMax);
        return parsed.Parameters;
    }

    /// <summary>Reads a Tagging document.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidTag, BadRequest.</exception>
    internal static List<KeyValuePair<string, string>> FromDocument(ReadOnlyMemory<byte> document, int tagsMax)
    {
        XmlDocumentElement root = XmlDocumentReader.Parse(document, "Tagging");
        return FromElement(root["TagSet"] ?? throw S3Exception.MalformedXml(), tagsMax);
    }

    /// <summary>Reads an element of Tag elements.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidTag, BadRequest.</exception>
    internal static List<KeyValuePair<string, string>> FromElement(XmlDocumentElement set, int tagsMax)
    {
        List<KeyValuePair<string, string>> tags = [];
        foreach (XmlDocumentElement tag in set.Children)
        {
            if (tag.Name != "Tag" || tag["Key"] is not XmlDocumentElement key || tag["Value"] is not XmlDocumentElement value)
            {
                throw S3Exception.MalformedXml();
            }

            tags.Add(new KeyValuePair<string, string>(key.Text, value.Text));
        }

        Check(tags, tagsMax);
        return RepeatedKey(tags) is not { } repeated
            ? tags
            : throw new S3Exception(S3Errors.InvalidTag, "Cannot provide multiple Tags with the same key", ("TagKey", repeated));
    }

    /// <summary>The Tagging document.</summary>
    internal static S3Response Answer(IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        var xml = new XmlDocumentWriter("Tagging");
        xml.Start("TagSet");
        foreach ((string key, string value) in tags)
        {
            xml.Start("Tag");
            xml.Element("Key", key);
            xml.Element("Value", value);
            xml.End("Tag");
        }

        xml.End("TagSet");
        return Gateway.Answer.Xml(xml);
    }

    private static void Check(IReadOnlyList<KeyValuePair<string, string>> tags, int tagsMax)
    {
        if (tags.Count > tagsMax)
        {
            throw new S3Exception(
                S3Errors.BadRequest,
                tagsMax == ObjectTagsMax ? "Object tags cannot be greater than 10" : $"Bucket tag count cannot be greater than {tagsMax}");
        }

        foreach ((string key, string value) in tags)
        {
            if (key.Length is 0 or > KeyLengthMax || !IsValid(key) || key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
            {
                throw new S3Exception(S3Errors.InvalidTag, "The TagKey you have provided is invalid", ("TagKey", key));
            }

            if (value.Length > ValueLengthMax || !IsValid(value))
            {
                throw new S3Exception(S3Errors.InvalidTag, "The TagValue you have provided is invalid", ("TagKey", key), ("TagValue", value));
            }
        }
    }

    /// <summary>A key that more than one tag has; null when there is none.</summary>
    private static string? RepeatedKey(IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, _) in tags)
        {
            if (!seen.Add(key))
            {
                return key;
            }
        }

        return null;
    }

    // Letters, white space and numbers of any script, and + - = . _ : / @
    private static bool IsValid(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            bool letterLike = Rune.IsLetterOrDigit(rune) || category is UnicodeCategory.SpaceSeparator or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
            if (!letterLike && !(rune.IsAscii && "+-=._:/@".Contains((char)rune.Value, StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }
}
