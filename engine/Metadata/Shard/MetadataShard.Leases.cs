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
        return _loop.CallAsync(static call => call.Shard.OpenOnLoopAsync(call.Query), (Shard: this, Query: query));
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
        (QueryResult result, ObjectRow? row) = await MetadataQueries.FindObjectAsync(state, query);
        if (row is null)
        {
            return new Lease(this, 0, holdsChunks: false) { Result = result };
        }

        if (row.PartListId != 0)
        {
            StoredPart[] parts = await MetadataQueries.ReadPartsAsync(state, row);
            QueryResult withParts = query.WithParts ? result with { Parts = MetadataQueries.Summarize(parts) } : result;
            return new Lease(this, state.Sequence, holdsChunks: true) { Result = withParts, Data = Together(parts) };
        }

        if (row.Data.Inline is { } inline)
        {
            ReadOnlyMemory<byte>? body = await state.GetAsync(RowKeys.InlineBody(inline.Id));
            return new Lease(this, 0, holdsChunks: false)
            {
                Result = result,
                Data = row.Data,
                InlineBody = body ?? throw new MalformedDataException("object without its inline body"),
            };
        }

        return new Lease(this, state.Sequence, holdsChunks: row.Data.Blobs.Count > 0) { Result = result, Data = row.Data };
    }

    /// <summary>The data of all parts in order; an inline part becomes a blob of chunk size 0.</summary>
    private static ObjectData Together(StoredPart[] parts)
    {
        var blobs = new List<BlobRef>(parts.Length);
        foreach (StoredPart part in parts)
        {
            if (part.Data.Inline is { } inline)
            {
                blobs.Add(inline with { ChunkSizeBytes = 0 });
            }

            blobs.AddRange(part.Data.Blobs);
        }

        return new ObjectData { Blobs = blobs };
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadInlineOnLoopAsync(BlobRef blob)
    {
        using IReadView state = _store.ReadDurable();
        return await state.GetAsync(RowKeys.InlineBody(blob.Id)) ?? throw new MalformedDataException("part without its inline body");
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
        _garbage.Wake();
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
            return shard._loop.CallAsync(static call => call.Shard.ReadInlineOnLoopAsync(call.Blob), (Shard: shard, Blob: blob));
        }

        public override void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0 && holdsChunks)
            {
                shard._loop.Post(static item => ((Lease)item!).Drop(), this);
            }
        }

        private void Drop() => shard.DropLease(sequence);
    }
}
