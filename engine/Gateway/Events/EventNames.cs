using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Some kinds of events.</summary>
/// <param name="Bits">One for each: up to <see cref="Told"/> those of <see cref="EventKind"/> by their numbers, from there on those that configurations can name and that never come about here.</param>
internal readonly record struct EventKinds(ulong Bits)
{
    private const int Told = 32;

    internal static EventKinds Of(params ReadOnlySpan<EventKind> kinds)
    {
        ulong bits = 0;
        foreach (EventKind kind in kinds)
        {
            bits |= 1ul << (int)kind;
        }

        return new EventKinds(bits);
    }

    /// <summary>Kinds that never come about here; rules for one of them overlap like others.</summary>
    /// <param name="first">Number of the first, 0 to 31.</param>
    /// <param name="count">How many.</param>
    internal static EventKinds Never(int first, int count = 1) => new(((1ul << count) - 1) << (Told + first));

    internal bool Contains(EventKind kind) => (Bits & (1ul << (int)kind)) != 0;

    internal bool Overlaps(EventKinds other) => (Bits & other.Bits) != 0;

    internal EventKinds With(EventKinds other) => new(Bits | other.Bits);
}

/// <summary>Names of events, as configurations and messages have them.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Event notification types and destinations"; API Reference, NotificationConfiguration.</remarks>
internal static class EventNames
{
    // Names of what cannot happen here are known, and tell nothing.
    private static readonly Dictionary<string, EventKinds> Known = new(StringComparer.Ordinal)
    {
        ["s3:ObjectCreated:*"] = EventKinds.Of(EventKind.CreatedByPut, EventKind.CreatedByPost, EventKind.CreatedByCopy, EventKind.CreatedByCompletion),
        ["s3:ObjectCreated:Put"] = EventKinds.Of(EventKind.CreatedByPut),
        ["s3:ObjectCreated:Post"] = EventKinds.Of(EventKind.CreatedByPost),
        ["s3:ObjectCreated:Copy"] = EventKinds.Of(EventKind.CreatedByCopy),
        ["s3:ObjectCreated:CompleteMultipartUpload"] = EventKinds.Of(EventKind.CreatedByCompletion),
        ["s3:ObjectRemoved:*"] = EventKinds.Of(EventKind.RemovedForGood, EventKind.RemovedByMarker),
        ["s3:ObjectRemoved:Delete"] = EventKinds.Of(EventKind.RemovedForGood),
        ["s3:ObjectRemoved:DeleteMarkerCreated"] = EventKinds.Of(EventKind.RemovedByMarker),
        ["s3:ObjectTagging:*"] = EventKinds.Of(EventKind.TagsPut, EventKind.TagsDeleted),
        ["s3:ObjectTagging:Put"] = EventKinds.Of(EventKind.TagsPut),
        ["s3:ObjectTagging:Delete"] = EventKinds.Of(EventKind.TagsDeleted),
        ["s3:ObjectAcl:Put"] = EventKinds.Of(EventKind.AclPut),
        ["s3:ObjectRestore:*"] = EventKinds.Of(EventKind.RestoreAsked, EventKind.RestoreCompleted).With(EventKinds.Never(0)),
        ["s3:ObjectRestore:Post"] = EventKinds.Of(EventKind.RestoreAsked),
        ["s3:ObjectRestore:Completed"] = EventKinds.Of(EventKind.RestoreCompleted),
        ["s3:ObjectRestore:Delete"] = EventKinds.Never(0),
        ["s3:LifecycleExpiration:*"] = EventKinds.Of(EventKind.ExpiredForGood, EventKind.ExpiredByMarker),
        ["s3:LifecycleExpiration:Delete"] = EventKinds.Of(EventKind.ExpiredForGood),
        ["s3:LifecycleExpiration:DeleteMarkerCreated"] = EventKinds.Of(EventKind.ExpiredByMarker),
        ["s3:LifecycleTransition"] = EventKinds.Of(EventKind.Transitioned),
        ["s3:IntelligentTiering"] = EventKinds.Never(1),
        ["s3:ReducedRedundancyLostObject"] = EventKinds.Never(2),
        ["s3:Replication:*"] = EventKinds.Never(3, 4),
        ["s3:Replication:OperationFailedReplication"] = EventKinds.Never(3),
        ["s3:Replication:OperationNotTracked"] = EventKinds.Never(4),
        ["s3:Replication:OperationMissedThreshold"] = EventKinds.Never(5),
        ["s3:Replication:OperationReplicatedAfterThreshold"] = EventKinds.Never(6),
        ["s3:ObjectAnnotation:*"] = EventKinds.Never(7, 2),
        ["s3:ObjectAnnotation:Put"] = EventKinds.Never(7),
        ["s3:ObjectAnnotation:Delete"] = EventKinds.Never(8),
    };

    // Each kind has one name that means it and nothing else.
    private static readonly Dictionary<EventKind, string> InMessages = Enum.GetValues<EventKind>().ToDictionary(
        static kind => kind, static kind => Known.Single(known => known.Value == EventKinds.Of(kind)).Key["s3:".Length..]);

    /// <summary>The kinds that a name of a configuration means; false when there is no such name.</summary>
    internal static bool TryParse(string name, out EventKinds kinds) => Known.TryGetValue(name, out kinds);

    /// <summary>The name in messages, which has no <c>s3:</c> in front.</summary>
    internal static string Of(EventKind kind) => InMessages[kind];
}
