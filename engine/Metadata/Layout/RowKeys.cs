using System;
using System.Buffers.Binary;
using System.Text;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The tables of a shard: first byte of a row's key. 0x00 belongs to the chunk store. Drawn in KeyLayout.md.</summary>
internal static class Tables
{
    internal const byte Shard = 0x01;
    internal const byte Buckets = 0x02;
    internal const byte OwnerBuckets = 0x03;
    internal const byte OwnerCounts = 0x04;
    internal const byte Objects = 0x05;
    internal const byte NullVersions = 0x06;
    internal const byte InlineBodies = 0x07;
    internal const byte PartLists = 0x08;
    internal const byte Uploads = 0x09;
    internal const byte Parts = 0x0A;
    internal const byte CompletedUploads = 0x0B;
    internal const byte Garbage = 0x0C;
    internal const byte Identities = 0x0D;
    internal const byte Blobs = 0x0E;
    internal const byte Group = 0x0F;
    internal const byte DoomedBlobs = 0x10;
    internal const byte Forwards = 0x11;
    internal const byte BucketLocks = 0x12;
    internal const byte BucketChanges = 0x13;
    internal const byte BucketOutcomes = 0x14;
    internal const byte Events = 0x15;
    internal const byte EventQueues = 0x16;
}

/// <summary>Keys of the rows, one function a table.</summary>
internal static class RowKeys
{
    private const int IdSize = sizeof(ulong);
    private const int EndSize = 2;

    /// <summary>The epoch row.</summary>
    internal static readonly byte[] Epoch = [Tables.Shard, 0x01];

    /// <summary>Where rows of a bucket start in a table, and (with the id above) end.</summary>
    internal static byte[] OfBucket(byte table, ulong bucketId)
    {
        var key = new KeyCode(table, 1 + IdSize);
        key.Number(bucketId);
        return key.ToKey();
    }

    internal static byte[] Bucket(string name) => Named(Tables.Buckets, name);

    internal static byte[] Identity(string name) => Named(Tables.Identities, name);

    internal static byte[] OwnerCount(string ownerId) => Named(Tables.OwnerCounts, ownerId);

    /// <summary>All rows of the table whose name starts with <paramref name="name"/>.</summary>
    internal static byte[] Named(byte table, string name)
    {
        var key = new KeyCode(table, 1 + Encoding.UTF8.GetByteCount(name));
        key.Text(name);
        return key.ToKey();
    }

    internal static byte[] OwnerBucket(string ownerId, string bucket)
    {
        var key = new KeyCode(Tables.OwnerBuckets, 1 + KeyCode.EscapedSize(ownerId) + EndSize + Encoding.UTF8.GetByteCount(bucket));
        key.Escaped(ownerId);
        key.EndOfText();
        key.Text(bucket);
        return key.ToKey();
    }

    /// <summary>A version's row. <paramref name="sequence"/> is the place among the key's versions: newest (highest) first.</summary>
    internal static byte[] Object(ulong bucketId, string objectKey, ulong sequence)
    {
        var key = new KeyCode(Tables.Objects, 1 + IdSize + KeyCode.EscapedSize(objectKey) + EndSize + IdSize);
        key.Number(bucketId);
        key.Escaped(objectKey);
        key.EndOfText();
        key.Number(~sequence);
        return key.ToKey();
    }

    internal static byte[] NullVersion(ulong bucketId, string objectKey) => OfKey(Tables.NullVersions, bucketId, objectKey);

    /// <summary>Where the rows of one object key start in a table.</summary>
    internal static byte[] OfKey(byte table, ulong bucketId, string objectKey)
    {
        var key = new KeyCode(table, 1 + IdSize + KeyCode.EscapedSize(objectKey) + EndSize);
        key.Number(bucketId);
        key.Escaped(objectKey);
        key.EndOfText();
        return key.ToKey();
    }

    /// <summary>Above all rows of one object key, at or below those of the next.</summary>
    internal static byte[] AfterKey(byte table, ulong bucketId, string objectKey)
    {
        var key = new KeyCode(table, 1 + IdSize + KeyCode.EscapedSize(objectKey) + EndSize);
        key.Number(bucketId);
        key.Escaped(objectKey);
        key.AfterEndOfText();
        return key.ToKey();
    }

    /// <summary>What the rows of all object keys that start with <paramref name="prefix"/> have in common.</summary>
    internal static byte[] OfPrefix(byte table, ulong bucketId, string prefix)
    {
        var key = new KeyCode(table, 1 + IdSize + KeyCode.EscapedSize(prefix));
        key.Number(bucketId);
        key.Escaped(prefix);
        return key.ToKey();
    }

    internal static byte[] InlineBody(BlobId blob) => OfBlob(Tables.InlineBodies, blob);

    internal static byte[] OfBlob(byte table, BlobId blob)
    {
        var key = new KeyCode(table, 1 + IdSize + IdSize);
        key.Number(blob.Epoch);
        key.Number(blob.Number);
        return key.ToKey();
    }

    internal static BlobId BlobOf(ReadOnlySpan<byte> key) => key.Length == 1 + IdSize + IdSize
        ? new BlobId(BinaryPrimitives.ReadUInt64BigEndian(key[1..]), BinaryPrimitives.ReadUInt64BigEndian(key[(1 + IdSize)..]))
        : throw new MalformedDataException("blob key of another size");

    internal static byte[] PartList(ulong partListId) => Numbered(Tables.PartLists, partListId);

    internal static byte[] Upload(ulong bucketId, string objectKey, string uploadId) => OfUpload(Tables.Uploads, bucketId, objectKey, uploadId);

    internal static byte[] CompletedUpload(ulong bucketId, string objectKey, string uploadId) =>
        OfUpload(Tables.CompletedUploads, bucketId, objectKey, uploadId);

    internal static byte[] Part(ulong uploadSerial, int number)
    {
        var key = new KeyCode(Tables.Parts, 1 + IdSize + sizeof(uint));
        key.Number(uploadSerial);
        key.Number((uint)number);
        return key.ToKey();
    }

    /// <summary>Where rows that start with a number start.</summary>
    internal static byte[] Numbered(byte table, ulong number)
    {
        var key = new KeyCode(table, 1 + IdSize);
        key.Number(number);
        return key.ToKey();
    }

    internal static byte[] Garbage(ulong sequence, uint index)
    {
        var key = new KeyCode(Tables.Garbage, 1 + IdSize + sizeof(uint));
        key.Number(sequence);
        key.Number(index);
        return key.ToKey();
    }

    internal static ulong SequenceOfGarbage(ReadOnlySpan<byte> key) => key.Length == 1 + IdSize + sizeof(uint)
        ? BinaryPrimitives.ReadUInt64BigEndian(key[1..])
        : throw new MalformedDataException("garbage key of another size");

    internal static int NumberOfPart(ReadOnlySpan<byte> key) => key.Length == 1 + IdSize + sizeof(uint)
        ? checked((int)BinaryPrimitives.ReadUInt32BigEndian(key[(1 + IdSize)..]))
        : throw new MalformedDataException("part key of another size");

    /// <summary>An event that waits for a target.</summary>
    internal static byte[] Event(string target, EventPlace place)
    {
        var key = new KeyCode(Tables.Events, 1 + KeyCode.EscapedSize(target) + EndSize + IdSize + sizeof(uint));
        key.Escaped(target);
        key.EndOfText();
        key.Number(place.Sequence);
        key.Number(place.Index);
        return key.ToKey();
    }

    /// <summary>Above all events of a target.</summary>
    internal static byte[] AfterEvents(string target)
    {
        var key = new KeyCode(Tables.Events, 1 + KeyCode.EscapedSize(target) + EndSize);
        key.Escaped(target);
        key.AfterEndOfText();
        return key.ToKey();
    }

    internal static EventPlace EventPlaceOf(ReadOnlySpan<byte> key) => key.Length > 1 + EndSize + IdSize + sizeof(uint)
        ? new EventPlace(BinaryPrimitives.ReadUInt64BigEndian(key[^(IdSize + sizeof(uint))..]), BinaryPrimitives.ReadUInt32BigEndian(key[^sizeof(uint)..]))
        : throw new MalformedDataException("event key too short");

    internal static byte[] EventQueue(string target) => Named(Tables.EventQueues, target);

    internal static string TargetOfQueue(ReadOnlySpan<byte> key) => Encoding.UTF8.GetString(key[1..]);

    /// <summary>The escaped object key of a row that starts with table and bucket, without its end; the rest of the row's key follows it.</summary>
    internal static ReadOnlySpan<byte> EscapedKeyOf(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> rest)
    {
        if (key.Length < 1 + IdSize)
        {
            throw new MalformedDataException("row key too short");
        }

        ReadOnlySpan<byte> text = key[(1 + IdSize)..];
        int length = KeyCode.TextLength(text);
        rest = text[length..];
        return text[..(length - EndSize)];
    }

    /// <summary>The place among a key's versions, from what follows the object key in its row's key.</summary>
    internal static ulong SequenceOf(ReadOnlySpan<byte> rest) => rest.Length == IdSize
        ? ~BinaryPrimitives.ReadUInt64BigEndian(rest)
        : throw new MalformedDataException("object key with a sequence of another size");

    private static byte[] OfUpload(byte table, ulong bucketId, string objectKey, string uploadId)
    {
        int size = 1 + IdSize + KeyCode.EscapedSize(objectKey) + EndSize + Encoding.UTF8.GetByteCount(uploadId);
        var key = new KeyCode(table, size);
        key.Number(bucketId);
        key.Escaped(objectKey);
        key.EndOfText();
        key.Text(uploadId);
        return key.ToKey();
    }
}
