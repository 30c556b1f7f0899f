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
        string service = element switch
        {
            "Topic" => "sns",
            "Queue" => "sqs",
            _ => "lambda",
        };
        string[] parts = arn.Split(':');
        int name = service == "lambda" ? 6 : 5;
        bool isWellFormed = (parts.Length == name + 1 || (service == "lambda" && parts.Length == name + 2 && IsAlias(parts[name + 1])))
            && parts[0] == "arn" && parts[1] is "aws" or "aws-cn" or "aws-us-gov" && parts[2] == service
            && parts[3].Length > 0 && parts[4].Length > 0 && parts[4].AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
            && (service != "lambda" || parts[5] == "function");
        if (isWellFormed && service == "sqs" && parts[name].EndsWith(".fifo", StringComparison.Ordinal))
        {
            throw S3Exception.InvalidArgument("FIFO queues are not supported as destinations of notifications", element, arn);
        }

        if (isWellFormed && parts[name] == EventTargetName.EventBridge)
        {
            throw S3Exception.InvalidArgument("Events come to EventBridge by an EventBridgeConfiguration, not by rules", element, arn);
        }

        return isWellFormed && EventTargetName.IsValid(parts[name])
            ? (parts[3], parts[name])
            : throw S3Exception.InvalidArgument("The ARN is not well formed", element, arn);
    }

    private static bool IsAlias(string text) => text.Length is >= 1 and <= AliasCharactersMax && text.AsSpan().IndexOfAnyExcept(InAliases) < 0;
}
