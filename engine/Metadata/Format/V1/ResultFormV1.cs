using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Results of commands and queries: every field in order, optional ones behind a boolean.</summary>
internal static class ResultFormV1
{
    private delegate T Reader<T>(ref ByteReader from);

    internal static void Write(ByteWriter to, CommandResult result)
    {
        to.Byte((byte)result.Error);
        WriteOptional(to, result.Bucket, BucketFormV1.Write);
        WriteOptional(to, result.Object, WriteObject);
        WriteVersion(to, result.Version);
        to.Bool(result.IsDeleteMarker);
        to.VarUInt((ulong)result.PartNumber);
        WriteOptional(to, result.Upload, UploadFormV1.WriteRecord);
    }

    internal static CommandResult ReadCommandResult(ref ByteReader from) => new()
    {
        Error = FormV1.ReadEnum<MetadataError>(ref from),
        Bucket = ReadOptional(ref from, BucketFormV1.Read),
        Object = ReadOptional(ref from, ReadObject),
        Version = ReadVersion(ref from),
        IsDeleteMarker = from.Bool(),
        PartNumber = FormV1.ReadInt(ref from),
        Upload = ReadOptional(ref from, UploadFormV1.ReadRecord),
    };

    internal static void Write(ByteWriter to, QueryResult result)
    {
        to.Byte((byte)result.Error);
        WriteOptional(to, result.Bucket, BucketFormV1.Write);
        WriteList(to, result.Buckets, BucketFormV1.Write);
        WriteOptional(to, result.Object, WriteObject);
        WriteList(to, result.Parts, WritePart);
        WriteList(to, result.Identities, IdentityFormV1.Write);
        WriteList(to, result.Objects, WriteObject);
        WriteList(to, result.Versions, WriteEntry);
        WriteList(to, result.Uploads, UploadFormV1.WriteRecord);
        WriteList(to, result.UploadedParts, PartFormV1.Write);
        WriteList(to, result.CommonPrefixes, static (to, prefix) => to.Text(prefix));
        to.Bool(result.IsTruncated);
        to.Text(result.NextMarker);
        WriteVersion(to, result.NextVersionMarker);
        to.Text(result.NextUploadIdMarker);
    }

    internal static QueryResult ReadQueryResult(ref ByteReader from) => new()
    {
        Error = FormV1.ReadEnum<MetadataError>(ref from),
        Bucket = ReadOptional(ref from, BucketFormV1.Read),
        Buckets = ReadList(ref from, BucketFormV1.Read),
        Object = ReadOptional(ref from, ReadObject),
        Parts = ReadList(ref from, ReadPart),
        Identities = ReadList(ref from, IdentityFormV1.Read),
        Objects = ReadList(ref from, ReadObject),
        Versions = ReadList(ref from, ReadEntry),
        Uploads = ReadList(ref from, UploadFormV1.ReadRecord),
        UploadedParts = ReadList(ref from, PartFormV1.Read),
        CommonPrefixes = ReadList(ref from, static (ref ByteReader from) => from.Text()),
        IsTruncated = from.Bool(),
        NextMarker = from.Text(),
        NextVersionMarker = ReadVersion(ref from),
        NextUploadIdMarker = from.Text(),
    };

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

    private static void WriteEntry(ByteWriter to, VersionEntry entry)
    {
        to.Bool(entry.IsLatest);
        WriteObject(to, entry.Object);
    }

    private static VersionEntry ReadEntry(ref ByteReader from)
    {
        bool isLatest = from.Bool();
        return new VersionEntry(ReadObject(ref from), isLatest);
    }

    private static void WritePart(ByteWriter to, PartSummary part)
    {
        to.VarUInt((ulong)part.Number);
        FormV1.WriteLength(to, part.SizeBytes);
        FormV1.WriteChecksum(to, part.Checksum);
    }

    private static PartSummary ReadPart(ref ByteReader from) =>
        new(FormV1.ReadInt(ref from), FormV1.ReadLength(ref from), FormV1.ReadChecksum(ref from));

    private static void WriteVersion(ByteWriter to, VersionId? version)
    {
        to.Bool(version is not null);
        to.VarUInt(version?.Value ?? 0);
    }

    private static VersionId? ReadVersion(ref ByteReader from)
    {
        bool some = from.Bool();
        ulong value = from.VarUInt();
        return some ? new VersionId(value) : null;
    }

    private static void WriteOptional<T>(ByteWriter to, T? value, Action<ByteWriter, T> write)
        where T : class
    {
        to.Bool(value is not null);
        if (value is not null)
        {
            write(to, value);
        }
    }

    private static T? ReadOptional<T>(ref ByteReader from, Reader<T> read)
        where T : class => from.Bool() ? read(ref from) : null;

    private static void WriteList<T>(ByteWriter to, IReadOnlyList<T> list, Action<ByteWriter, T> write)
    {
        to.VarUInt((ulong)list.Count);
        for (int i = 0; i < list.Count; i++)
        {
            write(to, list[i]);
        }
    }

    private static T[] ReadList<T>(ref ByteReader from, Reader<T> read)
    {
        int count = from.Count();
        if (count == 0)
        {
            return [];
        }

        var list = new T[count];
        for (int i = 0; i < count; i++)
        {
            list[i] = read(ref from);
        }

        return list;
    }
}
