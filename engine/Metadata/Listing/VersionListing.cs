using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>ListObjectVersions.</summary>
internal static class VersionListing
{
    internal static async ValueTask<QueryResult> ListAsync(IReadView state, BucketRecord bucket, ListVersionsQuery query)
    {
        var versions = new List<VersionEntry>();
        var prefixes = new List<string>();
        string last = "";
        bool truncated = false;
        var range = new KeyRange(Tables.Objects, bucket.Id, query.Prefix, query.Delimiter);
        string? resumed = await StartAsync(state, bucket, query, range) ? query.KeyMarker : null;
        using var scan = new KeyScan(range.Scan(state));
        while (query.EntriesMax > 0 && await scan.NextAsync())
        {
            if (versions.Count + prefixes.Count == query.EntriesMax)
            {
                truncated = true;
                break;
            }

            int rolled = range.RolledLength(scan.Escaped);
            if (rolled > 0)
            {
                last = scan.SkipRolled(rolled);
                prefixes.Add(last);
                continue;
            }

            last = scan.Key;
            string ownerBefore = versions.Count > 0 ? versions[^1].Object.OwnerId : bucket.OwnerId;
            ObjectRecord record = RowFormat.DecodeObjectSummary(scan.Row, last, ownerBefore);
            bool isLatest = scan.IsNewKey
                && (last != resumed || await IsNewestAsync(state, bucket, last, RowKeys.SequenceOf(scan.Rest())));
            versions.Add(new VersionEntry(record, isLatest));
        }

        bool endsInVersion = truncated && (prefixes.Count == 0 || prefixes[^1] != last);
        return new QueryResult
        {
            Bucket = bucket,
            Versions = versions,
            CommonPrefixes = prefixes,
            IsTruncated = truncated,
            NextMarker = truncated ? last : "",
            NextVersionMarker = endsInVersion ? versions[^1].Object.Version : null,
        };
    }

    /// <returns>True when the listing goes on within the marker's key.</returns>
    private static async ValueTask<bool> StartAsync(IReadView state, BucketRecord bucket, ListVersionsQuery query, KeyRange range)
    {
        if (query.KeyMarker.Length == 0 || query.VersionMarker is not { } version || range.RollsUp(query.KeyMarker))
        {
            range.StartAfter(query.KeyMarker);
            return false;
        }

        ulong sequence = await ShardReader.FindSequenceAsync(state, bucket, query.KeyMarker, version);
        if (sequence == 0 && bucket.Versioning != VersioningState.Off
            && await ShardReader.FindAtAsync(state, bucket, query.KeyMarker, 0) is null)
        {
            // The null version that the last page ended in is gone, and where it was is unknown: rather show versions of this key again than skip any.
            range.StartAt(RowKeys.OfKey(Tables.Objects, bucket.Id, query.KeyMarker));
            return true;
        }

        range.StartAt(sequence == 0
            ? RowKeys.AfterKey(Tables.Objects, bucket.Id, query.KeyMarker)
            : RowKeys.Object(bucket.Id, query.KeyMarker, sequence - 1));
        return true;
    }

    // Above a resumed version there may be none any more: what was newer can have been deleted since.
    private static async ValueTask<bool> IsNewestAsync(IReadView state, BucketRecord bucket, string key, ulong sequence)
    {
        using IScan first = state.Scan(RowKeys.OfKey(Tables.Objects, bucket.Id, key), RowKeys.AfterKey(Tables.Objects, bucket.Id, key));
        return await first.NextAsync() && ShardReader.SequenceOf(first.Key) == sequence;
    }
}
