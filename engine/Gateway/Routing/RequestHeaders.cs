using System;
using System.Collections.Generic;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Headers of a request by name, without regard to case; repeated ones are joined with a comma as RFC 9110, section 5.3, has it.</summary>
internal sealed class RequestHeaders(IReadOnlyList<KeyValuePair<string, string>> headers)
{
    /// <summary>In the order received.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> All => headers;

    /// <summary>The value, or null when the header is absent.</summary>
    internal string? this[string name]
    {
        get
        {
            string? found = null;
            for (int i = 0; i < headers.Count; i++)
            {
                (string key, string value) = headers[i];
                if (key.Length == name.Length && key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    found = found is null ? value : $"{found},{value}";
                }
            }

            return found;
        }
    }

    /// <summary>The host that the request was sent to, as sent; HTTP/2 has it in a field of another name.</summary>
    internal string? Host => this["Host"] ?? this[":authority"];

    /// <summary>Whether the header is there.</summary>
    internal bool Has(string name) => this[name] is not null;

    /// <summary>What text means that a server read as Latin-1 while the client wrote UTF-8: the UTF-8 text when the bytes are that, else as it is.</summary>
    internal static string RepairUtf8(string value)
    {
        bool latin = false;
        foreach (char c in value)
        {
            if (c > 0xff)
            {
                return value;
            }

            latin |= c >= 0x80;
        }

        if (!latin)
        {
            return value;
        }

        byte[] bytes = Encoding.Latin1.GetBytes(value);
        string text = Encoding.UTF8.GetString(bytes);
        return text.Contains('\ufffd', StringComparison.Ordinal) ? value : text;
    }
}
