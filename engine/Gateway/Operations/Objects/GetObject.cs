using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>GET object.</summary>
internal static class GetObject
{
    internal static ValueTask<S3Response> HandleAsync(OperationContext context) => ReadAsync(context, null);

    /// <summary>Reads an object.</summary>
    /// <param name="context">The request.</param>
    /// <param name="instead">Asked, once the caller may read the object, for an answer that goes out in place of it whatever else the request says; null for nobody.</param>
    internal static async ValueTask<S3Response> ReadAsync(OperationContext context, Func<ObjectRecord, S3Response?>? instead)
    {
        VersionId? version = context.VersionParameter;
        var query = new GetObjectQuery(context.BucketName, context.Key, version, ReadSelection.NeedsParts(context));
        ReadLease lease = await context.Metadata.OpenForReadAsync(query);
        bool handedOver = false;
        try
        {
            ObjectReader.Check(context, lease.Result, version is null ? S3Action.GetObject : S3Action.GetObjectVersion);
            ObjectRecord found = lease.Result.Object!;
            if (instead?.Invoke(found) is { } other)
            {
                return other;
            }

            Invariant.Check(lease.Data is not null, "an object without data");
            ObjectEncryption? encryption = ObjectEncryption.ForRead(context, context.BucketName, found);
            Conditions.CheckRead(context.Headers, found);
            ArchivedObjects.DemandReadable(context, found);
            ReadSelection selection = ReadSelection.Of(context, lease.Result);
            S3Response response = ObjectReader.Describe(context, found);
            encryption?.Describe(response);
            selection.Apply(response, found);
            selection.ApplyChecksum(context, response, found);
            ObjectReader.Override(context, response);
            handedOver = true;
            response.Stream = await ObjectContent.OpenAsync(context.Services, lease, selection.Range, encryption);
            return response;
        }
        finally
        {
            if (!handedOver)
            {
                lease.Dispose();
            }
        }
    }
}
