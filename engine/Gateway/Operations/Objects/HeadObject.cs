using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>HEAD object.</summary>
internal static class HeadObject
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        QueryResult result = await ObjectReader.FindAsync(
            context, S3Action.GetObject, S3Action.GetObjectVersion, ReadSelection.NeedsParts(context));
        ObjectRecord found = result.Object!;
        ObjectEncryption? encryption = ObjectEncryption.ForRead(context, context.BucketName, found);
        Conditions.CheckRead(context.Headers, found);
        ReadSelection selection = ReadSelection.Of(context, result);
        S3Response response = ObjectReader.Describe(context, found);
        encryption?.Describe(response);
        selection.Apply(response, found);
        selection.ApplyChecksum(context, response, found);
        ObjectReader.Override(context, response);
        return response;
    }
}
