using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Object row. First what listings show (marker, restored until, version, time, owner, size, ETag, class, checksum), then the rest, so that a listing stops early.
/// The object key and the sequence are in the row's key only.</summary>
internal static class ObjectFormV1
{
    /// <summary>What a row stands for: its first byte.</summary>
    private enum Kind : byte
    {
        Object = 0,
        DeleteMarker = 1,

        /// <summary>An object that was restored from an archive class: the time until which follows.</summary>
        RestoredObject = 2,
    }

    // Once a removed hold was written as none.
    private const byte NoHold = 0;
    private const byte Held = 1;
    private const byte HoldRemoved = 2;

    internal static void Write(ByteWriter to, ObjectRow row)
    {
        WriteRecord(to, row.Record);
        if (row.Record.IsDeleteMarker)
        {
            return;
        }

        FormV1.WriteData(to, row.Data);
        to.VarUInt(row.PartListId);
        to.Text(row.UploadId);
    }

    internal static ObjectRow Read(ref ByteReader from, string key, ulong sequence)
    {
        ObjectRecord record = ReadRecord(ref from, key);
        return record.IsDeleteMarker
            ? new ObjectRow(sequence, record, new ObjectData(), 0, "")
            : new ObjectRow(sequence, record, FormV1.ReadData(ref from), from.VarUInt(), from.Text());
    }

    /// <summary>A record without its key.</summary>
    internal static void WriteRecord(ByteWriter to, ObjectRecord record)
    {
        to.Byte((byte)KindOf(record));
        if (record.RestoredUntilUtc is { } restoredUntil)
        {
            to.Utc(restoredUntil);
        }

        to.VarUInt(record.Version.Value);
        to.Utc(record.ModifiedUtc);
        to.Text(record.OwnerId);
        if (record.IsDeleteMarker)
        {
            return;
        }

        FormV1.WriteLength(to, record.SizeBytes);
        FormV1.WriteETag(to, record.ETag);
        to.Text(record.StorageClass);
        FormV1.WriteChecksum(to, record.Checksum);
        to.VarUInt((ulong)record.PartCount);
        FormV1.WritePairs(to, record.Headers);
        FormV1.WritePairs(to, record.Tags);
        to.Bytes(record.Acl.Span);
        to.Text(record.RetentionMode);
        FormV1.WriteTime(to, record.RetainUntilUtc);
        to.Byte(record.LegalHold switch { null => NoHold, true => Held, false => HoldRemoved });
        to.Bytes(record.Encryption.Span);
    }

    internal static ObjectRecord ReadRecord(ref ByteReader from, string key)
    {
        ObjectRecord summary = ReadSummary(ref from, key, "", out bool more);
        return !more ? summary : summary with
        {
            PartCount = FormV1.ReadInt(ref from),
            Headers = FormV1.ReadPairs(ref from),
            Tags = FormV1.ReadPairs(ref from),
            Acl = FormV1.ReadMemory(ref from),
            RetentionMode = from.Text(),
            RetainUntilUtc = FormV1.ReadTime(ref from),
            LegalHold = ReadHold(ref from),
            Encryption = FormV1.ReadMemory(ref from),
        };
    }

    internal static ObjectRecord ReadSummary(ref ByteReader from, string key, string ownerBefore, out bool more)
    {
        Kind kind = ReadKind(ref from);
        bool marker = kind == Kind.DeleteMarker;
        more = !marker;
        DateTime? restoredUntil = kind == Kind.RestoredObject ? from.Utc() : null;
        var version = new VersionId(from.VarUInt());
        DateTime modified = from.Utc();
        string owner = FormV1.ReadRepeated(ref from, ownerBefore);
        return marker
            ? new ObjectRecord { Key = key, Version = version, ModifiedUtc = modified, OwnerId = owner, IsDeleteMarker = true }
            : new ObjectRecord
            {
                Key = key,
                Version = version,
                ModifiedUtc = modified,
                OwnerId = owner,
                SizeBytes = FormV1.ReadLength(ref from),
                ETag = FormV1.ReadETag(ref from),
                StorageClass = FormV1.ReadRepeated(ref from, ""),
                Checksum = FormV1.ReadChecksum(ref from),
                RestoredUntilUtc = restoredUntil,
            };
    }

    internal static bool ReadIsDeleteMarker(ref ByteReader from) => ReadKind(ref from) == Kind.DeleteMarker;

    private static bool? ReadHold(ref ByteReader from) => from.Byte() switch
    {
        NoHold => null,
        Held => true,
        HoldRemoved => false,
        byte other => throw new MalformedDataException($"legal hold {other}"),
    };

    private static Kind ReadKind(ref ByteReader from)
    {
        byte kind = from.Byte();
        return kind <= (byte)Kind.RestoredObject ? (Kind)kind : throw new MalformedDataException($"object row of kind {kind}");
    }

    private static Kind KindOf(ObjectRecord record)
    {
        Invariant.Check(!record.IsDeleteMarker || record.RestoredUntilUtc is null, "a delete marker has nothing to restore");
        return record.IsDeleteMarker ? Kind.DeleteMarker : record.RestoredUntilUtc is null ? Kind.Object : Kind.RestoredObject;
    }
}
