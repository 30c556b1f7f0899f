using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>A store whose states know the buckets. All batches that change buckets must go through it.</summary>
internal sealed class BucketCachingStore(IOrderedStore store) : IOrderedStore
{
    // Nothing is known of the buckets of states before this one was put in front of the store.
    private volatile BucketCache _buckets = new(store.AppliedSequence);

    public ulong AppliedSequence => store.AppliedSequence;

    public ulong DurableSequence => store.DurableSequence;

    public CommitTicket Apply(WriteBatch batch)
    {
        CommitTicket ticket = store.Apply(batch);
        if (BucketCache.IsEndedBy(batch))
        {
            _buckets = new BucketCache(ticket.Sequence);
        }

        return ticket;
    }

    /// <summary>A bucket as the durable state has it, when that is known; null says nothing. Any thread.</summary>
    /// <remarks>
    /// Which state is durable is asked first: then, at the moment when the cache was the newest one, the durable state was one of those for which it holds. The other way round, a change could become durable in between.
    /// </remarks>
    internal KnownBucket? FindDurable(string name)
    {
        ulong durable = store.DurableSequence;
        BucketCache buckets = _buckets;
        return durable >= buckets.Since ? buckets.Find(name) : null;
    }

    public ValueTask WaitForRoomAsync(bool freesSpace = false) => store.WaitForRoomAsync(freesSpace);

    public IReadView ReadLatest() => _buckets.Over(store.ReadLatest());

    public IReadView ReadDurable() => _buckets.Over(store.ReadDurable());
}
