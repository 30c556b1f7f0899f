using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>The Content-Encoding header of uploads.</summary>
public static class ContentEncoding
{
    private const string AwsChunked = "aws-chunked";

    /// <summary>What is kept with the object: the value without <c>aws-chunked</c>, which is framing of the request; empty when nothing else is said.</summary>
    public static string WithoutAwsChunked(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Contains(AwsChunked, StringComparison.OrdinalIgnoreCase)
            ? string.Join(
                ',',
                Array.FindAll(
                    value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                    coding => !coding.Equals(AwsChunked, StringComparison.OrdinalIgnoreCase)))
            : value;
    }
}
