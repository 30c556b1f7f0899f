using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Answers queries: a function of one state and the query.</summary>
public static class MetadataQueries
{
    /// <summary>Answers one query.</summary>
    /// <exception cref="StorageException">A row could not be read.</exception>
    /// <exception cref="MalformedDataException">A row is damaged.</exception>
    public static ValueTask<QueryResult> AnswerAsync(IReadView state, MetadataQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query switch
        {
            GetObjectQuery get => GetObjectAsync(state, get),
            GetBucketQuery get => GetBucketAsync(state, get),
            ListObjectsQuery list => InBucketAsync(state, list.Bucket, list, static (s, b, q) => ObjectListing.ListAsync(s, b, q)),
            ListVersionsQuery list => InBucketAsync(state, list.Bucket, list, static (s, b, q) => VersionListing.ListAsync(s, b, q)),
            ListUploadsQuery list => InBucketAsync(state, list.Bucket, list, static (s, b, q) => UploadListing.ListAsync(s, b, q)),
            ListPartsQuery list => InBucketAsync(state, list.Bucket, list, static (s, b, q) => PartListing.ListAsync(s, b, q)),
            GetUploadQuery get => InBucketAsync(state, get.Bucket, get, GetUploadAsync),
            ListBucketsQuery list => BucketListing.ListAsync(state, list),
            ListIdentitiesQuery => ListIdentitiesAsync(state),
            _ => throw new InvariantViolationException($"no such query: {query.GetType().Name}"),
        };
    }

    /// <summary>The version that a query means, with its data; the row is null when the result is an error.</summary>
    internal static async ValueTask<(QueryResult Result, ObjectRow? Row)> FindObjectAsync(IReadView state, GetObjectQuery query)
    {
        if (await ShardReader.FindBucketAsync(state, query.Bucket) is not { } bucket)
        {
            return (new QueryResult { Error = MetadataError.NoSuchBucket }, null);
        }

        ObjectRow? row = query.Version is { } version
            ? await ShardReader.FindVersionAsync(state, bucket, query.Key, version)
            : await ShardReader.FindNewestAsync(state, bucket, query.Key);
        if (row is { Record.IsDeleteMarker: false })
        {
            return (new QueryResult { Bucket = bucket, Object = row.Record }, row);
        }

        MetadataError error = query.Version is null ? MetadataError.NoSuchKey
            : row is null ? MetadataError.NoSuchVersion : MetadataError.IsDeleteMarker;
        return (new QueryResult { Error = error, Bucket = bucket, Object = row?.Record }, null);
    }

    /// <summary>The parts of a multipart object; empty for others.</summary>
    internal static async ValueTask<StoredPart[]> ReadPartsAsync(IReadView state, ObjectRow row)
    {
        if (row.PartListId == 0)
        {
            return [];
        }

        return await state.GetAsync(RowKeys.PartList(row.PartListId)) is { } found
            ? RowFormat.DecodePartList(found.Span)
            : throw new MalformedDataException("multipart object without its part list");
    }

    internal static PartSummary[] Summarize(StoredPart[] parts)
    {
        var summaries = new PartSummary[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            summaries[i] = new PartSummary(parts[i].Number, parts[i].SizeBytes, parts[i].Checksum);
        }

        return summaries;
    }

    private static async ValueTask<QueryResult> GetObjectAsync(IReadView state, GetObjectQuery query)
    {
        (QueryResult result, ObjectRow? row) = await FindObjectAsync(state, query);
        return row is not null && query.WithParts ? result with { Parts = Summarize(await ReadPartsAsync(state, row)) } : result;
    }

    private static async ValueTask<QueryResult> GetBucketAsync(IReadView state, GetBucketQuery query)
    {
        BucketRecord? bucket = await ShardReader.FindBucketAsync(state, query.Name);
        return new QueryResult { Bucket = bucket, Error = bucket is null ? MetadataError.NoSuchBucket : MetadataError.None };
    }

    private static async ValueTask<QueryResult> GetUploadAsync(IReadView state, BucketRecord bucket, GetUploadQuery query)
    {
        UploadRow? upload = await ShardReader.FindUploadAsync(state, bucket, query.Key, query.UploadId);
        return upload is null
            ? new QueryResult { Error = MetadataError.NoSuchUpload, Bucket = bucket }
            : new QueryResult { Bucket = bucket, Uploads = [upload.Record] };
    }

    private static async ValueTask<QueryResult> ListIdentitiesAsync(IReadView state) =>
        new() { Identities = await IdentityCommands.ListAsync(state) };

    private static async ValueTask<QueryResult> InBucketAsync<TQuery>(
        IReadView state, string name, TQuery query, Func<IReadView, BucketRecord, TQuery, ValueTask<QueryResult>> answer) =>
        await ShardReader.FindBucketAsync(state, name) is { } bucket
            ? await answer(state, bucket, query)
            : new QueryResult { Error = MetadataError.NoSuchBucket };
}
