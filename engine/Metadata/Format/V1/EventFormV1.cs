using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Events: drafts as they ride in commands, and rows of those that wait.</summary>
internal static class EventFormV1
{
    internal static void Write(ByteWriter to, EventDraft draft)
    {
        // A draft that could not be read again would stop every replica.
        Invariant.Check(draft.Routes.Count is > 0 and <= EventDraft.RoutesMax, $"event draft with {draft.Routes.Count} routes");
        to.UInt64(draft.BucketId);
        Write(to, draft.Origin);
        to.VarUInt((ulong)draft.Routes.Count);
        for (int i = 0; i < draft.Routes.Count; i++)
        {
            to.Byte((byte)draft.Routes[i].Kind);
            to.Text(draft.Routes[i].Target);
            to.Text(draft.Routes[i].RuleId);
        }
    }

    internal static EventDraft ReadDraft(ref ByteReader from)
    {
        ulong bucketId = from.UInt64();
        EventOrigin origin = ReadOrigin(ref from);
        int count = from.Count();
        if (count is 0 or > EventDraft.RoutesMax)
        {
            throw new MalformedDataException($"event draft with {count} routes");
        }

        var routes = new EventRoute[count];
        for (int i = 0; i < count; i++)
        {
            routes[i] = new EventRoute(FormV1.ReadEnum<EventKind>(ref from), from.Text(), from.Text());
        }

        return new EventDraft(bucketId, origin, routes);
    }

    internal static void WritePlace(ByteWriter to, EventPlace place)
    {
        to.UInt64(place.Sequence);
        to.UInt32(place.Index);
    }

    internal static EventPlace ReadPlace(ref ByteReader from) => new(from.UInt64(), from.UInt32());

    internal static byte[] Encode(WaitingEvent waiting)
    {
        var to = new ByteWriter();
        to.Byte(FormV1.Version);
        to.Byte((byte)waiting.Kind);
        to.Byte(waiting.Ordinal);
        to.Utc(waiting.AtUtc);
        to.Text(waiting.Bucket);
        to.Text(waiting.BucketOwnerId);
        to.Text(waiting.Key);
        to.Bool(waiting.Version is not null);
        if (waiting.Version is { } version)
        {
            to.UInt64(version.Value);
        }

        FormV1.WriteLength(to, waiting.SizeBytes);
        FormV1.WriteETag(to, waiting.ETag);
        to.Text(waiting.StorageClass);
        FormV1.WriteTime(to, waiting.RestoredUntilUtc);
        Write(to, waiting.Origin);
        to.Text(waiting.RuleId);
        return to.ToArray();
    }

    internal static WaitingEvent ReadEvent(ReadOnlySpan<byte> row)
    {
        ByteReader from = FormV1.Open(row, "event");
        var waiting = new WaitingEvent
        {
            Kind = FormV1.ReadEnum<EventKind>(ref from),
            Ordinal = from.Byte(),
            AtUtc = from.Utc(),
            Bucket = from.Text(),
            BucketOwnerId = from.Text(),
            Key = from.Text(),
            Version = from.Bool() ? new VersionId(from.UInt64()) : null,
            SizeBytes = FormV1.ReadLength(ref from),
            ETag = FormV1.ReadETag(ref from),
            StorageClass = from.Text(),
            RestoredUntilUtc = FormV1.ReadTime(ref from),
            Origin = ReadOrigin(ref from),
            RuleId = from.Text(),
        };
        from.End();
        return waiting;
    }

    internal static byte[] Encode(EventQueueRow queue)
    {
        var to = new ByteWriter();
        to.Byte(FormV1.Version);
        FormV1.WriteLength(to, queue.Count);
        WritePlace(to, queue.First);
        FormV1.WriteLength(to, queue.Dropped);
        return to.ToArray();
    }

    internal static EventQueueRow ReadQueue(ReadOnlySpan<byte> row)
    {
        ByteReader from = FormV1.Open(row, "event queue");
        var queue = new EventQueueRow(FormV1.ReadLength(ref from), ReadPlace(ref from), FormV1.ReadLength(ref from));
        from.End();
        return queue;
    }

    private static void Write(ByteWriter to, EventOrigin origin)
    {
        to.Text(origin.RequesterId);
        to.Text(origin.SourceAddress);
        to.Text(origin.RequestId);
        to.Text(origin.HostId);
    }

    private static EventOrigin ReadOrigin(ref ByteReader from) => new(from.Text(), from.Text(), from.Text(), from.Text());
}
