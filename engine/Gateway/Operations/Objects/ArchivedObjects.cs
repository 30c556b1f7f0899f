using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Objects of archive classes: which of them may be read now, and how answers tell.</summary>
/// <remarks>
/// Their bytes lie where those of others do, so that restoring one takes no time: it may be read from the moment that it was asked for until the time that it was asked for has passed.
/// Source: Amazon S3 User Guide, "Working with archived objects" and "Restoring an archived object".
/// </remarks>
internal static class ArchivedObjects
{
    internal const string NotForReading = "The operation is not valid for the object's storage class";
    internal const string NotForCopying = "Operation is not valid for the source object's storage class";
    private const string OptionalAttributes = "x-amz-optional-object-attributes";
    private const string RestoreStatus = "RestoreStatus";

    /// <summary>Refuses what is archived and not restored.</summary>
    /// <exception cref="S3Exception">InvalidObjectState.</exception>
    internal static void DemandReadable(OperationContext context, ObjectRecord found, string refusal)
    {
        if (StorageClasses.IsArchive(found.StorageClass) && !IsRestored(context, found))
        {
            throw new S3Exception(S3Errors.InvalidObjectState, refusal, ("StorageClass", found.StorageClass));
        }
    }

    /// <summary>Whether an object of an archive class may be read.</summary>
    internal static bool IsRestored(OperationContext context, ObjectRecord found) => found.RestoredUntilUtc > context.NowUtc;

    /// <summary>Tells until when an object of an archive class may be read.</summary>
    internal static void AddRestore(S3Response response, OperationContext context, ObjectRecord found)
    {
        if (StorageClasses.IsArchive(found.StorageClass) && IsRestored(context, found))
        {
            response.SetHeader("x-amz-restore", $"ongoing-request=\"false\", expiry-date=\"{Timestamps.Http(found.RestoredUntilUtc!.Value)}\"");
        }
    }

    /// <summary>Whether a listing is to tell what was restored.</summary>
    internal static bool IsStatusAsked(OperationContext context)
    {
        foreach (Range part in (context.Headers[OptionalAttributes] ?? "").AsSpan().Split(','))
        {
            if (context.Headers[OptionalAttributes].AsSpan()[part].Trim() is RestoreStatus)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Tells in a listing until when an object may be read.</summary>
    internal static void WriteStatus(XmlDocumentWriter xml, OperationContext context, ObjectRecord found)
    {
        if (StorageClasses.IsArchive(found.StorageClass) && IsRestored(context, found))
        {
            xml.Start("RestoreStatus"u8);
            xml.Element("IsRestoreInProgress"u8, false);
            xml.Element("RestoreExpiryDate"u8, found.RestoredUntilUtc!.Value);
            xml.End("RestoreStatus"u8);
        }
    }
}
