using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Commands: kind byte, time, fields; where events are to be told, <see cref="Kind.WithEvents"/> before that and their draft behind it. Kinds are never used again for something else; <see cref="Kind.ReclaimFromFirst"/> is read and not written any more.</summary>
internal static partial class CommandFormV1
{
    private enum Kind : byte
    {
        CreateBucket = 1,
        DeleteBucket = 2,
        SetVersioning = 3,
        SetBucketDocument = 4,
        PutObject = 5,
        DeleteObject = 6,
        UpdateObject = 7,
        CreateUpload = 8,
        PutPart = 9,
        CompleteUpload = 10,
        AbortUpload = 11,
        ReclaimFromFirst = 12,
        SetIdentity = 13,
        RemoveIdentity = 14,
        Reclaim = 15,
        PutObjectRow = 16,
        ApplyLifecycle = 17,
        MoveByLifecycle = 18,
        RestoreObject = 19,
        WithEvents = 20,
        RemoveEvents = 21,
    }

    /// <summary>Looks at the kind, or the two kinds, that a command begins with.</summary>
    internal static bool FreesSpace(ReadOnlySpan<byte> command)
    {
        ReadOnlySpan<byte> plain = (Kind)command[0] == Kind.WithEvents ? command[1..] : command;
        return !plain.IsEmpty
            && (Kind)plain[0] is Kind.DeleteObject or Kind.AbortUpload or Kind.ApplyLifecycle or Kind.ReclaimFromFirst or Kind.Reclaim or Kind.RemoveEvents or Kind.DeleteBucket or Kind.RemoveIdentity;
    }

    internal static void Write(ByteWriter to, MetadataCommand command)
    {
        if (command.Events is { } events)
        {
            to.Byte((byte)Kind.WithEvents);
            WritePlain(to, command);
            EventFormV1.Write(to, events);
            return;
        }

        WritePlain(to, command);
    }

    internal static MetadataCommand Read(ref ByteReader from)
    {
        Kind kind = FormV1.ReadEnum<Kind>(ref from);
        if (kind != Kind.WithEvents)
        {
            return ReadPlain(ref from, kind);
        }

        kind = FormV1.ReadEnum<Kind>(ref from);
        if (kind == Kind.WithEvents)
        {
            throw new MalformedDataException("command with events of a command with events");
        }

        MetadataCommand command = ReadPlain(ref from, kind);
        return command with { Events = EventFormV1.ReadDraft(ref from) };
    }

    private static void WritePlain(ByteWriter to, MetadataCommand command)
    {
        to.Byte((byte)KindOf(command));
        to.Utc(command.NowUtc);
        switch (command)
        {
            case CreateBucketCommand create: WriteFields(to, create); break;
            case DeleteBucketCommand delete: to.Text(delete.Name); break;
            case SetVersioningCommand set: WriteFields(to, set); break;
            case SetBucketDocumentCommand set: WriteFields(to, set); break;
            case PutObjectCommand put: WriteFields(to, put); break;
            case DeleteObjectCommand delete: WriteFields(to, delete); break;
            case UpdateObjectCommand update: WriteFields(to, update); break;
            case CreateUploadCommand create: WriteFields(to, create); break;
            case PutPartCommand put: WriteFields(to, put); break;
            case CompleteUploadCommand complete: WriteFields(to, complete); break;
            case AbortUploadCommand abort: WriteFields(to, abort); break;
            case ApplyLifecycleCommand lifecycle: WriteFields(to, lifecycle); break;
            case ReclaimCommand reclaim: WriteFields(to, reclaim); break;
            case RemoveEventsCommand remove: WriteFields(to, remove); break;
            case SetIdentityCommand set: IdentityFormV1.Write(to, set.Identity); break;
            default: to.Text(((RemoveIdentityCommand)command).Name); break;
        }
    }

    private static MetadataCommand ReadPlain(ref ByteReader from, Kind kind)
    {
        DateTime now = from.Utc();
        return kind switch
        {
            Kind.CreateBucket => ReadCreateBucket(ref from, now),
            Kind.DeleteBucket => new DeleteBucketCommand(from.Text()) { NowUtc = now },
            Kind.SetVersioning => new SetVersioningCommand(from.Text(), FormV1.ReadEnum<VersioningState>(ref from)) { NowUtc = now },
            Kind.SetBucketDocument => ReadSetBucketDocument(ref from, now),
            Kind.PutObject => ReadPutObject(ref from, now),
            Kind.DeleteObject => ReadDeleteObject(ref from, now),
            Kind.UpdateObject or Kind.RestoreObject => ReadUpdateObject(ref from, now, restores: kind == Kind.RestoreObject),
            Kind.CreateUpload => new CreateUploadCommand(from.Text(), UploadFormV1.ReadRecord(ref from)) { NowUtc = now },
            Kind.PutPart => ReadPutPart(ref from, now),
            Kind.CompleteUpload => ReadCompleteUpload(ref from, now),
            Kind.AbortUpload => new AbortUploadCommand(from.Text(), from.Text(), from.Text()) { NowUtc = now },
            Kind.ApplyLifecycle or Kind.MoveByLifecycle => ReadApplyLifecycle(ref from, now, moves: kind == Kind.MoveByLifecycle),
            Kind.ReclaimFromFirst => new ReclaimCommand(0, from.UInt64(), FormV1.ReadInt(ref from)) { NowUtc = now },
            Kind.Reclaim => new ReclaimCommand(from.UInt64(), from.UInt64(), FormV1.ReadInt(ref from)) { NowUtc = now },
            Kind.PutObjectRow => ReadPutObjectRow(ref from, now),
            Kind.RemoveEvents => new RemoveEventsCommand(from.Text(), EventFormV1.ReadPlace(ref from)) { NowUtc = now },
            Kind.SetIdentity => new SetIdentityCommand(IdentityFormV1.Read(ref from)) { NowUtc = now },
            _ => new RemoveIdentityCommand(from.Text()) { NowUtc = now },
        };
    }

    private static Kind KindOf(MetadataCommand command) => command switch
    {
        CreateBucketCommand => Kind.CreateBucket,
        DeleteBucketCommand => Kind.DeleteBucket,
        SetVersioningCommand => Kind.SetVersioning,
        SetBucketDocumentCommand => Kind.SetBucketDocument,
        PutObjectCommand put => put.BodyLiesInRow ? Kind.PutObjectRow : Kind.PutObject,
        DeleteObjectCommand => Kind.DeleteObject,
        UpdateObjectCommand update => update.Restore is null ? Kind.UpdateObject : Kind.RestoreObject,
        CreateUploadCommand => Kind.CreateUpload,
        PutPartCommand => Kind.PutPart,
        CompleteUploadCommand => Kind.CompleteUpload,
        AbortUploadCommand => Kind.AbortUpload,
        ApplyLifecycleCommand lifecycle => lifecycle.Action == LifecycleAction.Transition ? Kind.MoveByLifecycle : Kind.ApplyLifecycle,
        ReclaimCommand => Kind.Reclaim,
        RemoveEventsCommand => Kind.RemoveEvents,
        SetIdentityCommand => Kind.SetIdentity,
        RemoveIdentityCommand => Kind.RemoveIdentity,
        _ => throw new InvariantViolationException($"no such command: {command.GetType().Name}"),
    };
}
