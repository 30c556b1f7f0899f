using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>ARNs of whom notifications are for: <c>arn:aws:sns:REGION:ACCOUNT:NAME</c>, <c>arn:aws:sqs:…</c>, <c>arn:aws:lambda:REGION:ACCOUNT:function:NAME</c>. The name is that of a target; the account says nothing here.</summary>
/// <remarks>Source: Amazon S3 API Reference, TopicConfiguration, QueueConfiguration, LambdaFunctionConfiguration.</remarks>
internal static class TargetArn
{
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
        bool isWellFormed = parts.Length == name + 1
            && parts[0] == "arn" && parts[1] == "aws" && parts[2] == service
            && parts[3].Length > 0 && parts[4].Length > 0 && parts[4].AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
            && (service != "lambda" || parts[5] == "function");
        if (isWellFormed && service == "sqs" && parts[name].EndsWith(".fifo", StringComparison.Ordinal))
        {
            throw S3Exception.InvalidArgument("FIFO queues are not supported as destinations of notifications", element, arn);
        }

        return isWellFormed && EventTargetName.IsValid(parts[name])
            ? (parts[3], parts[name])
            : throw S3Exception.InvalidArgument("The ARN is not well formed", element, arn);
    }
}
