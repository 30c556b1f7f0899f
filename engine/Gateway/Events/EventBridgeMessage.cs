using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>An event as EventBridge passes it on: one document for each. Keys are not encoded there.</summary>
/// <remarks>Source: Amazon S3 User Guide, "EventBridge event message structure" and "EventBridge mapping and troubleshooting".</remarks>
internal static class EventBridgeMessage
{
    // That of no bytes: examples of "Delete Marker Created" have it.
    private const string MarkerETag = "d41d8cd98f00b204e9800998ecf8427e";

    internal static ReadOnlyMemory<byte> Of(WaitingEvent told, string region)
    {
        (string type, string? reason, string? deletion) = Describe(told.Kind);
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("version", "0");
        json.WriteString("id", IdOf(told));
        json.WriteString("detail-type", type);
        json.WriteString("source", "aws.s3");
        json.WriteString("account", told.BucketOwnerId);
        json.WriteString("time", told.AtUtc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("region", region);
        json.WriteStartArray("resources");
        json.WriteStringValue($"arn:aws:s3:::{told.Bucket}");
        json.WriteEndArray();
        json.WriteStartObject("detail");
        json.WriteString("version", "0");
        json.WriteStartObject("bucket");
        json.WriteString("name", told.Bucket);
        json.WriteEndObject();
        WriteObject(json, told);
        json.WriteString("request-id", told.Origin.RequestId);
        EventOrigin origin = EventMessage.OriginOf(told);
        json.WriteString("requester", origin.RequesterId);
        WriteOptional(json, "source-ip-address", origin.SourceAddress == origin.RequesterId ? null : origin.SourceAddress);
        WriteOptional(json, "reason", reason);
        WriteOptional(json, "deletion-type", deletion);
        if (told.Kind == EventKind.RestoreCompleted)
        {
            json.WriteString("restore-expiry-time", Timestamps.IsoMilliseconds(told.RestoredUntilUtc ?? told.AtUtc));
        }

        if (told.Kind is EventKind.RestoreAsked or EventKind.RestoreCompleted)
        {
            json.WriteString("source-storage-class", StorageClasses.Shown(told.StorageClass));
        }

        WriteOptional(json, "destination-storage-class", told.Kind == EventKind.Transitioned ? StorageClasses.Shown(told.StorageClass) : null);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteObject(Utf8JsonWriter json, WaitingEvent told)
    {
        json.WriteStartObject("object");
        json.WriteString("key", told.Key);
        if (EventMessage.TellsContent(told.Kind))
        {
            json.WriteNumber("size", told.SizeBytes);
            json.WriteString("etag", told.ETag);
        }
        else if (told.Kind is EventKind.RemovedByMarker or EventKind.ExpiredByMarker)
        {
            json.WriteString("etag", MarkerETag);
        }

        if (told.Version is { } version)
        {
            json.WriteString("version-id", VersionIds.Format(version));
        }

        json.WriteString("sequencer", EventMessage.Sequencer(told));
        json.WriteEndObject();
    }

    private static (string Type, string? Reason, string? Deletion) Describe(EventKind kind) => kind switch
    {
        EventKind.CreatedByPut => ("Object Created", "PutObject", null),
        EventKind.CreatedByPost => ("Object Created", "POST Object", null),
        EventKind.CreatedByCopy => ("Object Created", "CopyObject", null),
        EventKind.CreatedByCompletion => ("Object Created", "CompleteMultipartUpload", null),
        EventKind.RemovedForGood => ("Object Deleted", "DeleteObject", "Permanently Deleted"),
        EventKind.RemovedByMarker => ("Object Deleted", "DeleteObject", "Delete Marker Created"),
        EventKind.ExpiredForGood => ("Object Deleted", "Lifecycle Expiration", "Permanently Deleted"),
        EventKind.ExpiredByMarker => ("Object Deleted", "Lifecycle Expiration", "Delete Marker Created"),
        EventKind.TagsPut => ("Object Tags Added", null, null),
        EventKind.TagsDeleted => ("Object Tags Deleted", null, null),
        EventKind.AclPut => ("Object ACL Updated", null, null),
        EventKind.RestoreAsked => ("Object Restore Initiated", null, null),
        EventKind.RestoreCompleted => ("Object Restore Completed", null, null),
        EventKind.Transitioned => ("Object Storage Class Changed", null, null),
        _ => throw new InvariantViolationException($"no such event: {kind}"),
    };

    // The same whenever it is told again. Commands of a region have each a number of their own; of two stores they are told apart by what they are of.
    private static string IdOf(WaitingEvent told)
    {
        string sequence = told.Place.Sequence.ToString("x16", CultureInfo.InvariantCulture);
        ulong subject = StableHash.Compute(Encoding.UTF8.GetBytes($"{told.Bucket}/{told.Key}/{told.Origin.RequestId}"), told.Ordinal);
        string rest = subject.ToString("x16", CultureInfo.InvariantCulture);
        return $"{sequence[..8]}-{sequence[8..12]}-{sequence[12..]}-{rest[..4]}-{rest[4..]}";
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
