using System;
using System.Linq;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Commands of whose effects somebody is to be told.</summary>
internal static class EventCommands
{
    /// <summary>Of the bucket that the first command of a bench makes.</summary>
    internal const ulong BucketId = 1;

    internal static readonly EventOrigin Origin = new("requester", "192.0.2.1", "request", "host");

    /// <summary>A draft that tells targets of some kinds, by rules of the bucket <see cref="BucketId"/>; none for no targets.</summary>
    internal static EventDraft? Draft(string[] targets, params EventKind[] kinds) => targets.Length == 0
        ? null
        : new EventDraft(BucketId, Origin, [.. kinds.SelectMany(kind => targets.Select(target => new EventRoute(kind, target, $"rule-{target}")))]);

    /// <summary>Puts an object of one byte, without data.</summary>
    internal static PutObjectCommand Put(string bucket, string key, DateTime nowUtc, params string[] targets)
    {
        var record = new ObjectRecord { Key = key, Version = default, ModifiedUtc = nowUtc, OwnerId = "owner", SizeBytes = 1, ETag = "e" };
        return new PutObjectCommand(bucket, record, new byte[] { 1 }, new ObjectData(), null)
        {
            NowUtc = nowUtc,
            Events = Draft(targets, EventKind.CreatedByPut),
        };
    }

    /// <summary>Deletes an object.</summary>
    internal static DeleteObjectCommand Delete(string bucket, string key, DateTime nowUtc, VersionId? version, params string[] targets) =>
        new(bucket, key, version, "owner", null, BypassGovernance: false)
        {
            NowUtc = nowUtc,
            Events = Draft(targets, EventKind.RemovedForGood, EventKind.RemovedByMarker),
        };
}
