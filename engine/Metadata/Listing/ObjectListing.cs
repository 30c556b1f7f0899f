using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>ListObjects and ListObjectsV2. Costs one row an entry, one more and a seek for a key with older versions, and a seek for a common prefix.</summary>
internal static class ObjectListing
{
    internal static async ValueTask<QueryResult> ListAsync(IReadView state, BucketRecord bucket, ListObjectsQuery query)
    {
        var objects = new List<ObjectRecord>();
        var prefixes = new List<string>();
        string last = "";
        bool truncated = false;
        var range = new KeyRange(Tables.Objects, bucket.Id, query.Prefix, query.Delimiter);
        range.StartAfter(query.StartAfter);
        using var scan = new KeyScan(range.Scan(state));
        while (query.EntriesMax > 0 && await scan.NextAsync())
        {
            if (!scan.IsNewKey)
            {
                scan.SkipKey();
                continue;
            }

            if (RowFormat.IsDeleteMarker(scan.Row))
            {
                continue;
            }

            if (objects.Count + prefixes.Count == query.EntriesMax)
            {
                truncated = true;
                break;
            }

            int rolled = range.RolledLength(scan.Escaped);
            if (rolled > 0)
            {
                last = scan.SkipRolled(rolled);
                prefixes.Add(last);
            }
            else
            {
                last = scan.Key;
                string ownerBefore = objects.Count > 0 ? objects[^1].OwnerId : bucket.OwnerId;
                objects.Add(RowFormat.DecodeObjectSummary(scan.Row, last, ownerBefore));
            }
        }

        return new QueryResult
        {
            Bucket = bucket,
            Objects = objects,
            CommonPrefixes = prefixes,
            IsTruncated = truncated,
            NextMarker = truncated ? last : "",
        };
    }
}
