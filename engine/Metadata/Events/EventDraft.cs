using System.Collections.Generic;

namespace ObjectStore.Engine.Metadata;

/// <summary>Who is to be told of what, should a command take effect: made from the bucket's rules by whoever proposes it, and only where one of them may apply.</summary>
/// <param name="BucketId">Of the bucket whose rules these are: nothing is told of another one that has its name by the time that the command is decided, as its owner did not ask for it.</param>
/// <param name="Origin">The request.</param>
/// <param name="Routes">1 to <see cref="RoutesMax"/>; those of kinds that do not come about are for nothing.</param>
public sealed record EventDraft(ulong BucketId, EventOrigin Origin, IReadOnlyList<EventRoute> Routes)
{
    /// <summary>
    /// Most routes of one draft, with room to spare: a command comes to at most three kinds (one of a lifecycle rule does), and rules of a bucket that overlap are refused, so that of one kind and key at most one rule
    /// and EventBridge are told. Below <see cref="EventQueue.DeletionsMax"/>, so that a queue that is too long gets shorter with each command that adds to it.
    /// </summary>
    public const int RoutesMax = 256;
}

/// <summary>The request that an event is of.</summary>
/// <param name="RequesterId">Canonical id of who asked.</param>
/// <param name="SourceAddress">Where from.</param>
/// <param name="RequestId">As its answer told it.</param>
/// <param name="HostId">As its answer told it.</param>
public sealed record EventOrigin(string RequesterId, string SourceAddress, string RequestId, string HostId);

/// <summary>A rule that may apply.</summary>
/// <param name="Kind">If that happens.</param>
/// <param name="Target">Name of the target that is told.</param>
/// <param name="RuleId">The rule's id, which the event names; may be empty.</param>
public sealed record EventRoute(EventKind Kind, string Target, string RuleId);
