using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Events as S3 tells topics, queues and functions of them: a document with <c>Records</c>.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Event message structure", the edition that shows version 2.2 and names 2.1, 2.2 and 2.3 (2025).</remarks>
internal static class EventMessage
{
    /// <summary>Who asked, and where from, when the store acts by itself.</summary>
    internal const string Store = "s3.amazonaws.com";

    private static readonly SearchValues<char> KeptInKeys = SearchValues.Create("-_.*/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Puts events into one message.</summary>
    /// <param name="events">In order; at least one.</param>
    /// <param name="region">Of this endpoint.</param>
    /// <param name="bytes">An event that would make the message longer is left out, unless it is the first.</param>
    /// <param name="count">How many of the events are in it.</param>
    internal static ReadOnlyMemory<byte> Of(IReadOnlyList<WaitingEvent> events, string region, int bytes, out int count)
    {
        // A comma before it, and the two that end the message.
        const int Around = 3;
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("Records");
        count = 0;
        foreach (WaitingEvent told in events)
        {
            ReadOnlySpan<byte> record = Record(told, region);
            if (count > 0 && json.BytesCommitted + json.BytesPending + record.Length + Around > bytes)
            {
                break;
            }

            json.WriteRawValue(record, skipInputValidation: true);
            count++;
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>What a target is told when a configuration names it.</summary>
    internal static ReadOnlyMemory<byte> OfTest(string bucket, DateTime nowUtc, string requestId, string hostId)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("Service", "Amazon S3");
        json.WriteString("Event", "s3:TestEvent");
        json.WriteString("Time", Timestamps.IsoMilliseconds(nowUtc));
        json.WriteString("Bucket", bucket);
        json.WriteString("RequestId", requestId);
        json.WriteString("HostId", hostId);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Orders the events of a key: the longer one, or of the same length the one above in order of characters, is the later one.</summary>
    internal static string Sequencer(WaitingEvent told) =>
        told.Place.Sequence.ToString("X16", CultureInfo.InvariantCulture) + told.Ordinal.ToString("X2", CultureInfo.InvariantCulture);

    /// <summary>Content length and ETag are told of what is there after the event.</summary>
    internal static bool TellsContent(EventKind kind) => kind is not (EventKind.RemovedForGood or EventKind.RemovedByMarker or EventKind.ExpiredForGood or EventKind.ExpiredByMarker);

    /// <summary>The request that the event is told to be of: restoring is done by the store, some time after it was asked for.</summary>
    internal static EventOrigin OriginOf(WaitingEvent told) =>
        told.Kind == EventKind.RestoreCompleted ? told.Origin with { RequesterId = Store, SourceAddress = Store } : told.Origin;

    // S3 added these kinds later, with another number.
    private static string VersionOf(EventKind kind) => kind switch
    {
        EventKind.TagsPut or EventKind.TagsDeleted or EventKind.AclPut or EventKind.ExpiredForGood or EventKind.ExpiredByMarker or EventKind.Transitioned => "2.3",
        _ => "2.1",
    };

    private static ReadOnlySpan<byte> Record(WaitingEvent told, string region)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        Write(json, told, region);
        json.Flush();
        return buffer.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, WaitingEvent told, string region)
    {
        EventOrigin origin = OriginOf(told);
        json.WriteStartObject();
        json.WriteString("eventVersion", VersionOf(told.Kind));
        json.WriteString("eventSource", "aws:s3");
        json.WriteString("awsRegion", region);
        json.WriteString("eventTime", Timestamps.IsoMilliseconds(told.AtUtc));
        json.WriteString("eventName", EventNames.Of(told.Kind));
        WriteOne(json, "userIdentity", "principalId", origin.RequesterId);
        WriteOne(json, "requestParameters", "sourceIPAddress", origin.SourceAddress);
        json.WriteStartObject("responseElements");
        json.WriteString("x-amz-request-id", told.Origin.RequestId);
        json.WriteString("x-amz-id-2", told.Origin.HostId);
        json.WriteEndObject();
        json.WriteStartObject("s3");
        json.WriteString("s3SchemaVersion", "1.0");
        json.WriteString("configurationId", told.RuleId);
        json.WriteStartObject("bucket");
        json.WriteString("name", told.Bucket);
        WriteOne(json, "ownerIdentity", "principalId", told.BucketOwnerId);
        json.WriteString("arn", $"arn:aws:s3:::{told.Bucket}");
        json.WriteEndObject();
        WriteObject(json, told);
        json.WriteEndObject();
        WriteFurther(json, told);
        json.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter json, WaitingEvent told)
    {
        json.WriteStartObject("object");
        json.WriteString("key", EncodeKey(told.Key));
        if (TellsContent(told.Kind))
        {
            json.WriteNumber("size", told.SizeBytes);
            json.WriteString("eTag", told.ETag);
        }

        if (told.Version is { } version)
        {
            json.WriteString("versionId", VersionIds.Format(version));
        }

        json.WriteString("sequencer", Sequencer(told));
        json.WriteEndObject();
    }

    private static void WriteFurther(Utf8JsonWriter json, WaitingEvent told)
    {
        if (told.Kind == EventKind.RestoreCompleted)
        {
            json.WriteStartObject("glacierEventData");
            json.WriteStartObject("restoreEventData");
            json.WriteString("lifecycleRestorationExpiryTime", Timestamps.IsoMilliseconds(told.RestoredUntilUtc ?? told.AtUtc));
            json.WriteString("lifecycleRestoreStorageClass", StorageClasses.Shown(told.StorageClass));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else if (told.Kind == EventKind.Transitioned)
        {
            json.WriteStartObject("lifecycleEventData");
            WriteOne(json, "transitionEventData", "destinationStorageClass", StorageClasses.Shown(told.StorageClass));
            json.WriteEndObject();
        }
    }

    // As in the values of a form: a space is a plus, and a plus is encoded.
    private static string EncodeKey(string key) => PercentEncoding.Encode(key, KeptInKeys).Replace("%20", "+", StringComparison.Ordinal);

    private static void WriteOne(Utf8JsonWriter json, string name, string element, string value)
    {
        json.WriteStartObject(name);
        json.WriteString(element, value);
        json.WriteEndObject();
    }
}
