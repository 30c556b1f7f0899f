using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Bucket row: name, id, owner, time, region, versioning, lock, documents.</summary>
internal static class BucketFormV1
{
    internal static void Write(ByteWriter to, BucketRecord bucket)
    {
        to.Text(bucket.Name);
        to.UInt64(bucket.Id);
        to.Text(bucket.OwnerId);
        to.Utc(bucket.CreatedUtc);
        to.Text(bucket.Region);
        to.Byte((byte)bucket.Versioning);
        to.Bool(bucket.ObjectLock);
        WriteDocuments(to, bucket.Documents);
    }

    internal static BucketRecord Read(ref ByteReader from) => new()
    {
        Name = from.Text(),
        Id = from.UInt64(),
        OwnerId = from.Text(),
        CreatedUtc = from.Utc(),
        Region = from.Text(),
        Versioning = FormV1.ReadEnum<VersioningState>(ref from),
        ObjectLock = from.Bool(),
        Documents = ReadDocuments(ref from),
    };

    internal static void WriteDocuments(ByteWriter to, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> documents)
    {
        to.VarUInt((ulong)documents.Count);
        for (int i = 0; i < documents.Count; i++)
        {
            to.Text(documents[i].Key);
            to.Bytes(documents[i].Value.Span);
        }
    }

    internal static KeyValuePair<string, ReadOnlyMemory<byte>>[] ReadDocuments(ref ByteReader from)
    {
        int count = from.Count();
        var documents = new KeyValuePair<string, ReadOnlyMemory<byte>>[count];
        for (int i = 0; i < count; i++)
        {
            documents[i] = KeyValuePair.Create(from.Text(), FormV1.ReadMemory(ref from));
        }

        return documents;
    }
}
