namespace ObjectStore.Engine.Metadata;

/// <summary>Limits that commands are held to, most of them of the S3 API. The same on every replica of a shard.</summary>
/// <remarks>Source: Amazon S3 multipart upload limits.</remarks>
public sealed record MetadataLimits
{
    /// <summary>All configuration documents of one bucket: they lie in one row, are read with the bucket, and must fit a command between nodes.</summary>
    public const int BucketDocumentBytesMax = 2 * 1024 * 1024;

    /// <summary>Events that may wait for one target in one shard; beyond that the oldest are dropped and counted. 50 to 200 MB.</summary>
    /// <remarks>
    /// Replicas drop by it when they apply a command, so they must agree on it for each command of their log: changing it changes the format of the log, as does changing <see cref="EventQueue.DeletionsMax"/>.
    /// </remarks>
    public long EventsWaitingMax { get; init; } = 100_000;

    /// <summary>Smallest part but the last. Lower in tests only.</summary>
    public long PartSizeBytesMin { get; init; } = 5 * 1024 * 1024;

    /// <summary>Largest object.</summary>
    public long ObjectSizeBytesMax { get; init; } = 5L * 1024 * 1024 * 1024 * 1024;
}
