using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>A bucket whose requests are logged, and where to, as it was when a request found it.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="BucketId">Tells it from another one of the same name.</param>
/// <param name="OwnerId">Canonical id of its owner.</param>
/// <param name="Region">Where it lies.</param>
/// <param name="Settings">Where its logs go.</param>
internal sealed record LogSource(string Bucket, ulong BucketId, string OwnerId, string Region, LoggingConfiguration Settings)
{
    /// <summary>A bucket as a request found it.</summary>
    internal static LogSource Of(OperationContext context, BucketRecord bucket, LoggingConfiguration settings) =>
        new(bucket.Name, bucket.Id, bucket.OwnerId, context.RegionOf(bucket), settings);

    /// <summary>Whether lines of both may lie in one object.</summary>
    internal bool IsSame(LogSource other) => BucketId == other.BucketId && OwnerId == other.OwnerId && Settings.IsSame(other.Settings);
}
