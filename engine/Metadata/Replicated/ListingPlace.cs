using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Where the rows of a listing are.</summary>
public static class ListingPlace
{
    /// <summary>The bucket that is listed.</summary>
    public static string BucketOf(MetadataQuery query) => query switch
    {
        ListObjectsQuery list => list.Bucket,
        ListVersionsQuery list => list.Bucket,
        ListUploadsQuery list => list.Bucket,
        _ => throw new InvariantViolationException($"no listing of a bucket: {query?.GetType().Name}"),
    };

    /// <summary>All positions whose rows the listing may have to look at.</summary>
    public static PositionRange Of(ulong bucketId, MetadataQuery query)
    {
        switch (query)
        {
            case ListObjectsQuery list:
                return Of(bucketId, list.Prefix, list.Delimiter, list.StartAfter, isWithin: false);
            case ListVersionsQuery list:
                return Of(bucketId, list.Prefix, list.Delimiter, list.KeyMarker, list.VersionMarker is not null);
            case ListUploadsQuery list:
                return Of(bucketId, list.Prefix, list.Delimiter, list.KeyMarker, list.UploadIdMarker.Length > 0);
            default:
                throw new InvariantViolationException($"no listing of a bucket: {query?.GetType().Name}");
        }
    }

    /// <param name="bucketId">The bucket.</param>
    /// <param name="prefix">As in the query.</param>
    /// <param name="delimiter">As in the query.</param>
    /// <param name="marker">Key marker.</param>
    /// <param name="isWithin">The listing may go on within the marker's key.</param>
    private static PositionRange Of(ulong bucketId, string prefix, string delimiter, string marker, bool isWithin)
    {
        var range = new KeyRange(Tables.Objects, bucketId, prefix, delimiter);
        if (isWithin && marker.Length > 0 && !range.RollsUp(marker))
        {
            range.StartAt(RowKeys.OfKey(Tables.Objects, bucketId, marker));
        }
        else
        {
            range.StartAfter(marker);
        }

        return range.Range;
    }
}
