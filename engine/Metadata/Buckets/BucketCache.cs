using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Buckets as they were read from one state of the bucket table: every request needs its bucket, and they hardly ever change.</summary>
/// <remarks>
/// Invariant: holds only what is the same in every state from <paramref name="since"/> on until a batch changes a bucket's row. The owner then makes a new one, so that views
/// of before, which may still be reading, go on with the one they began with. Owned by one loop. Only what is there is kept: names that are not could be without end.
/// </remarks>
/// <param name="since">The batch that changed the bucket table last.</param>
internal sealed class BucketCache(ulong since)
{
    private const int CountMax = 256;

    private readonly Dictionary<string, BucketRecord> _records = [];

    /// <summary>The state, with buckets from here where it is not older than what is known here.</summary>
    internal IReadView Over(IReadView state) => state.Sequence >= since ? new BucketView(this, state) : state;

    /// <summary>True when the batch changes a bucket's row.</summary>
    internal static bool IsEndedBy(WriteBatch batch)
    {
        for (int i = 0; i < batch.Operations.Count; i++)
        {
            if (batch.Operations[i].Key.Span[0] == Tables.Buckets)
            {
                return true;
            }
        }

        return false;
    }

    private void Keep(BucketRecord bucket)
    {
        if (_records.Count >= CountMax)
        {
            _records.Clear();
        }

        _records[bucket.Name] = bucket;
    }

    /// <summary>A state whose buckets are known or will be.</summary>
    internal sealed class BucketView(BucketCache cache, IReadView state) : IReadView
    {
        public ulong Sequence => state.Sequence;

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key) => state.GetAsync(key);

        public IScan Scan(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to) => state.Scan(from, to);

        public void Dispose() => state.Dispose();

        /// <summary>The bucket, or null.</summary>
        internal ValueTask<BucketRecord?> FindBucketAsync(string name) =>
            cache._records.TryGetValue(name, out BucketRecord? known) ? new ValueTask<BucketRecord?>(known) : ReadAsync(name);

        private async ValueTask<BucketRecord?> ReadAsync(string name)
        {
            BucketRecord? bucket = await ShardReader.FindBucketAsync(state, name);
            if (bucket is not null)
            {
                cache.Keep(bucket);
            }

            return bucket;
        }
    }
}
