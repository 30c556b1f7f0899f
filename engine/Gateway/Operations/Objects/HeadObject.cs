using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>HEAD object.</summary>
internal static class HeadObject
{
    internal static ValueTask<S3Response> HandleAsync(OperationContext context) => ReadAsync(context, null);

    /// <summary>Describes an object.</summary>
    /// <param name="context">The request.</param>
    /// <param name="instead">As for <see cref="GetObject.ReadAsync"/>.</param>
    internal static async ValueTask<S3Response> ReadAsync(OperationContext context, Func<ObjectRecord, S3Response?>? instead)
    {
        QueryResult result = await ObjectReader.FindAsync(
            context, S3Action.GetObject, S3Action.GetObjectVersion, ReadSelection.NeedsParts(context));
        ObjectRecord found = result.Object!;
        if (instead?.Invoke(found) is { } other)
        {
            return other;
        }

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
