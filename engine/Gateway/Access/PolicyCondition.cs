using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;

namespace ObjectStore.Engine.Gateway;

/// <summary>One condition of a statement: an operator, a key, and values of which one must fit.</summary>
internal sealed class PolicyCondition
{
    private static readonly string[] Operators =
    [
        "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
        "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
        "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
        "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
    ];

    private readonly string _operator;
    private readonly string _key;
    private readonly List<string> _values;
    private readonly bool _ifExists;
    private readonly SetQualifier _qualifier;

    private PolicyCondition(string operation, string key, List<string> values, bool ifExists, SetQualifier qualifier) =>
        (_operator, _key, _values, _ifExists, _qualifier) = (operation, key, values, ifExists, qualifier);

    private enum SetQualifier
    {
        None,
        ForAnyValue,
        ForAllValues,
    }

    /// <summary>Whether the condition says who may call, so that a wild principal is not public.</summary>
    internal bool NarrowsCaller => _operator is "StringEquals" or "StringLike" or "IpAddress" or "ArnEquals" or "ArnLike"
        && _key.ToLowerInvariant() is "aws:sourceip" or "aws:sourcearn" or "aws:sourcevpc" or "aws:sourcevpce" or "aws:principalorgid"
            or "aws:sourceaccount" or "aws:sourceowner" or "aws:userid" or "aws:principalaccount" or "aws:principalarn"
        && !_values.Exists(value => value is "*" or "0.0.0.0/0" or "::/0");

    /// <summary>Reads a condition.</summary>
    /// <param name="operation">With its qualifiers.</param>
    /// <param name="key">Condition key.</param>
    /// <param name="values">Of which one must fit.</param>
    /// <param name="isNew">It is being set: values that never fit are refused. A policy that is in force stays so.</param>
    /// <exception cref="S3Exception">MalformedPolicy.</exception>
    internal static PolicyCondition Parse(string operation, string key, List<string> values, bool isNew)
    {
        SetQualifier qualifier = SetQualifier.None;
        string name = operation;
        if (name.StartsWith("ForAnyValue:", StringComparison.OrdinalIgnoreCase))
        {
            (qualifier, name) = (SetQualifier.ForAnyValue, name["ForAnyValue:".Length..]);
        }
        else if (name.StartsWith("ForAllValues:", StringComparison.OrdinalIgnoreCase))
        {
            (qualifier, name) = (SetQualifier.ForAllValues, name["ForAllValues:".Length..]);
        }

        bool ifExists = name.EndsWith("IfExists", StringComparison.OrdinalIgnoreCase);
        name = ifExists ? name[..^"IfExists".Length] : name;
        string? known = Array.Find(Operators, candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (known is null)
        {
            throw new S3Exception(S3Errors.MalformedPolicy, $"Invalid Condition type : {operation}");
        }

        if (isNew && known is "IpAddress" or "NotIpAddress" && !values.TrueForAll(IsNetwork))
        {
            throw new S3Exception(S3Errors.MalformedPolicy, "Invalid IP address in Conditions");
        }

        return new PolicyCondition(known, key, values, ifExists, qualifier);
    }

    /// <summary>Whether it holds for a request.</summary>
    internal bool Holds(PolicyRequest request)
    {
        IReadOnlyList<string>? actual = request.Values(_key);
        if (_operator == "Null")
        {
            return _values.Exists(value => value.Equals("true", StringComparison.OrdinalIgnoreCase) == actual is null);
        }

        if (actual is null)
        {
            // A key that is not there fails positive operators and passes negated ones; none of its values is any value.
            return _ifExists || _qualifier == SetQualifier.ForAllValues || (IsNegated && _qualifier != SetQualifier.ForAnyValue);
        }

        return _qualifier switch
        {
            SetQualifier.ForAllValues => All(actual, request),
            _ => Any(actual, request),
        };
    }

    private bool IsNegated => _operator.Contains("Not", StringComparison.Ordinal);

    private bool Any(IReadOnlyList<string> actual, PolicyRequest request)
    {
        foreach (string value in actual)
        {
            if (Fits(value, request))
            {
                return true;
            }
        }

        return false;
    }

    private bool All(IReadOnlyList<string> actual, PolicyRequest request)
    {
        foreach (string value in actual)
        {
            if (!Fits(value, request))
            {
                return false;
            }
        }

        return true;
    }

    private bool Fits(string actual, PolicyRequest request) =>
        _values.Exists(wanted => FitsOne(request.Substitute(wanted), actual)) != IsNegated;

    private bool FitsOne(string wanted, string actual) => _operator switch
    {
        "StringEquals" or "StringNotEquals" or "BinaryEquals" => wanted == actual,
        "StringEqualsIgnoreCase" or "StringNotEqualsIgnoreCase" or "Bool" => wanted.Equals(actual, StringComparison.OrdinalIgnoreCase),
        "StringLike" or "StringNotLike" or "ArnEquals" or "ArnLike" or "ArnNotEquals" or "ArnNotLike" =>
            Wildcard.Matches(wanted, actual, ignoreCase: false),
        "IpAddress" or "NotIpAddress" => InNetwork(wanted, actual),
        _ when _operator.StartsWith("Numeric", StringComparison.Ordinal) => CompareNumbers(wanted, actual),
        _ => CompareDates(wanted, actual),
    };

    private bool CompareNumbers(string wanted, string actual) =>
        decimal.TryParse(wanted, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal want)
        && decimal.TryParse(actual, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal have)
        && Compare(have.CompareTo(want));

    private bool CompareDates(string wanted, string actual) =>
        TryDate(wanted, out DateTime want) && TryDate(actual, out DateTime have) && Compare(have.CompareTo(want));

    private bool Compare(int order) => _operator switch
    {
        "NumericLessThan" or "DateLessThan" => order < 0,
        "NumericLessThanEquals" or "DateLessThanEquals" => order <= 0,
        "NumericGreaterThan" or "DateGreaterThan" => order > 0,
        "NumericGreaterThanEquals" or "DateGreaterThanEquals" => order >= 0,
        _ => order == 0,
    };

    private static bool TryDate(string text, out DateTime value)
    {
        if (Timestamps.TryParseIso(text, out value))
        {
            return true;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch) && epoch < 253_402_300_800)
        {
            value = DateTime.UnixEpoch.AddSeconds(epoch);
            return true;
        }

        return false;
    }

    // Policy variables are known with the request only.
    private static bool IsNetwork(string text) =>
        text.Contains("${", StringComparison.Ordinal) || IPNetwork.TryParse(text, out _) || IPAddress.TryParse(text, out _);

    private static bool InNetwork(string network, string address)
    {
        if (!IPAddress.TryParse(address, out IPAddress? actual))
        {
            return false;
        }

        actual = actual.IsIPv4MappedToIPv6 ? actual.MapToIPv4() : actual;
        return network.Contains('/', StringComparison.Ordinal)
            ? IPNetwork.TryParse(network, out IPNetwork parsed) && parsed.Contains(actual)
            : IPAddress.TryParse(network, out IPAddress? single) && single.Equals(actual);
    }
}
