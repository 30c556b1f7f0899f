using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>A store whose states know the buckets. All batches that change buckets must go through it.</summary>
internal sealed class BucketCachingStore(IOrderedStore store) : IOrderedStore
{
    // Nothing is known of the buckets of states before this one was put in front of the store.
    private BucketCache _buckets = new(store.AppliedSequence);

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

    public ValueTask WaitForRoomAsync(bool freesSpace = false) => store.WaitForRoomAsync(freesSpace);

    public IReadView ReadLatest() => _buckets.Over(store.ReadLatest());

    public IReadView ReadDurable() => _buckets.Over(store.ReadDurable());
}
