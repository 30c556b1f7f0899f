using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>One command being decided: the state it sees, and the batch that it will become.</summary>
/// <remarks>The batch does not show in <see cref="State"/>; a command reads first and writes after. Nothing is applied when it ends in an error.</remarks>
internal sealed class Transition(IReadView state, ulong sequence, DateTime nowUtc, MetadataLimits limits)
{
    private uint _garbageRows;

    internal IReadView State => state;

    /// <summary>Number of this command; above that of every command before it. Serves as version id, bucket id and serial.</summary>
    internal ulong Sequence => sequence;

    internal DateTime NowUtc => nowUtc;

    internal MetadataLimits Limits => limits;

    internal WriteBatch Batch { get; } = new();

    internal bool AddsGarbage => _garbageRows > 0;

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

    internal void PutInlineBody(ObjectData data, ReadOnlyMemory<byte> body)
    {
        if (data.Inline is { } inline)
        {
            Batch.Put(RowKeys.InlineBody(inline.Id), body);
        }
    }
}
