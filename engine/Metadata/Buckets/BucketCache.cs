using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Buckets as they were read from one state of the bucket table: every request needs its bucket, and they hardly ever change.</summary>
/// <remarks>
/// Invariant: holds only what is the same in every state from <paramref name="since"/> on until a batch changes a bucket's row. The owner then makes a new one, so that views
/// of before, which may still be reading, go on with the one they began with. One loop adds, any thread may look. Only what is there is kept: names that are not could be without end.
/// </remarks>
/// <param name="since">The batch that changed the bucket table last.</param>
internal sealed class BucketCache(ulong since)
{
    // A power of two. Each name has two places side by side, of which it takes the first; what was there moves on to the second.
    private const int Places = 512;

    private readonly KnownBucket?[] _known = new KnownBucket?[Places];

    /// <summary>The batch that changed the bucket table last.</summary>
    internal ulong Since => since;

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

    /// <summary>A bucket that was looked up before, or null. Any thread.</summary>
    internal KnownBucket? Find(string name)
    {
        int place = PlaceOf(name);
        return At(place, name) ?? At(place + 1, name);
    }

    private static int PlaceOf(string name) => (int)(StableHash.Compute(MemoryMarshal.AsBytes(name.AsSpan())) & (Places - 2));

    private KnownBucket? At(int place, string name) => _known[place] is { } known && known.Record.Name == name ? known : null;

    private void Keep(BucketRecord bucket)
    {
        int place = PlaceOf(bucket.Name);
        _known[place + 1] = _known[place];
        _known[place] = new KnownBucket(bucket);
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
            cache.Find(name) is { } known ? new ValueTask<BucketRecord?>(known.Record) : ReadAsync(name);

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

/// <summary>A bucket and the answer to whoever asks for it.</summary>
internal sealed class KnownBucket(BucketRecord record)
{
    internal BucketRecord Record => record;

    internal Task<QueryResult> Answer { get; } = Task.FromResult(new QueryResult { Bucket = record });
}
