using System;
using System.Text;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>Puts the parts of a listing that came from several ranges together.</summary>
internal static class ListingMerge
{
    internal static int EntriesMaxOf(MetadataQuery query) => query switch
    {
        ListObjectsQuery list => list.EntriesMax,
        ListVersionsQuery list => list.EntriesMax,
        ListUploadsQuery list => list.EntriesMax,
        _ => throw NoListing(query),
    };

    internal static int CountOf(QueryResult result) =>
        result.Objects.Count + result.Versions.Count + result.Uploads.Count + result.CommonPrefixes.Count;

    /// <summary>The same listing with another bound.</summary>
    internal static MetadataQuery WithMax(MetadataQuery query, int entriesMax) => query switch
    {
        ListObjectsQuery list => list with { EntriesMax = entriesMax },
        ListVersionsQuery list => list with { EntriesMax = entriesMax },
        ListUploadsQuery list => list with { EntriesMax = entriesMax },
        _ => throw NoListing(query),
    };

    /// <summary>The rest of a listing after what was found so far, which ended with whole keys.</summary>
    internal static MetadataQuery After(MetadataQuery query, QueryResult found)
    {
        string last = LastOf(found).Name;
        return last.Length == 0 ? query : query switch
        {
            ListObjectsQuery list => list with { StartAfter = last },
            ListVersionsQuery list => list with { KeyMarker = last, VersionMarker = null },
            ListUploadsQuery list => list with { KeyMarker = last, UploadIdMarker = "" },
            _ => throw NoListing(query),
        };
    }

    internal static QueryResult Join(QueryResult first, QueryResult second) => second with
    {
        Bucket = first.Bucket ?? second.Bucket,
        Objects = [.. first.Objects, .. second.Objects],
        Versions = [.. first.Versions, .. second.Versions],
        Uploads = [.. first.Uploads, .. second.Uploads],
        CommonPrefixes = [.. first.CommonPrefixes, .. second.CommonPrefixes],
    };

    /// <summary>Ends a page after what it has: there is, or may be, more.</summary>
    internal static QueryResult Cut(QueryResult result)
    {
        (string name, bool isPrefix) = LastOf(result);
        return result with
        {
            IsTruncated = true,
            NextMarker = name,
            NextVersionMarker = !isPrefix && result.Versions.Count > 0 ? result.Versions[^1].Object.Version : null,
            NextUploadIdMarker = !isPrefix && result.Uploads.Count > 0 ? result.Uploads[^1].UploadId : "",
        };
    }

    /// <summary>The last entry in the order of the listing: a key or a common prefix.</summary>
    private static (string Name, bool IsPrefix) LastOf(QueryResult result)
    {
        string key = result.Objects.Count > 0 ? result.Objects[^1].Key
            : result.Versions.Count > 0 ? result.Versions[^1].Object.Key
            : result.Uploads.Count > 0 ? result.Uploads[^1].Template.Key : "";
        string prefix = result.CommonPrefixes.Count > 0 ? result.CommonPrefixes[^1] : "";
        return Compare(prefix, key) > 0 ? (prefix, true) : (key, false);
    }

    private static int Compare(string left, string right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

    private static InvariantViolationException NoListing(MetadataQuery query) => new($"no listing of a bucket: {query.GetType().Name}");
}
