using System;
using System.Buffers;

namespace ObjectStore.Engine.Gateway;

/// <summary>ARNs of whom notifications are for: <c>arn:aws:sns:REGION:ACCOUNT:NAME</c>, <c>arn:aws:sqs:…</c>, <c>arn:aws:lambda:REGION:ACCOUNT:function:NAME</c>, there with a version or an alias behind it if need be. The name is that of a target; partition, account, version and alias say nothing here.</summary>
/// <remarks>Source: Amazon S3 API Reference, TopicConfiguration, QueueConfiguration, LambdaFunctionConfiguration; IAM User Guide, "Amazon Resource Names (ARNs)"; Lambda API Reference, FunctionConfiguration.</remarks>
internal static class TargetArn
{
    private const int AliasCharactersMax = 128;

    private static readonly SearchValues<char> InAliases = SearchValues.Create("$-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The region and the target's name.</summary>
    /// <param name="element">Where the ARN is: <c>Topic</c>, <c>Queue</c> or <c>CloudFunction</c>.</param>
    /// <param name="arn">The ARN.</param>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static (string Region, string Target) Parse(string element, string arn)
    {
        string[] parts = arn.Split(':');
        string? name = (element, parts) switch
        {
            ("Topic", [_, _, "sns", _, _, var topic]) => topic,
            ("Queue", [_, _, "sqs", _, _, var queue]) => queue,
            ("CloudFunction", [_, _, "lambda", _, _, "function", var function]) => function,
            ("CloudFunction", [_, _, "lambda", _, _, "function", var function, var alias]) when IsAlias(alias) => function,
            _ => null,
        };
        if (name is null || parts is not ["arn", "aws" or "aws-cn" or "aws-us-gov", _, { Length: > 0 } region, { Length: > 0 } account, ..] || account.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            throw Malformed(element, arn);
        }

        if (element == "Queue" && name.EndsWith(".fifo", StringComparison.Ordinal))
        {
            throw S3Exception.InvalidArgument("FIFO queues are not supported as destinations of notifications", element, arn);
        }

        if (name == EventTargetName.EventBridge)
        {
            throw S3Exception.InvalidArgument("Events come to EventBridge by an EventBridgeConfiguration, not by rules", element, arn);
        }

        return EventTargetName.IsValid(name) ? (region, name) : throw Malformed(element, arn);
    }

    private static S3Exception Malformed(string element, string arn) => S3Exception.InvalidArgument("The ARN is not well formed", element, arn);

    private static bool IsAlias(string text) => text.Length is >= 1 and <= AliasCharactersMax && text.AsSpan().IndexOfAnyExcept(InAliases) < 0;
}
