using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <content>Fields of each command, writer beside reader.</content>
internal static partial class CommandFormV1
{
    private static void WriteFields(ByteWriter to, CreateBucketCommand command)
    {
        to.Text(command.Name);
        to.Text(command.OwnerId);
        to.Text(command.Region);
        to.Bool(command.ObjectLock);
        BucketFormV1.WriteDocuments(to, command.Documents);
        to.VarUInt((ulong)command.BucketsMax);
    }

    private static CreateBucketCommand ReadCreateBucket(ref ByteReader from, DateTime now) =>
        new(from.Text(), from.Text(), from.Text(), from.Bool())
        {
            NowUtc = now,
            Documents = BucketFormV1.ReadDocuments(ref from),
            BucketsMax = FormV1.ReadInt(ref from),
        };

    private static void WriteFields(ByteWriter to, SetVersioningCommand command)
    {
        to.Text(command.Bucket);
        to.Byte((byte)command.State);
    }

    private static void WriteFields(ByteWriter to, SetBucketDocumentCommand command)
    {
        to.Text(command.Bucket);
        to.Text(command.Kind);
        WriteOptional(to, command.Document);
        to.Bool(command.EnableObjectLock);
    }

    private static SetBucketDocumentCommand ReadSetBucketDocument(ref ByteReader from, DateTime now) =>
        new(from.Text(), from.Text(), ReadOptionalBytes(ref from)) { NowUtc = now, EnableObjectLock = from.Bool() };

    private static void WriteFields(ByteWriter to, PutObjectCommand command)
    {
        to.Text(command.Bucket);
        WriteObject(to, command.Object);
        to.Bytes(command.InlineBody.Span);
        FormV1.WriteData(to, command.Data);
        WriteConditions(to, command.Conditions);
    }

    private static PutObjectCommand ReadPutObject(ref ByteReader from, DateTime now) =>
        new(from.Text(), ReadObject(ref from), FormV1.ReadMemory(ref from), FormV1.ReadData(ref from), ReadConditions(ref from)) { NowUtc = now };

    private static PutObjectCommand ReadPutObjectRow(ref ByteReader from, DateTime now)
    {
        PutObjectCommand command = ReadPutObject(ref from, now);
        return command.Data.Inline?.LengthBytes == command.InlineBody.Length
            ? command with { BodyLiesInRow = true }
            : throw new MalformedDataException($"object row with a body of {command.InlineBody.Length} bytes");
    }

    private static void WriteFields(ByteWriter to, DeleteObjectCommand command)
    {
        to.Text(command.Bucket);
        to.Text(command.Key);
        WriteVersion(to, command.Version);
        to.Text(command.OwnerId);
        WriteConditions(to, command.Conditions);
        to.Bool(command.BypassGovernance);
    }

    private static DeleteObjectCommand ReadDeleteObject(ref ByteReader from, DateTime now) =>
        new(from.Text(), from.Text(), ReadVersion(ref from), from.Text(), ReadConditions(ref from), from.Bool()) { NowUtc = now };

    private static void WriteFields(ByteWriter to, UpdateObjectCommand command)
    {
        to.Text(command.Bucket);
        to.Text(command.Key);
        WriteVersion(to, command.Version);
        to.Bool(command.Tags is not null);
        if (command.Tags is { } tags)
        {
            FormV1.WritePairs(to, tags);
        }

        WriteOptional(to, command.Acl);
        WriteOptional(to, command.RetentionMode);
        FormV1.WriteTime(to, command.RetainUntilUtc);
        to.Byte(command.LegalHold switch { null => 0, false => 1, true => 2 });
        to.Bool(command.BypassGovernance);
        if (command.Restore is { } restore)
        {
            to.Utc(restore.UntilUtc);
            to.Text(restore.StorageClass);
            to.Utc(restore.ModifiedUtc);
            to.Text(restore.ETag);
        }
    }

    private static UpdateObjectCommand ReadUpdateObject(ref ByteReader from, DateTime now, bool restores) =>
        new(from.Text(), from.Text(), ReadVersion(ref from))
        {
            NowUtc = now,
            Tags = from.Bool() ? FormV1.ReadPairs(ref from) : null,
            Acl = ReadOptionalBytes(ref from),
            RetentionMode = ReadOptionalText(ref from),
            RetainUntilUtc = FormV1.ReadTime(ref from),
            LegalHold = from.Byte() switch
            {
                0 => null,
                1 => false,
                2 => true,
                byte other => throw new MalformedDataException($"legal hold {other}"),
            },
            BypassGovernance = from.Bool(),
            Restore = restores ? new ObjectRestore(from.Utc(), from.Text(), from.Utc(), from.Text()) : null,
        };

    private static void WriteFields(ByteWriter to, CreateUploadCommand command)
    {
        to.Text(command.Bucket);
        UploadFormV1.WriteRecord(to, command.Upload);
    }

    private static void WriteFields(ByteWriter to, PutPartCommand command)
    {
        to.Text(command.Bucket);
        to.Text(command.Key);
        to.Text(command.UploadId);
        PartFormV1.Write(to, command.Part);
        to.Bytes(command.InlineBody.Span);
    }

    private static PutPartCommand ReadPutPart(ref ByteReader from, DateTime now) =>
        new(from.Text(), from.Text(), from.Text(), PartFormV1.Read(ref from), FormV1.ReadMemory(ref from)) { NowUtc = now };

    private static void WriteFields(ByteWriter to, CompleteUploadCommand command)
    {
        to.Text(command.Bucket);
        to.Text(command.Key);
        to.Text(command.UploadId);
        to.VarUInt((ulong)command.Parts.Count);
        for (int i = 0; i < command.Parts.Count; i++)
        {
            to.VarUInt((ulong)command.Parts[i].Number);
            FormV1.WriteETag(to, command.Parts[i].ETag);
            FormV1.WriteChecksum(to, command.Parts[i].Checksum);
        }

        WriteConditions(to, command.Conditions);
        FormV1.WriteChecksum(to, command.Checksum);
        to.Byte(command.ChecksumType is { } type ? (byte)((byte)type + 1) : (byte)0);
        WriteOptional(to, command.ObjectSizeBytes);
    }

    private static CompleteUploadCommand ReadCompleteUpload(ref ByteReader from, DateTime now) =>
        new(from.Text(), from.Text(), from.Text(), ReadCompletedParts(ref from))
        {
            NowUtc = now,
            Conditions = ReadConditions(ref from),
            Checksum = FormV1.ReadChecksum(ref from),
            ChecksumType = from.Byte() switch
            {
                0 => null,
                1 => ChecksumType.FullObject,
                2 => ChecksumType.Composite,
                byte other => throw new MalformedDataException($"checksum type {other}"),
            },
            ObjectSizeBytes = ReadOptionalLength(ref from),
        };

    private static CompletedPart[] ReadCompletedParts(ref ByteReader from)
    {
        var parts = new CompletedPart[from.Count()];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new CompletedPart(FormV1.ReadInt(ref from), FormV1.ReadETag(ref from), FormV1.ReadChecksum(ref from));
        }

        return parts;
    }

    private static void WriteFields(ByteWriter to, AbortUploadCommand command)
    {
        to.Text(command.Bucket);
        to.Text(command.Key);
        to.Text(command.UploadId);
    }

    private static void WriteFields(ByteWriter to, ApplyLifecycleCommand command)
    {
        to.Text(command.Bucket);
        to.Text(command.Key);
        to.Byte((byte)command.Action);
        LifecycleGrounds grounds = command.Grounds;
        to.Bytes(grounds.RulesDigest.Span);
        to.Utc(grounds.ModifiedUtc);
        to.Text(grounds.StorageClass);
        to.Bool(grounds.Tags is not null);
        if (grounds.Tags is { } tags)
        {
            FormV1.WritePairs(to, tags);
        }

        to.Bool(grounds.Successor is not null);
        if (grounds.Successor is { } successor)
        {
            to.UInt64(successor.Version.Value);
            to.Utc(successor.ModifiedUtc);
        }

        to.VarUInt((ulong)grounds.NewerNoncurrentMin);
        to.UInt64(command.Version.Value);
        to.Text(command.StorageClass);
        to.Text(command.UploadId);
    }

    private static ApplyLifecycleCommand ReadApplyLifecycle(ref ByteReader from, DateTime now, bool moves)
    {
        string bucket = from.Text();
        string key = from.Text();
        var action = FormV1.ReadEnum<LifecycleAction>(ref from);
        if (moves != (action == LifecycleAction.Transition))
        {
            throw new MalformedDataException($"lifecycle action {action} as another kind of command");
        }

        var grounds = new LifecycleGrounds(FormV1.ReadMemory(ref from), from.Utc())
        {
            StorageClass = from.Text(),
            Tags = from.Bool() ? FormV1.ReadPairs(ref from) : null,
            Successor = from.Bool() ? new LifecycleSuccessor(new VersionId(from.UInt64()), from.Utc()) : null,
            NewerNoncurrentMin = FormV1.ReadInt(ref from),
        };
        return new ApplyLifecycleCommand(bucket, key, action, grounds)
        {
            NowUtc = now,
            Version = new VersionId(from.UInt64()),
            StorageClass = from.Text(),
            UploadId = from.Text(),
        };
    }

    private static void WriteFields(ByteWriter to, ReclaimCommand command)
    {
        to.UInt64(command.FromSequence);
        to.UInt64(command.UpToSequence);
        to.VarUInt((ulong)command.RowsMax);
    }

    private static void WriteFields(ByteWriter to, RemoveEventsCommand command)
    {
        to.Text(command.Target);
        EventFormV1.WritePlace(to, command.UpTo);
    }

    private static void WriteObject(ByteWriter to, ObjectRecord record)
    {
        to.Text(record.Key);
        ObjectFormV1.WriteRecord(to, record);
    }

    private static ObjectRecord ReadObject(ref ByteReader from)
    {
        string key = from.Text();
        return ObjectFormV1.ReadRecord(ref from, key);
    }

    private static void WriteConditions(ByteWriter to, WriteConditions? conditions)
    {
        to.Bool(conditions is not null);
        if (conditions is not null)
        {
            WriteTags(to, conditions.IfMatch);
            WriteTags(to, conditions.IfNoneMatch);
            FormV1.WriteTime(to, conditions.IfMatchModifiedUtc);
            WriteOptional(to, conditions.IfMatchSizeBytes);
        }
    }

    private static WriteConditions? ReadConditions(ref ByteReader from) => from.Bool()
        ? new WriteConditions(ReadTags(ref from), ReadTags(ref from), FormV1.ReadTime(ref from), ReadOptionalLength(ref from))
        : null;

    private static void WriteTags(ByteWriter to, IReadOnlyList<string>? etags)
    {
        to.Bool(etags is not null);
        if (etags is null)
        {
            return;
        }

        to.VarUInt((ulong)etags.Count);
        for (int i = 0; i < etags.Count; i++)
        {
            to.Text(etags[i]);
        }
    }

    private static string[]? ReadTags(ref ByteReader from)
    {
        if (!from.Bool())
        {
            return null;
        }

        string[] etags = new string[from.Count()];
        for (int i = 0; i < etags.Length; i++)
        {
            etags[i] = from.Text();
        }

        return etags;
    }

    private static void WriteVersion(ByteWriter to, VersionId? version)
    {
        to.Bool(version is not null);
        if (version is { } value)
        {
            to.UInt64(value.Value);
        }
    }

    private static VersionId? ReadVersion(ref ByteReader from) => from.Bool() ? new VersionId(from.UInt64()) : null;

    private static void WriteOptional(ByteWriter to, ReadOnlyMemory<byte>? bytes)
    {
        to.Bool(bytes is not null);
        if (bytes is { } value)
        {
            to.Bytes(value.Span);
        }
    }

    // A plain null would convert to memory of no bytes.
    private static ReadOnlyMemory<byte>? ReadOptionalBytes(ref ByteReader from) =>
        from.Bool() ? FormV1.ReadMemory(ref from) : default(ReadOnlyMemory<byte>?);

    private static void WriteOptional(ByteWriter to, string? text)
    {
        to.Bool(text is not null);
        if (text is not null)
        {
            to.Text(text);
        }
    }

    private static string? ReadOptionalText(ref ByteReader from) => from.Bool() ? from.Text() : null;

    private static void WriteOptional(ByteWriter to, long? length)
    {
        to.Bool(length is not null);
        if (length is { } value)
        {
            FormV1.WriteLength(to, value);
        }
    }

    private static long? ReadOptionalLength(ref ByteReader from) => from.Bool() ? FormV1.ReadLength(ref from) : null;
}
