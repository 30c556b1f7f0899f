namespace ObjectStore.Engine.Metadata;

/// <summary>Limits that commands are held to, and how rows are laid out. The same on every replica of a shard.</summary>
public sealed record MetadataLimits
{
    /// <summary>Smallest part but the last, by the S3 API. Lower in tests only.</summary>
    public long PartSizeBytesMin { get; init; } = 5 * 1024 * 1024;

    /// <summary>Largest object, by the S3 API.</summary>
    public long ObjectSizeBytesMax { get; init; } = 5L * 1024 * 1024 * 1024 * 1024;

    /// <summary>An inline body of up to this many bytes lies in the row of its object: one lookup finds both. Listings read over it, so it is a fraction of a block of rows.
    /// Rows written under another limit stay readable.</summary>
    public int RowBodyBytesMax { get; init; } = 1024;
}
