using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>ListBuckets: over the directory, or over one owner's index.</summary>
internal static class BucketListing
{
    /// <summary>A page ends before the bucket whose documents would exceed this: an answer must fit a message between nodes.</summary>
    private const int DocumentBytesMax = 1 << 20;

    internal static async ValueTask<QueryResult> ListAsync(IReadView state, ListBucketsQuery query)
    {
        var buckets = new List<BucketRecord>();
        bool truncated = false;
        long bytes = 0;
        byte[] head = query.OwnerId is { } owner ? RowKeys.OwnerBucket(owner, "") : RowKeys.Named(Tables.Buckets, "");
        byte[] from = [.. head, .. Encoding.UTF8.GetBytes(query.Prefix)];
        byte[] to = KeyCode.AfterPrefix(from);
        byte[] after = [.. head, .. Encoding.UTF8.GetBytes(query.StartAfter), 0];
        bool resumes = query.StartAfter.Length > 0 && after.AsSpan().SequenceCompareTo(from) > 0;
        using IScan scan = state.Scan(resumes ? after : from, to);
        while (query.BucketsMax > 0 && await scan.NextAsync())
        {
            if (buckets.Count == query.BucketsMax)
            {
                truncated = true;
                break;
            }

            BucketRecord? bucket = query.OwnerId is null
                ? RowFormat.DecodeBucket(scan.Value.Span)
                : await ShardReader.FindBucketAsync(state, Encoding.UTF8.GetString(scan.Key.Span[head.Length..]));
            if (bucket is null)
            {
                continue;
            }

            bytes += bucket.Documents.Sum(static document => (long)document.Value.Length);
            if (bytes > DocumentBytesMax && buckets.Count > 0)
            {
                truncated = true;
                break;
            }

            buckets.Add(bucket);
        }

        return new QueryResult { Buckets = buckets, IsTruncated = truncated, NextMarker = truncated ? buckets[^1].Name : "" };
    }
}
