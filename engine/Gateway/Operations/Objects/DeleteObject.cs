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
        CommandResult result = await ExecuteAsync(context, context.Key, version, Conditions.ForDelete(context.Headers));
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

    /// <summary>Runs one deletion.</summary>
    /// <exception cref="S3Exception">AccessDenied when governance may not be bypassed.</exception>
    internal static Task<CommandResult> ExecuteAsync(OperationContext context, string key, VersionId? version, WriteConditions? conditions) =>
        context.Metadata.ExecuteAsync(
            new DeleteObjectCommand(context.BucketName, key, version, context.CallerId, conditions, MayBypassGovernance(context, key))
            {
                NowUtc = context.NowUtc,
            });

    /// <summary>Whether the caller asks to pass governance retention and may.</summary>
    internal static bool MayBypassGovernance(OperationContext context, string key) =>
        string.Equals(context.Headers["x-amz-bypass-governance-retention"], "true", StringComparison.OrdinalIgnoreCase)
        && Authorizer.Allows(context, S3Action.BypassGovernanceRetention, context.Bucket, key, null);
}
