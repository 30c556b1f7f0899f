using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Streaming;

/// <summary>Objects read through the gateway with a cache: the right bytes from memory, and every chunk given back however the reader ends.</summary>
public sealed class CachedReadTests
{
    private const int ChunkBytes = 128 * 1024;
    private const int Length = (2 * ChunkBytes) + 5_000;

    private static readonly GatewayOptions WithCache = new()
    {
        BaseDomains = [GatewayRig.Host],
        MasterKey = GatewayRig.Bytes(32),
        ChunkCacheBytes = 1 << 20,
    };

    private static readonly (string Name, string Value) Encrypted = ("x-amz-server-side-encryption", "AES256");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_second_read_and_every_range_come_from_memory(bool encrypted) => Run(async rig =>
    {
        byte[] content = await StoreAndHeatAsync(rig, encrypted);
        await OnlyHitsAsync(rig, 3, async () =>
        {
            TestAnswer got = await rig.SendAsync("GET", "/bucket/key");
            got.Is(200);
            Assert.Equal(content, got.Body);
        });
        foreach ((int from, int to, int chunks) in new[]
        {
            (0, 0, 1), (17, 16_399, 1), (ChunkBytes - 1, ChunkBytes, 2), (ChunkBytes, (2 * ChunkBytes) - 1, 1), (5, Length - 2, 3), (Length - 1, Length - 1, 1),
        })
        {
            await OnlyHitsAsync(rig, chunks, async () =>
            {
                TestAnswer part = await rig.SendAsync("GET", "/bucket/key", null, null, ("Range", $"bytes={from}-{to}"));
                part.Is(206);
                Assert.Equal(content[from..(to + 1)], part.Body);
            });
        }
    });

    [Fact]
    public void A_hit_waits_for_nothing_but_the_connection() => Run(async rig =>
    {
        byte[] content = await StoreAndHeatAsync(rig, encrypted: false);
        await using S3Response response = await OpenAsync(rig);
        using var sink = new MemoryStream();
        PipeWriter writer = PipeWriter.Create(sink, new StreamPipeWriterOptions(leaveOpen: true));
        ValueTask writing = response.Stream!.WriteToAsync(writer, CancellationToken.None);
        Assert.True(writing.IsCompletedSuccessfully);
        await writing;
        await writer.CompleteAsync();
        Assert.Equal(content, sink.ToArray());
    });

    [Fact]
    public void Ranges_alone_bring_nothing_in() => Run(async rig =>
    {
        await StoreAsync(rig, encrypted: false);
        for (int turn = 0; turn < 5; turn++)
        {
            (await rig.SendAsync("GET", "/bucket/key", null, null, ("Range", "bytes=1-1000"))).Is(206);
        }

        Assert.Equal((0, 0L, 5L), Counts(rig));
    });

    [Fact]
    public void A_copy_reads_from_memory_too() => Run(async rig =>
    {
        byte[] content = await StoreAndHeatAsync(rig, encrypted: true);
        await OnlyHitsAsync(rig, 3, async () => (await rig.SendAsync("PUT", "/bucket/copy", null, null, ("x-amz-copy-source", "/bucket/key"))).Is(200));
        Assert.Equal(content, (await rig.SendAsync("GET", "/bucket/copy")).Body);
    });

    [Fact]
    public void An_overwritten_key_is_another_object() => Run(async rig =>
    {
        await StoreAndHeatAsync(rig, encrypted: false);
        byte[] second = GatewayRig.Bytes(Length, seed: 2);
        (await rig.SendAsync("PUT", "/bucket/key", second)).Is(200);
        for (int turn = 0; turn < 3; turn++)
        {
            Assert.Equal(second, (await rig.SendAsync("GET", "/bucket/key")).Body);
        }

        (await rig.SendAsync("DELETE", "/bucket/key")).Is(204);
        (await rig.SendAsync("GET", "/bucket/key")).Is(404);
    });

    [Fact]
    public void The_customers_key_is_still_asked_for() => Run(async rig =>
    {
        byte[] content = GatewayRig.Bytes(Length);
        (string, string)[] right = CustomerKey(1);
        (await rig.SendAsync("PUT", "/bucket/key", content, null, right)).Is(200);
        for (int turn = 0; turn < 3; turn++)
        {
            Assert.Equal(content, (await rig.SendAsync("GET", "/bucket/key", null, null, right)).Body);
        }

        (await rig.SendAsync("GET", "/bucket/key", null, null, CustomerKey(2))).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket/key")).Is(400);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Damage_on_disk_is_refused_until_the_chunks_are_in_memory(int readsBefore) => Run(async rig =>
    {
        byte[] content = await StoreAsync(rig, encrypted: false);
        for (int turn = 0; turn < readsBefore; turn++)
        {
            Assert.Equal(content, (await rig.SendAsync("GET", "/bucket/key")).Body);
        }

        await rig.DamageExtentsAsync();
        TestAnswer got = await rig.SendAsync("GET", "/bucket/key");
        if (readsBefore == 0)
        {
            got.Is(500, "InternalError");
        }
        else
        {
            got.Is(200);
            Assert.Equal(content, got.Body);
        }
    });

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public void A_client_that_goes_away_leaves_no_chunk_held(int flushes, bool throws) => Run(async rig =>
    {
        await StoreAndHeatAsync(rig, encrypted: false);
        S3Response response = await OpenAsync(rig);
        Assert.Equal(2, rig.Gateway.MeasureChunkCache().OpenReads);
        var client = new LeavingClient(flushes, throws);
        if (throws)
        {
            await Assert.ThrowsAsync<OperationCanceledException>(() => response.Stream!.WriteToAsync(client, CancellationToken.None).AsTask());
        }
        else if (flushes > 0)
        {
            await response.Stream!.WriteToAsync(client, CancellationToken.None);
        }

        await response.DisposeAsync();
        Assert.Equal(0, rig.Gateway.MeasureChunkCache().OpenReads);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_chunk_between_cached_ones_ends_the_answer_and_leaves_none_held(bool encrypted) => Run(async rig =>
    {
        await StoreAsync(rig, encrypted);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("Range", $"bytes=0-{ChunkBytes - 1}"))).Is(206);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("Range", $"bytes={2 * ChunkBytes}-"))).Is(206);
        Assert.Equal((2, 0L, 2L), Counts(rig));
        await rig.DamageExtentsAsync();
        await using (S3Response response = await OpenAsync(rig))
        {
            Assert.Equal(200, response.Status);
            await Assert.ThrowsAsync<Engine.Storage.StorageException>(
                () => response.Stream!.WriteToAsync(new LeavingClient(int.MaxValue, throws: false), CancellationToken.None).AsTask());
        }

        Assert.Equal((2, 1L, 3L), Counts(rig));
        Assert.Equal(0, rig.Gateway.MeasureChunkCache().OpenReads);
    });

    [Fact]
    public void A_chunk_in_memory_between_others_is_served_in_its_place() => Run(async rig =>
    {
        byte[] content = await StoreAsync(rig, encrypted: true);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("Range", $"bytes={ChunkBytes}-{(2 * ChunkBytes) - 1}"))).Is(206);
        Assert.Equal(content, (await rig.SendAsync("GET", "/bucket/key")).Body);
        Assert.Equal((3, 1L, 3L), Counts(rig));
    });

    [Fact]
    public void Without_a_cache_nothing_is_counted() => Run(
        async rig =>
        {
            await StoreAndHeatAsync(rig, encrypted: false);
            Assert.Equal(default, rig.Gateway.MeasureChunkCache());
        },
        WithCache with { ChunkCacheBytes = 0 });

    private static void Run(Func<GatewayRig, Task> body, GatewayOptions? options = null) => GatewayRig.Run(
        async rig =>
        {
            await body(rig);
            Assert.Equal(0, rig.Gateway.MeasureChunkCache().OpenReads);
        },
        options ?? WithCache);

    private static async Task<byte[]> StoreAsync(GatewayRig rig, bool encrypted)
    {
        byte[] content = GatewayRig.Bytes(Length);
        (await rig.SendAsync("PUT", "/bucket/key", content, null, encrypted ? [Encrypted] : [])).Is(200);
        return content;
    }

    private static async Task<byte[]> StoreAndHeatAsync(GatewayRig rig, bool encrypted)
    {
        byte[] content = await StoreAsync(rig, encrypted);
        Assert.Equal(content, (await rig.SendAsync("GET", "/bucket/key")).Body);
        return content;
    }

    private static (int Chunks, long Hits, long Misses) Counts(GatewayRig rig)
    {
        ChunkCacheUsage usage = rig.Gateway.MeasureChunkCache();
        return (usage.ChunkCount, usage.Hits, usage.Misses);
    }

    private static async Task OnlyHitsAsync(GatewayRig rig, int chunks, Func<Task> read)
    {
        (int before, long hits, long misses) = Counts(rig);
        await read();
        Assert.Equal((before, hits + chunks, misses), Counts(rig));
    }

    private static async Task<S3Response> OpenAsync(GatewayRig rig) =>
        await rig.Gateway.HandleAsync(rig.Sign("GET", "/bucket/key", [], GatewayRig.Alice), CancellationToken.None);

    private static (string Name, string Value)[] CustomerKey(byte seed)
    {
        byte[] key = new byte[32];
        Array.Fill(key, seed);
        const string Customer = "x-amz-server-side-encryption-customer-";
        return
        [
            (Customer + "algorithm", "AES256"), (Customer + "key", Convert.ToBase64String(key)), (Customer + "key-MD5", Convert.ToBase64String(MD5.HashData(key))),
        ];
    }

    /// <summary>A connection that takes so many flushes and then is gone.</summary>
    private sealed class LeavingClient(int flushes, bool throws) : PipeWriter
    {
        private readonly ArrayBufferWriter<byte> _taken = new();
        private int _flushes;

        public override void Advance(int bytes) => _taken.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => _taken.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _taken.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            ++_flushes < flushes ? ValueTask.FromResult(new FlushResult(isCanceled: false, isCompleted: false))
            : throws ? ValueTask.FromException<FlushResult>(new OperationCanceledException())
            : ValueTask.FromResult(new FlushResult(isCanceled: false, isCompleted: true));

        public override void CancelPendingFlush()
        {
            // Nobody waits.
        }

        public override void Complete(Exception? exception = null)
        {
            // Nothing is held.
        }
    }
}
