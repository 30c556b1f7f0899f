using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>HEAD bucket: whether it is there and open to the caller.</summary>
internal static class HeadBucket
{
    internal static ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.ListBucket);
        var response = new S3Response { Status = 200 };
        response.SetHeader("x-amz-access-point-alias", "false");
        response.SetHeader("Content-Type", "application/xml");
        return ValueTask.FromResult(response);
    }
}
