using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>DELETE object. What is not there is deleted already.</summary>
internal static class DeleteObject
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        VersionId? version = context.VersionParameter;
        Authorizer.Demand(context, version is null ? S3Action.DeleteObject : S3Action.DeleteObjectVersion);
        WriteConditions? conditions = Conditions.ForDelete(context.Headers);
        await DemandConditionsAsync(context, context.Key, conditions);
        CommandResult result = await ExecuteAsync(context, context.Key, version, conditions);
        if (result.Error is not (MetadataError.None or MetadataError.NoSuchKey or MetadataError.NoSuchVersion))
        {
            throw context.Refusal(result.Error);
        }

        S3Response response = Answer.NoContent();
        if (result.IsDeleteMarker)
        {
            response.SetHeader("x-amz-delete-marker", "true");
        }

        if ((result.Version ?? version) is VersionId shown && (version is not null || result.IsDeleteMarker))
        {
            response.SetHeader("x-amz-version-id", VersionIds.Format(shown));
        }

        return response;
    }

    /// <summary>Refuses who asks whether an object has an entity tag and may not read it. Source: Amazon S3 User Guide, "How to perform conditional deletes".</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    internal static async ValueTask DemandConditionsAsync(OperationContext context, string key, WriteConditions? conditions)
    {
        if (conditions?.IfMatch is not { } tags || tags is ["*"] || Authorizer.Allows(context, S3Action.GetObject, context.Bucket, key, null))
        {
            return;
        }

        QueryResult found = await context.Metadata.QueryAsync(new GetObjectQuery(context.BucketName, key, null));
        if (found.Error != MetadataError.None || !Authorizer.Allows(context, S3Action.GetObject, context.Bucket, key, found.Object))
        {
            throw new S3Exception(S3Errors.AccessDenied);
        }
    }

    /// <summary>Runs one deletion.</summary>
    /// <exception cref="S3Exception">AccessDenied when governance may not be bypassed.</exception>
    internal static Task<CommandResult> ExecuteAsync(OperationContext context, string key, VersionId? version, WriteConditions? conditions) =>
        context.Metadata.ExecuteAsync(
            new DeleteObjectCommand(context.BucketName, key, version, context.CallerId, conditions, MayBypassGovernance(context, key))
            {
                NowUtc = context.NowUtc,
                Events = context.DraftEvents(key, EventKind.RemovedForGood, EventKind.RemovedByMarker),
            });

    /// <summary>Whether the caller asks to pass governance retention and may.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">Of the object.</param>
    /// <param name="asked">The retention that is asked for in place of the one that there is; null for none.</param>
    internal static bool MayBypassGovernance(OperationContext context, string key, RequestedChanges? asked = null) =>
        string.Equals(context.Headers["x-amz-bypass-governance-retention"], "true", StringComparison.OrdinalIgnoreCase)
        && Authorizer.Allows(context, S3Action.BypassGovernanceRetention, context.Bucket, key, null, asked);
}
