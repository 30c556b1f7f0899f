using System.Collections.Generic;

namespace ObjectStore.Engine.Metadata;

/// <summary>Who is to be told of what, should a command take effect: made from the bucket's rules by whoever proposes it, and only where one of them may apply.</summary>
/// <param name="Origin">The request.</param>
/// <param name="Routes">1 to <see cref="RoutesMax"/>; those of kinds that do not come about are for nothing.</param>
public sealed record EventDraft(EventOrigin Origin, IReadOnlyList<EventRoute> Routes)
{
    /// <summary>Most routes of one draft: a bucket has at most 100 rules, and a command comes to at most two kinds.</summary>
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
