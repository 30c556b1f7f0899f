using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Headers that tell what lifecycle rules will do.</summary>
/// <remarks>Source: Amazon S3 API Reference, HeadObject (<c>x-amz-expiration</c>) and CreateMultipartUpload (<c>x-amz-abort-date</c>).</remarks>
internal static class LifecycleHeaders
{
    /// <summary>Tells when the current version of a key expires, if a rule says so.</summary>
    internal static void AddExpiration(this S3Response response, OperationContext context, ObjectRecord current)
    {
        if (Find(context) is { } evaluator && evaluator.FindExpiration(current) is { } due)
        {
            response.SetHeader("x-amz-expiration", $"expiry-date=\"{Timestamps.Http(due.AtUtc)}\", rule-id=\"{Uri.EscapeDataString(due.RuleId)}\"");
        }
    }

    /// <summary>Tells when an upload in progress is aborted, if a rule says so.</summary>
    internal static void AddAbort(this S3Response response, OperationContext context, UploadRecord upload)
    {
        if (Find(context) is { } evaluator && evaluator.FindAbort(upload.Template.Key, upload.InitiatedUtc) is { } due)
        {
            response.SetHeader("x-amz-abort-date", Timestamps.Http(due.AtUtc));
            response.SetHeader("x-amz-abort-rule-id", Uri.EscapeDataString(due.RuleId));
        }
    }

    private static LifecycleEvaluator? Find(OperationContext context) =>
        context.TryGetDocument(BucketDocuments.Lifecycle, out ReadOnlyMemory<byte> document)
            ? LifecycleEvaluator.For(context.Bucket, context.Services.Lifecycles.Get(document), context.Services.Calendar)
            : null;
}
