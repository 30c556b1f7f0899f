using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>When an action on current versions is due: so many days after they were written, or from a date on.</summary>
internal readonly record struct LifecycleTime(int Days, DateTime? DateUtc);

/// <summary>A move of current versions to another storage class.</summary>
internal sealed record LifecycleMove(LifecycleTime When, string StorageClass);

/// <summary>What happens to noncurrent versions.</summary>
/// <param name="Days">So many days after they became noncurrent.</param>
/// <param name="NewerVersionsKept">Only to those that have at least so many noncurrent versions above them.</param>
/// <param name="StorageClass">Where they move; empty where they go for good.</param>
internal sealed record NoncurrentAction(int Days, int NewerVersionsKept, string StorageClass);

/// <summary>One rule of a lifecycle configuration.</summary>
internal sealed record LifecycleRule
{
    /// <summary>Unique in its configuration.</summary>
    internal required string Id { get; init; }

    /// <summary>A rule that is not enabled does nothing.</summary>
    internal required bool IsEnabled { get; init; }

    /// <summary>What it is for.</summary>
    internal required LifecycleFilter Filter { get; init; }

    /// <summary>When current versions expire.</summary>
    internal LifecycleTime? Expiration { get; init; }

    /// <summary>Delete markers that hide nothing go at once; else when they are as old as objects must be to expire.</summary>
    internal bool RemovesLonelyMarkers { get; init; }

    /// <summary>Moves of current versions.</summary>
    internal IReadOnlyList<LifecycleMove> Moves { get; init; } = [];

    /// <summary>When noncurrent versions go.</summary>
    internal NoncurrentAction? NoncurrentExpiration { get; init; }

    /// <summary>Moves of noncurrent versions.</summary>
    internal IReadOnlyList<NoncurrentAction> NoncurrentMoves { get; init; } = [];

    /// <summary>Days after which uploads in progress are aborted.</summary>
    internal int? AbortUploadsAfterDays { get; init; }

    /// <summary>Does something to versions or delete markers.</summary>
    internal bool ActsOnVersions =>
        Expiration is not null || RemovesLonelyMarkers || Moves.Count > 0 || NoncurrentExpiration is not null || NoncurrentMoves.Count > 0;
}
