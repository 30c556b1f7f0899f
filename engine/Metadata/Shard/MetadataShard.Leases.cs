using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <content>Readers: their leases hold back reclamation of what they may still read.</content>
public sealed partial class MetadataShard
{
    // Leases by the sequence of the state that they read.
    private readonly SortedDictionary<ulong, int> _leases = [];

    /// <inheritdoc/>
    public Task<ReadLease> OpenForReadAsync(GetObjectQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _loop.EnterAsync(static call => call.Shard.OpenOnLoopAsync(call.Query), (Shard: this, Query: query));
    }

    private async ValueTask<ReadLease> OpenOnLoopAsync(GetObjectQuery query)
    {
        using IReadView state = _store.ReadDurable();

        // Before anything is awaited: reclamation must know of this reader from the moment that it has its state.
        AddLease(state.Sequence);
        Lease? lease = null;
        try
        {
            lease = await OpenAsync(state, query);
        }
        finally
        {
            if (lease is not { HoldsChunks: true })
            {
                DropLease(state.Sequence);
            }
        }

        return lease;
    }

    private async ValueTask<Lease> OpenAsync(IReadView state, GetObjectQuery query)
    {
        ObjectOpening opening = await ObjectOpening.FindAsync(state, query);
        return new Lease(this, state.Sequence, opening.HasBlobs) { Result = opening.Result, Data = opening.Data, InlineBody = opening.InlineBody };
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadInlineOnLoopAsync(BlobRef blob)
    {
        using IReadView state = _store.ReadDurable();
        return await ObjectOpening.ReadInlineAsync(state, blob.Id);
    }

    private void AddLease(ulong sequence) => _leases[sequence] = _leases.GetValueOrDefault(sequence) + 1;

    private void DropLease(ulong sequence)
    {
        int left = _leases[sequence] - 1;
        if (left > 0)
        {
            _leases[sequence] = left;
            return;
        }

        _leases.Remove(sequence);
        _garbage.WakeIfHeldBack();
    }

    /// <summary>The state of the oldest reader; the highest number when there is none.</summary>
    private ulong OldestLease()
    {
        foreach ((ulong first, _) in _leases)
        {
            return first;
        }

        return ulong.MaxValue;
    }

    private sealed class Lease(MetadataShard shard, ulong sequence, bool holdsChunks) : ReadLease
    {
        private int _disposed;

        internal bool HoldsChunks => holdsChunks;

        public override Task<ReadOnlyMemory<byte>> ReadInlineAsync(BlobRef blob)
        {
            Invariant.Check(_disposed == 0, "read through a lease that was given back");
            return shard._loop.EnterAsync(static call => call.Shard.ReadInlineOnLoopAsync(call.Blob), (Shard: shard, Blob: blob));
        }

        public override void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0 && holdsChunks)
            {
                shard._loop.Enter(static item => ((Lease)item!).Drop(), this);
            }
        }

        private void Drop() => shard.DropLease(sequence);
    }
}
