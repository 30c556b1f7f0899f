using System;

namespace ObjectStore.Engine.Metadata;

/// <summary>Where an event waits among those of its target: events are told in this order.</summary>
/// <param name="Sequence">Number of the command that it is of.</param>
/// <param name="Index">Counts what one command tells.</param>
public readonly record struct EventPlace(ulong Sequence, uint Index)
{
    /// <summary>Whether this is behind another place.</summary>
    public bool IsAfter(EventPlace other) => Sequence > other.Sequence || (Sequence == other.Sequence && Index > other.Index);

    /// <summary>The place after this one.</summary>
    internal EventPlace Next => Index == uint.MaxValue ? new EventPlace(Sequence + 1, 0) : this with { Index = Index + 1 };
}

/// <summary>Something that happened to an object and waits to be told. Holds all that is told, as it was then.</summary>
public sealed record WaitingEvent
{
    /// <summary>Where it waits.</summary>
    public EventPlace Place { get; init; }

    /// <summary>What.</summary>
    public required EventKind Kind { get; init; }

    /// <summary>Counts the events of one command from 0: with the number of the command it orders all events of a key.</summary>
    public required byte Ordinal { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime AtUtc { get; init; }

    /// <summary>Name of the bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>Owner of the bucket.</summary>
    public required string BucketOwnerId { get; init; }

    /// <summary>Key of the object.</summary>
    public required string Key { get; init; }

    /// <summary>The version, where the bucket has versions to tell; else null.</summary>
    public VersionId? Version { get; init; }

    /// <summary>Content length; 0 for delete markers.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Without quotes; empty for delete markers.</summary>
    public string ETag { get; init; } = "";

    /// <summary>Storage class after what happened; empty is STANDARD.</summary>
    public string StorageClass { get; init; } = "";

    /// <summary>Until when the object is restored, if it is.</summary>
    public DateTime? RestoredUntilUtc { get; init; }

    /// <summary>The request.</summary>
    public required EventOrigin Origin { get; init; }

    /// <summary>The rule that asked for it; may be empty.</summary>
    public required string RuleId { get; init; }
}

/// <summary>Events of one target that wait in one shard.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">At or below the place of the oldest: where to look for it, past what is deleted already.</param>
/// <param name="Dropped">Events that were ever dropped because too many waited.</param>
internal readonly record struct EventQueueRow(long Count, EventPlace First, long Dropped);
