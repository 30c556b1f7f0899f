using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Queries: kind byte, then fields. Kinds are never used again for something else.</summary>
internal static class QueryFormV1
{
    private enum Kind : byte
    {
        GetBucket = 1,
        ListBuckets = 2,
        GetObject = 3,
        ListObjects = 4,
        ListVersions = 5,
        ListUploads = 6,
        ListParts = 7,
        GetUpload = 8,
        ListIdentities = 9,
    }

    internal static void Write(ByteWriter to, MetadataQuery query)
    {
        switch (query)
        {
            case GetBucketQuery get:
                to.Byte((byte)Kind.GetBucket);
                to.Text(get.Name);
                break;
            case ListBucketsQuery list:
                to.Byte((byte)Kind.ListBuckets);
                to.Bool(list.OwnerId is not null);
                to.Text(list.OwnerId ?? "");
                to.Text(list.Prefix);
                to.Text(list.StartAfter);
                WriteCount(to, list.BucketsMax);
                break;
            case GetObjectQuery get:
                to.Byte((byte)Kind.GetObject);
                to.Text(get.Bucket);
                to.Text(get.Key);
                WriteVersion(to, get.Version);
                to.Bool(get.WithParts);
                break;
            case ListObjectsQuery list:
                to.Byte((byte)Kind.ListObjects);
                to.Text(list.Bucket);
                to.Text(list.Prefix);
                to.Text(list.Delimiter);
                to.Text(list.StartAfter);
                WriteCount(to, list.EntriesMax);
                break;
            case ListVersionsQuery list:
                to.Byte((byte)Kind.ListVersions);
                to.Text(list.Bucket);
                to.Text(list.Prefix);
                to.Text(list.Delimiter);
                to.Text(list.KeyMarker);
                WriteVersion(to, list.VersionMarker);
                WriteCount(to, list.EntriesMax);
                break;
            case ListUploadsQuery list:
                to.Byte((byte)Kind.ListUploads);
                to.Text(list.Bucket);
                to.Text(list.Prefix);
                to.Text(list.Delimiter);
                to.Text(list.KeyMarker);
                to.Text(list.UploadIdMarker);
                WriteCount(to, list.EntriesMax);
                break;
            case ListPartsQuery list:
                to.Byte((byte)Kind.ListParts);
                WriteUpload(to, list.Bucket, list.Key, list.UploadId);
                WriteCount(to, list.PartNumberMarker);
                WriteCount(to, list.PartsMax);
                break;
            case GetUploadQuery get:
                to.Byte((byte)Kind.GetUpload);
                WriteUpload(to, get.Bucket, get.Key, get.UploadId);
                break;
            case ListIdentitiesQuery:
                to.Byte((byte)Kind.ListIdentities);
                break;
            default:
                throw new InvariantViolationException($"no such query: {query.GetType().Name}");
        }
    }

    internal static MetadataQuery Read(ref ByteReader from) => FormV1.ReadEnum<Kind>(ref from) switch
    {
        Kind.GetBucket => new GetBucketQuery(from.Text()),
        Kind.ListBuckets => ReadListBuckets(ref from),
        Kind.GetObject => new GetObjectQuery(from.Text(), from.Text(), ReadVersion(ref from), from.Bool()),
        Kind.ListObjects => new ListObjectsQuery(from.Text(), from.Text(), from.Text(), from.Text(), FormV1.ReadInt(ref from)),
        Kind.ListVersions => new ListVersionsQuery(from.Text(), from.Text(), from.Text(), from.Text(), ReadVersion(ref from), FormV1.ReadInt(ref from)),
        Kind.ListUploads => new ListUploadsQuery(from.Text(), from.Text(), from.Text(), from.Text(), from.Text(), FormV1.ReadInt(ref from)),
        Kind.ListParts => new ListPartsQuery(from.Text(), from.Text(), from.Text(), FormV1.ReadInt(ref from), FormV1.ReadInt(ref from)),
        Kind.GetUpload => new GetUploadQuery(from.Text(), from.Text(), from.Text()),
        _ => new ListIdentitiesQuery(),
    };

    private static ListBucketsQuery ReadListBuckets(ref ByteReader from)
    {
        bool hasOwner = from.Bool();
        string owner = from.Text();
        return new ListBucketsQuery(hasOwner ? owner : null, from.Text(), from.Text(), FormV1.ReadInt(ref from));
    }

    // A negative count asks for nothing, as 0 does.
    private static void WriteCount(ByteWriter to, int count) => to.VarUInt((ulong)int.Max(count, 0));

    private static void WriteUpload(ByteWriter to, string bucket, string key, string uploadId)
    {
        to.Text(bucket);
        to.Text(key);
        to.Text(uploadId);
    }

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
}
