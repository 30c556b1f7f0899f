using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>DELETE bucket. It must be empty; uploads in progress are aborted with it.</summary>
internal static class DeleteBucket
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.DeleteBucket);
        CommandResult result = await context.Metadata.ExecuteAsync(new DeleteBucketCommand(context.BucketName) { NowUtc = context.NowUtc });
        context.ThrowIf(result.Error);
        return Answer.NoContent();
    }
}
