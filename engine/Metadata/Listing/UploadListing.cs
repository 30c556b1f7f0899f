using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>ListMultipartUploads.</summary>
internal static class UploadListing
{
    internal static async ValueTask<QueryResult> ListAsync(IReadView state, BucketRecord bucket, ListUploadsQuery query)
    {
        var uploads = new List<UploadRecord>();
        var prefixes = new List<string>();
        string last = "";
        bool truncated = false;
        var range = new KeyRange(Tables.Uploads, bucket.Id, query.Prefix, query.Delimiter);
        if (query.KeyMarker.Length > 0 && query.UploadIdMarker.Length > 0 && !range.RollsUp(query.KeyMarker))
        {
            // The least key above the marker's row.
            byte[] marker = RowKeys.Upload(bucket.Id, query.KeyMarker, query.UploadIdMarker);
            range.StartAt([.. marker, 0]);
        }
        else
        {
            range.StartAfter(query.KeyMarker);
        }

        using var scan = new KeyScan(range.Scan(state));
        while (query.EntriesMax > 0 && await scan.NextAsync())
        {
            if (uploads.Count + prefixes.Count == query.EntriesMax)
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
                uploads.Add(RowFormat.DecodeUpload(scan.Row).Record);
            }
        }

        bool endsInUpload = truncated && (prefixes.Count == 0 || prefixes[^1] != last);
        return new QueryResult
        {
            Bucket = bucket,
            Uploads = uploads,
            CommonPrefixes = prefixes,
            IsTruncated = truncated,
            NextMarker = truncated ? last : "",
            NextUploadIdMarker = endsInUpload ? uploads[^1].UploadId : "",
        };
    }
}

/// <summary>ListParts.</summary>
internal static class PartListing
{
    internal static async ValueTask<QueryResult> ListAsync(IReadView state, BucketRecord bucket, ListPartsQuery query)
    {
        if (await ShardReader.FindUploadAsync(state, bucket, query.Key, query.UploadId) is not { } upload)
        {
            return new QueryResult { Error = MetadataError.NoSuchUpload, Bucket = bucket };
        }

        var parts = new List<PartRecord>();
        bool truncated = false;

        // A marker may have come over the wire: there is no number after the largest.
        int first = int.Min(query.PartNumberMarker, int.MaxValue - 1) + 1;
        using IScan scan = state.Scan(
            RowKeys.Part(upload.Serial, first), RowKeys.Numbered(Tables.Parts, upload.Serial + 1));
        while (query.PartsMax > 0 && await scan.NextAsync())
        {
            if (parts.Count == query.PartsMax)
            {
                truncated = true;
                break;
            }

            parts.Add(RowFormat.DecodePart(scan.Value.Span));
        }

        Invariant.Check(!truncated || parts.Count > 0, "truncated before the first part");
        return new QueryResult
        {
            Bucket = bucket,
            Uploads = [upload.Record],
            UploadedParts = parts,
            IsTruncated = truncated,
            NextMarker = truncated ? parts[^1].Number.ToString() : "",
        };
    }
}
