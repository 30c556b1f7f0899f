using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Decoded query parameters in the order received.</summary>
internal sealed class RequestQuery
{
    private readonly List<KeyValuePair<string, string>> _parameters = [];

    private RequestQuery()
    {
    }

    /// <summary>No parameters.</summary>
    internal static RequestQuery None { get; } = new();

    /// <summary>Decoded names and values.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Parameters => _parameters;

    /// <summary>The value of a parameter, empty when it has none, or null when it is absent. Names are case-sensitive, as S3 has them.</summary>
    internal string? this[string name]
    {
        get
        {
            foreach ((string key, string value) in _parameters)
            {
                if (key == name)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>Reads a raw query; false when a part cannot be decoded.</summary>
    internal static bool TryParse(string raw, out RequestQuery query)
    {
        query = new RequestQuery();
        ReadOnlySpan<char> rest = raw;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf('&');
            ReadOnlySpan<char> part = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (part.IsEmpty)
            {
                continue;
            }

            int equals = part.IndexOf('=');
            ReadOnlySpan<char> rawName = equals < 0 ? part : part[..equals];
            ReadOnlySpan<char> rawValue = equals < 0 ? [] : part[(equals + 1)..];
            if (!PercentEncoding.TryDecode(rawName, plusIsSpace: true, out string name)
                || !PercentEncoding.TryDecode(rawValue, plusIsSpace: true, out string value))
            {
                return false;
            }

            query._parameters.Add(new KeyValuePair<string, string>(name, value));
        }

        return true;
    }

    /// <summary>Whether the parameter is there, with or without a value.</summary>
    internal bool Has(string name) => this[name] is not null;
}
