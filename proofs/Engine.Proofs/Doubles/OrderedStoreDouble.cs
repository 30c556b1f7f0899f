using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Doubles;

/// <summary>An <see cref="IOrderedStore"/> that does what another one does, but for what is overridden.</summary>
internal class OrderedStoreDouble(IOrderedStore inner) : IOrderedStore
{
    public ulong AppliedSequence => inner.AppliedSequence;

    public virtual ulong DurableSequence => inner.DurableSequence;

    protected IOrderedStore Inner => inner;

    public virtual CommitTicket Apply(WriteBatch batch) => inner.Apply(batch);

    public virtual ValueTask WaitForRoomAsync(bool freesSpace = false) => inner.WaitForRoomAsync(freesSpace);

    public virtual IReadView ReadLatest() => inner.ReadLatest();

    public virtual IReadView ReadDurable() => inner.ReadDurable();
}
