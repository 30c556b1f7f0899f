using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>One command being decided: the state it sees, and the batch that it will become.</summary>
/// <remarks>The batch does not show in <see cref="State"/>; a command reads first and writes after. Nothing is applied when it ends in an error.</remarks>
internal sealed class Transition(IReadView state, ulong sequence, DateTime nowUtc, MetadataLimits limits)
{
    private uint _garbageRows;
    private List<ToldEvent>? _told;
    private byte _events;

    internal IReadView State => state;

    /// <summary>Number of this command; above that of every command before it. Serves as version id, bucket id and serial.</summary>
    internal ulong Sequence => sequence;

    internal DateTime NowUtc => nowUtc;

    internal MetadataLimits Limits => limits;

    internal WriteBatch Batch { get; } = new();

    internal bool AddsGarbage => _garbageRows > 0;

    /// <summary>Who is to be told of what; null where nobody is.</summary>
    internal EventDraft? Draft { get; init; }

    /// <summary>What is told, and to whom; null where nothing is.</summary>
    internal IReadOnlyList<ToldEvent>? Told => _told;

    internal ValueTask<BucketRecord?> FindBucketAsync(string name) => ShardReader.FindBucketAsync(state, name);

    internal void Put(BucketRecord bucket) => Batch.Put(RowKeys.Bucket(bucket.Name), RowFormat.Encode(bucket));

    internal void AddGarbage(GarbageRow row) => Batch.Put(RowKeys.Garbage(sequence, _garbageRows++), RowFormat.Encode(row));

    /// <summary>Frees data that no lease can hold except through its blobs. An inline body goes at once: readers took their copy with their view.</summary>
    internal void Free(ObjectData data)
    {
        if (data.Inline is { } inline)
        {
            Batch.Delete(RowKeys.InlineBody(inline.Id));
        }

        for (int i = 0; i < data.Blobs.Count; i++)
        {
            AddGarbage(new GarbageRow(GarbageKind.Blob, data.Blobs[i], 0, 0));
        }
    }

    /// <summary>One of some kinds of events happened (which one, the draft knows): it is told to those who are to be told of it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="record">The version that it happened to, as it is after that; of a deletion, as it was.</param>
    /// <param name="kinds">What may have happened.</param>
    internal void Tell(BucketRecord bucket, ObjectRecord record, params ReadOnlySpan<EventKind> kinds)
    {
        // A draft of a bucket that was deleted since, and made again, goes by the rules of somebody else.
        if (Draft is null || Draft.BucketId != bucket.Id)
        {
            return;
        }

        byte ordinal = _events++;
        foreach (EventRoute route in Draft.Routes)
        {
            if (!kinds.Contains(route.Kind))
            {
                continue;
            }

            _told ??= [];
            _told.Add(new ToldEvent(route.Target, new WaitingEvent
            {
                Kind = route.Kind,
                Ordinal = ordinal,
                AtUtc = nowUtc,
                Bucket = bucket.Name,
                BucketOwnerId = bucket.OwnerId,
                Key = record.Key,
                Version = bucket.Versioning == VersioningState.Enabled || !record.Version.IsNull ? record.Version : null,
                SizeBytes = record.SizeBytes,
                ETag = record.ETag,
                StorageClass = record.StorageClass,
                RestoredUntilUtc = record.RestoredUntilUtc,
                Origin = Draft.Origin,
                RuleId = route.RuleId,
            }));
        }
    }

    internal void PutInlineBody(ObjectData data, ReadOnlyMemory<byte> body)
    {
        if (data.Inline is { } inline)
        {
            Batch.Put(RowKeys.InlineBody(inline.Id), body);
        }
    }
}
