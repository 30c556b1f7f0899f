using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>DELETE object with an upload id: gives the upload up and frees its parts.</summary>
internal static class AbortMultipartUpload
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.AbortMultipartUpload);
        CommandResult result = await context.Metadata.ExecuteAsync(
            new AbortUploadCommand(context.BucketName, context.Key, context.Query["uploadId"] ?? "") { NowUtc = context.NowUtc });
        context.ThrowIf(result.Error);
        return Answer.NoContent();
    }
}
