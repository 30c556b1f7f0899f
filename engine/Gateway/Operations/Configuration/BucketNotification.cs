using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Whom a bucket tells of its events: GET and PUT. What comes of it is in <c>Events</c>.</summary>
/// <remarks>
/// The targets of a new configuration are told of it, and it is refused if one of them does not take that, or if there is none of its name, unless the request says not to look.
/// Few such messages are on their way to one target at the same time; one more is answered with SlowDown.
/// Source: Amazon S3 API Reference, PutBucketNotificationConfiguration.
/// </remarks>
internal static class BucketNotification
{
    private const string SkipHeader = "x-amz-skip-destination-validation";

    private static readonly StoredConfiguration Stored = new(
        BucketDocuments.Notification, NotificationConfiguration.RootElement, "GetBucketNotification", "PutBucketNotification", null, static _ => { })
    {
        SizeBytesMax = NotificationConfiguration.DocumentBytesMax,
    };

    internal static ValueTask<S3Response> GetAsync(OperationContext context) => Stored.GetAsync(context);

    internal static async ValueTask<S3Response> PutAsync(OperationContext context)
    {
        XmlDocumentElement document = await Stored.ReadAsync(context);
        NotificationConfiguration asked = NotificationConfiguration.Read(document);
        if (asked.IsEmpty)
        {
            await context.SetDocumentAsync(BucketDocuments.Notification, null);
            return Answer.Ok();
        }

        string region = context.RegionOf(context.Bucket);
        if (asked.Rules.FirstOrDefault(rule => rule.Region != region) is { } foreign)
        {
            throw S3Exception.InvalidArgument(
                "The notification destination service region is not valid for the bucket location constraint", NotificationConfiguration.RootElement, foreign.Arn);
        }

        if (!IsValidationSkipped(context))
        {
            await DemandTargetsAsync(context, asked);
            await DemandSameBucketAsync(context);
        }

        NotificationConfiguration.AddIds(document, () => NextId(context.Services.Entropy));
        return await Stored.KeepAsync(context, document);
    }

    private static bool IsValidationSkipped(OperationContext context) => context.Headers[SkipHeader]?.ToUpperInvariant() switch
    {
        null or "" or "FALSE" => false,
        "TRUE" => true,
        _ => throw S3Exception.InvalidArgument($"{SkipHeader} is true or false", SkipHeader, context.Headers[SkipHeader]),
    };

    private static async ValueTask DemandTargetsAsync(OperationContext context, NotificationConfiguration asked)
    {
        ReadOnlyMemory<byte> message = EventMessage.OfTest(context.BucketName, context.NowUtc, context.RequestId, context.Services.HostId);
        List<Task<(EventRule Rule, bool IsThere)>> running = [];
        foreach (EventRule rule in asked.Rules.DistinctBy(static rule => rule.Target))
        {
            running.Add(TestAsync(context, rule, message));
        }

        foreach ((EventRule rule, bool isThere) in await Task.WhenAll(running))
        {
            if (!isThere)
            {
                throw S3Exception.InvalidArgument("Unable to validate the following destination configurations", rule.Arn, "The destination could not be reached, or does not exist");
            }
        }
    }

    // Targets take their time, and what the caller may do was looked up before: the name may be another owner's bucket by now.
    private static async ValueTask DemandSameBucketAsync(OperationContext context)
    {
        QueryResult found = await context.Metadata.QueryAsync(new GetBucketQuery(context.BucketName));
        if (found.Bucket?.Id != context.Bucket.Id)
        {
            throw context.Refusal(MetadataError.NoSuchBucket);
        }
    }

    private static async Task<(EventRule Rule, bool IsThere)> TestAsync(OperationContext context, EventRule rule, ReadOnlyMemory<byte> message)
    {
        if (context.Services.Events.FindTarget(rule.Target) is not { } target)
        {
            return (rule, false);
        }

        string? failure = await context.Services.Events.Tests.SendAsync(target, message, context.Cancellation);
        if (failure is not null)
        {
            context.Services.Trace.Emit(TraceLevel.Info, "events", "test-not-taken", ("target", rule.Target), ("bucket", context.BucketName), ("error", failure));
        }

        return (rule, failure is null);
    }

    private static string NextId(IEntropy entropy) =>
        entropy.NextUInt64().ToString("x16", CultureInfo.InvariantCulture) + entropy.NextUInt64().ToString("x16", CultureInfo.InvariantCulture);
}
