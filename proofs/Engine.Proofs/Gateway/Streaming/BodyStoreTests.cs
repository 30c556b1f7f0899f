using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Streaming;

/// <summary>A body on its way to the disk while its digests are computed: neither waits for the other, and no buffer is used again before both are done.</summary>
public sealed class BodyStoreTests
{
    private const int ChunkBytes = Md5Pool.LongBytes;

    [Fact]
    public async Task A_chunk_is_written_and_synced_while_it_is_digested()
    {
        var disk = new Disk();
        var source = new Source(ChunkBytes - 1);
        await using BodyStore store = Open(disk);
        await store.TakeAsync(source);
        Task syncing = store.SyncAsync().AsTask();
        Assert.Equal((1, 1, 0), (disk.Staged, disk.Synced, disk.GivenBack));
        Assert.False(syncing.IsCompleted);

        source.EndDigest();
        await syncing;
        Assert.Equal((1, 1, 1), (disk.Staged, disk.Synced, disk.GivenBack));
        Assert.Equal(ChunkBytes - 1, Assert.Single(store.HandOver()).LengthBytes);
    }

    [Fact]
    public async Task A_body_of_whole_chunks_does_not_wait_for_its_digest_before_it_is_synced()
    {
        var disk = new Disk();
        using var hashed = new HashedContent(new Source(ChunkBytes, isSlow: false), md5: true, ChecksumAlgorithm.None, new Md5Pool());
        await using BodyStore store = Open(disk);
        Task taking;
        (int staged, int synced, int givenBack) = (0, 0, 0);

        // The lanes yield once before they begin: until then nothing is digested.
        using (var loop = new QueueLoop())
        {
            taking = TakeAndSyncAsync(store, hashed);
            (staged, synced, givenBack) = (disk.Staged, disk.Synced, disk.GivenBack);
            loop.RunUntilIdle();
        }

        await taking;

        // The buffer that found the end goes back at once.
        Assert.Equal((1, 1, Md5Lanes.IsSupported ? 1 : 2), (staged, synced, givenBack));
        Assert.Equal(2, disk.GivenBack);
        Assert.Single(store.HandOver());
    }

    [Fact]
    public async Task A_body_that_is_given_up_keeps_its_buffer_until_the_digest_has_it()
    {
        var disk = new Disk();
        var source = new Source(ChunkBytes - 1);
        BodyStore store = Open(disk);
        await store.TakeAsync(source);
        Task ending = store.DisposeAsync().AsTask();
        Assert.Equal(0, disk.GivenBack);

        source.EndDigest();
        await ending;
        Assert.Equal((1, 1), (disk.GivenBack, disk.Abandoned));
    }

    [Fact]
    public async Task A_long_body_holds_no_more_buffers_than_it_may()
    {
        var disk = new Disk();
        await using BodyStore store = Open(disk);
        await store.TakeAsync(new Source((20 * ChunkBytes) + 7, isSlow: false));
        await store.SyncAsync();
        Assert.Equal((21, 21), (disk.Staged, store.HandOver().Count));
        Assert.InRange(disk.HeldMost, 1, new GatewayOptions().ChunksInFlightMax);
        Assert.Equal(21, disk.GivenBack);
    }

    [Fact]
    public async Task A_chunk_that_cannot_be_written_fails_the_sync_and_the_rest_is_abandoned()
    {
        var disk = new Disk { FailsAt = 1 };
        var source = new Source((3 * ChunkBytes) - 1, isSlow: false);
        BodyStore store = Open(disk);
        await store.TakeAsync(source);
        await Assert.ThrowsAsync<StorageException>(async () => await store.SyncAsync());
        await store.DisposeAsync();
        Assert.Equal((3, 2, 0), (disk.GivenBack, disk.Abandoned, disk.Synced));
    }

    private static async Task TakeAndSyncAsync(BodyStore store, IContentSource source)
    {
        await store.TakeAsync(source);
        await store.SyncAsync();
    }

    private static BodyStore Open(Disk disk) =>
        new(new GatewayServices(new Numbers(), disk, null!, null!, null!, new Silence(), new GatewayOptions(), null!), inlineBytesMax: 0, encryption: null);

    /// <summary>Content whose digest ends when it is told to.</summary>
    private sealed class Source(int length, bool isSlow = true) : IContentSource
    {
        private TaskCompletionSource _digest = new();
        private int _left = length;

        public long? LengthBytes => null;

        public Task Digesting => isSlow ? _digest.Task : Task.CompletedTask;

        public ValueTask<int> ReadAsync(Memory<byte> destination)
        {
            int count = int.Min(_left, destination.Length);
            _left -= count;
            _digest = new TaskCompletionSource();
            return ValueTask.FromResult(count);
        }

        internal void EndDigest() => _digest.SetResult();
    }

    /// <summary>Counts what is done with chunks and buffers.</summary>
    private sealed class Disk : IContentStore
    {
        private int _held;

        public int ChunkSizeBytes => ChunkBytes;

        internal int FailsAt { get; init; } = -1;

        internal int Staged { get; private set; }

        internal int Synced { get; private set; }

        internal int Abandoned { get; private set; }

        internal int GivenBack { get; private set; }

        internal int HeldMost { get; private set; }

        public ChunkBuffer RentBuffer()
        {
            HeldMost = int.Max(HeldMost, ++_held);
            return new Buffer(this);
        }

        public Task<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes) => Staged++ == FailsAt
            ? Task.FromException<StagedChunk>(new StorageException(StorageError.Full, "extent", -1, "planned"))
            : Task.FromResult(new StagedChunk(id, 1, Staged * ChunkBytes, lengthBytes));

        public Task SyncAsync(IReadOnlyList<StagedChunk> staged)
        {
            Synced += staged.Count;
            return Task.CompletedTask;
        }

        public Task AbandonAsync(IReadOnlyList<StagedChunk> staged)
        {
            Abandoned += staged.Count;
            return Task.CompletedTask;
        }

        public Task ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination) => throw new InvalidOperationException("nothing is read");

        private sealed class Buffer(Disk disk) : ChunkBuffer
        {
            public override Memory<byte> Data { get; } = new byte[ChunkBytes];

            public override void Dispose()
            {
                disk._held--;
                disk.GivenBack++;
            }
        }
    }

    private sealed class Silence : ITrace
    {
        public bool IsEnabled(TraceLevel level) => false;

        public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields)
        {
            // Nobody reads it.
        }
    }

    private sealed class Numbers : IMetadataShard
    {
        public BlobId NextBlobId() => new(1, 1);

        public Task<CommandResult> ExecuteAsync(MetadataCommand command, IReadOnlyList<StagedChunk>? staged = null) => throw new InvalidOperationException("no command is sent");

        public Task<QueryResult> QueryAsync(MetadataQuery query) => throw new InvalidOperationException("nothing is asked");

        public Task<ReadLease> OpenForReadAsync(GetObjectQuery query) => throw new InvalidOperationException("nothing is read");
    }
}
