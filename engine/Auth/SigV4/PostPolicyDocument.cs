using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace ObjectStore.Engine.Auth;

/// <summary>One demand of a policy on a form field.</summary>
/// <param name="Field">Lower case, without the dollar sign.</param>
/// <param name="Value">What it must be, or begin with.</param>
/// <param name="IsPrefix">Begin with, rather than be.</param>
/// <param name="Text">As written, for the refusal.</param>
internal sealed record PostCondition(string Field, string Value, bool IsPrefix, string Text)
{
    /// <summary>Whether a field may have the value. A list of content types must begin right in each.</summary>
    public bool Holds(string value) => !IsPrefix ? value == Value
        : Field == "content-type" ? Array.TrueForAll(value.Split(','), one => one.TrimStart().StartsWith(Value, StringComparison.Ordinal))
        : value.StartsWith(Value, StringComparison.Ordinal);
}

/// <summary>A browser upload's policy. Source: Amazon S3 API reference, "Creating a POST policy".</summary>
internal sealed class PostPolicyDocument
{
    /// <summary>Longest document in base64.</summary>
    public const int LengthMax = 64 * 1024;

    private const int DepthMax = 4;
    private readonly List<PostCondition> _conditions = [];

    public DateTime ExpirationUtc { get; private set; }

    public IReadOnlyList<PostCondition> Conditions => _conditions;

    public long ContentSizeBytesMin { get; private set; }

    public long ContentSizeBytesMax { get; private set; } = long.MaxValue;

    /// <summary>Reads it; on failure says what is wrong and returns null.</summary>
    public static PostPolicyDocument? Parse(string base64, out string problem)
    {
        problem = "Invalid Policy: Invalid JSON.";
        byte[] json = new byte[Math.Min(base64.Length, LengthMax)];
        if (base64.Length > LengthMax || !Convert.TryFromBase64String(base64, json, out int length))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json.AsMemory(0, length), new JsonDocumentOptions { MaxDepth = DepthMax });
            PostPolicyDocument policy = new();
            problem = policy.Read(document.RootElement) ?? "";
            return problem.Length == 0 ? policy : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape in a string is half of a surrogate pair.
            return null;
        }
    }

    private string? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return "Invalid Policy: Invalid JSON.";
        }

        if (!root.TryGetProperty("expiration", out JsonElement expiration))
        {
            return "Invalid Policy: Policy missing expiration.";
        }

        if (expiration.ValueKind != JsonValueKind.String || !TryReadTime(expiration.GetString()!, out DateTime utc))
        {
            return "Invalid Policy: Invalid 'expiration' value";
        }

        ExpirationUtc = utc;
        if (!root.TryGetProperty("conditions", out JsonElement conditions))
        {
            return "Invalid Policy: Policy missing conditions.";
        }

        return conditions.ValueKind == JsonValueKind.Array && conditions.GetArrayLength() > 0
            ? ReadConditions(conditions)
            : "Invalid Policy: Invalid 'conditions' value: must be a non-empty list.";
    }

    private string? ReadConditions(JsonElement conditions)
    {
        foreach (JsonElement condition in conditions.EnumerateArray())
        {
            bool ok = condition.ValueKind switch
            {
                JsonValueKind.Object => ReadExact(condition),
                JsonValueKind.Array => ReadOperator(condition),
                _ => false,
            };
            if (!ok)
            {
                return $"Invalid Policy: Invalid condition: {condition.GetRawText()}";
            }
        }

        return null;
    }

    private bool ReadExact(JsonElement condition)
    {
        int count = 0;
        foreach (JsonProperty property in condition.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            string value = property.Value.GetString()!;
            string text = $"[\"eq\", \"${property.Name}\", \"{value}\"]";
            _conditions.Add(new PostCondition(property.Name.ToLowerInvariant(), value, false, text));
            count++;
        }

        return count > 0;
    }

    private bool ReadOperator(JsonElement condition)
    {
        if (condition.GetArrayLength() != 3 || condition[0].ValueKind != JsonValueKind.String)
        {
            return false;
        }

        string name = condition[0].GetString()!.ToLowerInvariant();
        if (name == "content-length-range")
        {
            bool ok = TryReadNumber(condition[1], out long min) & TryReadNumber(condition[2], out long max) && min <= max;
            (ContentSizeBytesMin, ContentSizeBytesMax) = (Math.Max(ContentSizeBytesMin, min), Math.Min(ContentSizeBytesMax, max));
            return ok;
        }

        if (name is not ("eq" or "starts-with") || condition[1].ValueKind != JsonValueKind.String || condition[2].ValueKind != JsonValueKind.String)
        {
            return false;
        }

        string field = condition[1].GetString()!;
        string value = condition[2].GetString()!;
        if (field.Length < 2 || field[0] != '$')
        {
            return false;
        }

        string text = $"[\"{name}\", \"{field}\", \"{value}\"]";
        _conditions.Add(new PostCondition(field[1..].ToLowerInvariant(), value, name == "starts-with", text));
        return true;
    }

    private static bool TryReadNumber(JsonElement element, out long number)
    {
        string text = element.ValueKind switch
        {
            JsonValueKind.Number => element.GetRawText(),
            JsonValueKind.String => element.GetString()!,
            _ => "",
        };
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryReadTime(string text, out DateTime utc) => DateTime.TryParseExact(
        text,
        ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"],
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
        out utc);
}
