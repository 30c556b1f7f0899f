namespace ObjectStore.Engine.Metadata;

/// <summary>A step of a change of a whole bucket that several groups take part in.</summary>
/// <param name="Change">Which change; its number was given by the root group.</param>
/// <param name="OldestChange">Changes below this one are over: what still comes of them is refused.</param>
public abstract record BucketChangeCommand(ulong Change, ulong OldestChange) : ShardCommand;

/// <summary>To every group that has a part of the bucket: let nobody in until the change is over; and is it empty, where that matters.</summary>
/// <param name="Change">The change.</param>
/// <param name="OldestChange">See <see cref="BucketChangeCommand"/>.</param>
/// <param name="Name">The bucket's name.</param>
/// <param name="BucketId">Its number.</param>
/// <param name="MustBeEmpty">It is to be deleted.</param>
public sealed record PrepareBucketCommand(ulong Change, ulong OldestChange, string Name, ulong BucketId, bool MustBeEmpty) : BucketChangeCommand(Change, OldestChange);

/// <summary>To every group that was asked to prepare: the change is decided.</summary>
/// <param name="Change">The change.</param>
/// <param name="OldestChange">See <see cref="BucketChangeCommand"/>.</param>
/// <param name="Name">The bucket's name.</param>
/// <param name="BucketId">Its number.</param>
/// <param name="TookPlace">False: everything stays as it is.</param>
/// <param name="Bucket">The bucket from now on; null when it was deleted.</param>
public sealed record FinishBucketCommand(ulong Change, ulong OldestChange, string Name, ulong BucketId, bool TookPlace, BucketRecord? Bucket)
    : BucketChangeCommand(Change, OldestChange);

/// <summary>To the root group, by its leader: all have prepared, or one refused. Decides.</summary>
/// <param name="Change">The change.</param>
/// <param name="Refusal">Why not; none when all have prepared.</param>
public sealed record DecideBucketCommand(ulong Change, MetadataError Refusal) : ShardCommand;

/// <summary>To the root group, by its leader: all know the decision.</summary>
public sealed record ForgetBucketCommand(ulong Change) : ShardCommand;
