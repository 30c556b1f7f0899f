using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>Paces and limits of access logs.</summary>
public sealed record AccessLogOptions
{
    /// <summary>Largest <see cref="ObjectBytes"/>.</summary>
    public const int ObjectBytesMax = 5 * 1024 * 1024;

    /// <summary>How long the first line of a bucket may wait for delivery.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Lines of a bucket are delivered as soon as they are so many bytes. A request that makes more in one go, such as the deletion of many objects, makes an object of its own.</summary>
    public int ObjectBytes { get; init; } = 1024 * 1024;

    /// <summary>Memory for lines of one bucket; what comes when it is full is dropped.</summary>
    public long BucketBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Memory for lines of all buckets, likewise.</summary>
    public long TotalBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Attempts at delivery; after the last one the lines are dropped.</summary>
    public int AttemptsMax { get; init; } = 10;

    /// <summary>Rest after a delivery that failed; doubles up to <see cref="RetryDelayMax"/>.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest rest.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after its beginning a stop may begin another delivery.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(5);
}
