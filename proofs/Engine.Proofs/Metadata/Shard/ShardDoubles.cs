using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>What a shard is opened over: the real store, or a planted bug between the two.</summary>
internal sealed record ShardDoubles(string Name, Func<IOrderedStore, IOrderedStore> Rows, Func<IChunkStore, IChunkStore> Chunks)
{
    internal static readonly ShardDoubles None = new("none", static rows => rows, static chunks => chunks);

    /// <summary>A batch counts as durable as soon as it is applied.</summary>
    internal static readonly ShardDoubles AnswersEarly = None with { Name = "answers early", Rows = static rows => new EarlyRows(rows) };

    /// <summary>Queries look at the latest state.</summary>
    internal static readonly ShardDoubles ShowsLatest = None with { Name = "shows what is not durable", Rows = static rows => new LatestRows(rows) };

    /// <summary>Every start begins with the first epoch.</summary>
    internal static readonly ShardDoubles ForgetsEpoch = None with { Name = "forgets the epoch", Rows = static rows => new EpochlessRows(rows) };

    /// <summary>Leases say that they began after everything.</summary>
    internal static readonly ShardDoubles IgnoresLeases = None with { Name = "ignores leases", Rows = static rows => new FutureRows(rows) };

    /// <summary>Deletions get no more of the disk than others.</summary>
    internal static readonly ShardDoubles KeepsNoReserve = None with { Name = "keeps no reserve", Rows = static rows => new GreedyRows(rows) };

    /// <summary>The rows that say where chunks are do not go into the batch.</summary>
    internal static readonly ShardDoubles PublishesNothing = None with { Name = "publishes nothing", Chunks = static chunks => new UnpublishedChunks(chunks) };

    /// <summary>Frames of refused commands stay staged.</summary>
    internal static readonly ShardDoubles AbandonsNothing = None with { Name = "abandons nothing", Chunks = static chunks => new KeptChunks(chunks) };

    /// <summary>A release is applied although its chunks have moved.</summary>
    internal static readonly ShardDoubles ReleasesBlindly = None with { Name = "releases blindly", Chunks = static chunks => new BlindChunks(chunks) };

    public override string ToString() => Name;

    private sealed class EarlyRows(IOrderedStore inner) : OrderedStoreDouble(inner)
    {
        public override CommitTicket Apply(WriteBatch batch) => Inner.Apply(batch) with { Durable = Task.CompletedTask };
    }

    private sealed class LatestRows(IOrderedStore inner) : OrderedStoreDouble(inner)
    {
        public override IReadView ReadDurable() => Inner.ReadLatest();
    }

    private sealed class EpochlessRows(IOrderedStore inner) : OrderedStoreDouble(inner)
    {
        public override IReadView ReadLatest() => new View(Inner.ReadLatest(), hidden: RowKeys.Epoch, ahead: 0);
    }

    private sealed class FutureRows(IOrderedStore inner) : OrderedStoreDouble(inner)
    {
        public override IReadView ReadDurable() => new View(Inner.ReadDurable(), hidden: default, ahead: 1UL << 40);
    }

    private sealed class GreedyRows(IOrderedStore inner) : OrderedStoreDouble(inner)
    {
        public override ValueTask WaitForRoomAsync(bool freesSpace = false) => Inner.WaitForRoomAsync(freesSpace: false);
    }

    private sealed class View(IReadView inner, ReadOnlyMemory<byte> hidden, ulong ahead) : IReadView
    {
        public ulong Sequence => inner.Sequence + ahead;

        public void Dispose() => inner.Dispose();

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key) =>
            key.Span.SequenceEqual(hidden.Span) ? new ValueTask<ReadOnlyMemory<byte>?>((ReadOnlyMemory<byte>?)null) : inner.GetAsync(key);

        public IScan Scan(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to) => inner.Scan(from, to);
    }

    private class ChunksDouble(IChunkStore inner) : IChunkStore
    {
        public int ChunkSizeBytes => inner.ChunkSizeBytes;

        protected IChunkStore Inner => inner;

        public ChunkBuffer RentBuffer() => inner.RentBuffer();

        public ValueTask<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes) => inner.StageAsync(id, buffer, lengthBytes);

        public ValueTask SyncStagedAsync(IReadOnlyList<StagedChunk> staged) => inner.SyncStagedAsync(staged);

        public virtual void Publish(WriteBatch batch, IReadOnlyList<StagedChunk> staged) => inner.Publish(batch, staged);

        public void Published(IReadOnlyList<StagedChunk> staged) => inner.Published(staged);

        public virtual void Abandon(IReadOnlyList<StagedChunk> staged) => inner.Abandon(staged);

        public ChunkRelease BeginRelease(IReadView latest) => inner.BeginRelease(latest);

        public ValueTask<bool> ReleaseAsync(ChunkRelease release, WriteBatch batch, BlobRef blob, int rowsMax) =>
            inner.ReleaseAsync(release, batch, blob, rowsMax);

        public virtual bool IsCurrent(ChunkRelease release) => inner.IsCurrent(release);

        public virtual void Complete(ChunkRelease release) => inner.Complete(release);

        public ValueTask ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination) =>
            inner.ReadAsync(id, chunkLengthBytes, offsetBytes, destination);
    }

    private sealed class UnpublishedChunks(IChunkStore inner) : ChunksDouble(inner)
    {
        public override void Publish(WriteBatch batch, IReadOnlyList<StagedChunk> staged)
        {
            // That is the bug.
        }
    }

    private sealed class KeptChunks(IChunkStore inner) : ChunksDouble(inner)
    {
        public override void Abandon(IReadOnlyList<StagedChunk> staged)
        {
            // That is the bug.
        }
    }

    private sealed class BlindChunks(IChunkStore inner) : ChunksDouble(inner)
    {
        public override bool IsCurrent(ChunkRelease release) => true;

        public override void Complete(ChunkRelease release)
        {
            if (Inner.IsCurrent(release))
            {
                Inner.Complete(release);
            }
        }
    }
}
