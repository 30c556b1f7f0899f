using System;
using System.Linq;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Objects of archive classes: which of them may be read now, and how answers tell.</summary>
/// <remarks>
/// Their bytes lie where those of others do, so that restoring one takes no time: it may be read from the moment that it was asked for until the time that it was asked for has passed.
/// Source: Amazon S3 User Guide, "Working with archived objects" and "Restoring an archived object".
/// </remarks>
internal static class ArchivedObjects
{
    /// <summary>Refuses what is archived and not restored.</summary>
    /// <param name="context">The request.</param>
    /// <param name="found">The object that is to be read.</param>
    /// <param name="refusal">Says more than the error does; null for nothing.</param>
    /// <exception cref="S3Exception">InvalidObjectState.</exception>
    internal static void DemandReadable(OperationContext context, ObjectRecord found, string? refusal = null)
    {
        if (StorageClasses.IsArchive(found.StorageClass) && RestoredUntil(context, found) is null)
        {
            throw new S3Exception(S3Errors.InvalidObjectState, refusal ?? S3Errors.InvalidObjectState.Message, ("StorageClass", found.StorageClass));
        }
    }

    /// <summary>Until when an object of an archive class may be read; null when it may not, and for objects of other classes.</summary>
    internal static DateTime? RestoredUntil(OperationContext context, ObjectRecord found) =>
        StorageClasses.IsArchive(found.StorageClass) && found.RestoredUntilUtc > context.NowUtc ? found.RestoredUntilUtc : null;

    /// <summary>Tells until when an object of an archive class may be read.</summary>
    internal static void AddRestore(S3Response response, OperationContext context, ObjectRecord found)
    {
        if (RestoredUntil(context, found) is { } until)
        {
            response.SetHeader("x-amz-restore", $"ongoing-request=\"false\", expiry-date=\"{Timestamps.Http(until)}\"");
        }
    }

    /// <summary>Whether a listing is to tell what was restored.</summary>
    internal static bool IsStatusAsked(OperationContext context) =>
        (context.Headers["x-amz-optional-object-attributes"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Contains("RestoreStatus");

    /// <summary>Tells in a listing until when an object may be read.</summary>
    internal static void WriteStatus(XmlDocumentWriter xml, OperationContext context, ObjectRecord found)
    {
        if (RestoredUntil(context, found) is { } until)
        {
            xml.Start("RestoreStatus"u8);
            xml.Element("IsRestoreInProgress"u8, false);
            xml.Element("RestoreExpiryDate"u8, until);
            xml.End("RestoreStatus"u8);
        }
    }
}
