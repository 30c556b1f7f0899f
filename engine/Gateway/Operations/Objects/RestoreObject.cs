using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>RestoreObject: an object of an archive class may be read for some days.</summary>
/// <remarks>
/// It may at once, whatever the tier asked for. As S3 answers: 202 the first time, 200 while it is restored already; then the time is set anew, to the midnight after so many days from now.
/// Source: Amazon S3 API Reference, RestoreObject.
/// </remarks>
internal static class RestoreObject
{
    private const string Expedited = "Expedited";

    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        QueryResult found = await ObjectReader.FindAsync(context, S3Action.RestoreObject, S3Action.RestoreObject);
        ObjectRecord archived = found.Object!;
        if (!StorageClasses.IsArchive(archived.StorageClass))
        {
            throw new S3Exception(
                S3Errors.InvalidObjectState, "Restore is not allowed for the object's current storage class", ("StorageClass", StorageClasses.Shown(archived.StorageClass)));
        }

        int days = Days(await RequestBody.ReadDocumentAsync(context), archived.StorageClass);
        var command = new UpdateObjectCommand(context.BucketName, context.Key, context.VersionParameter)
        {
            NowUtc = context.NowUtc,
            Events = context.DraftEvents(context.Key, EventKind.RestoreAsked, EventKind.RestoreCompleted),
            Restore = new ObjectRestore(context.Services.Calendar.DueUtc(context.NowUtc, days), archived.StorageClass, archived.ModifiedUtc, archived.ETag),
        };
        CommandResult result = await context.Metadata.ExecuteAsync(command);
        if (result.Error == MetadataError.PreconditionFailed)
        {
            // What was allowed, or is archived, is another object by now.
            throw new S3Exception(S3Errors.OperationAborted);
        }

        context.ThrowIf(result.Error);
        S3Response response = Answer.Ok();
        response.Status = ArchivedObjects.RestoredUntil(context, archived) is null ? 202 : 200;
        return response;
    }

    /// <summary>For how long; everything else in the request is checked.</summary>
    /// <exception cref="S3Exception">MissingRequestBodyError, MalformedXML, InvalidArgument, NotImplemented (SELECT).</exception>
    private static int Days(ReadOnlyMemory<byte> body, string storageClass)
    {
        XmlDocumentElement root = XmlDocumentReader.Parse(body, "RestoreRequest");
        if (root["Type"] is not null || root["SelectParameters"] is not null || root["OutputLocation"] is not null)
        {
            throw new S3Exception(S3Errors.NotImplemented, ("Header", "select"));
        }

        CheckTier(root["GlacierJobParameters"]?.Required("Tier") ?? root.TextOf("Tier"), storageClass);
        string text = root.Required("Days");
        int days = Numbers.ParseElement(text);
        return days >= 1 ? days : throw S3Exception.InvalidArgument("Restoration days should be at least 1", "Days", text);
    }

    private static void CheckTier(string? tier, string storageClass)
    {
        if (tier is not (null or "Standard" or "Bulk" or Expedited))
        {
            throw S3Exception.MalformedXml();
        }

        if (tier == Expedited && storageClass == StorageClasses.DeepArchive)
        {
            throw S3Exception.InvalidArgument("Retrieval option is not supported by this storage class", "Tier", tier);
        }
    }
}
