using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET bucket location: empty for us-east-1.</summary>
internal static class GetBucketLocation
{
    internal static ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        Authorizer.Demand(context, S3Action.GetBucketLocation);
        string region = context.RegionOf(context.Bucket);
        return ValueTask.FromResult(Answer.Xml(new XmlDocumentWriter("LocationConstraint", text: region == "us-east-1" ? "" : region)));
    }
}
