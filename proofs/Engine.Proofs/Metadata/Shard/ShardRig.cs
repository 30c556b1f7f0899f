using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Storage.Index;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>A shard over the real disk store on a simulated disk of a node that can crash. A body is a number: its bytes follow from it.</summary>
internal sealed class ShardRig
{
    internal const string Bucket = "bucket";
    internal const int Chunk = 16 * 1024;
    private const int InlineMax = 4000;
    private const int RowBodyMax = 50;

    internal static readonly DiskStoreOptions Small = new()
    {
        Rows = StoreLife.Small with { ReserveBytes = 0, FullRetryDelay = TimeSpan.FromMilliseconds(20) },
        Chunks = new ChunkStoreOptions
        {
            ChunkSizeBytes = Chunk,
            ExtentSizeBytes = 128 * 1024,
            ReserveBytes = 0,
            HeaderCacheEntries = 8,
            IdleBufferBytesMax = 1 << 20,
            ReclaimPollInterval = TimeSpan.FromMilliseconds(5),
        },
    };

    private readonly ShardDoubles _doubles;
    private readonly DiskStoreOptions _options;

    internal ShardRig(ulong seed, ShardDoubles doubles, DiskStoreOptions? options = null, SimDiskOptions? disk = null)
    {
        (_doubles, _options) = (doubles, options ?? Small);
        World = new SimWorld(new SeededChoices(seed), new SimOptions { StepLimit = 5_000_000, RareActivePerMillion = 200_000 });
        Node = World.CreateNode("node", disk);
    }

    internal sealed record Life(DiskStore Store, MetadataShard Shard, IChunkStore Chunks, ILoop Loop, NodeEnvironment Environment);

    internal SimWorld World { get; }

    internal SimNode Node { get; }

    internal Life Now { get; private set; } = null!;

    /// <summary>Of <see cref="Bucket"/>.</summary>
    internal ulong BucketId { get; private set; }

    /// <summary>Runs a story in a world of its own; what it returns says what is wrong.</summary>
    internal static string? Tell(
        ulong seed, ShardDoubles doubles, Func<ShardRig, Task<string?>> story, DiskStoreOptions? options = null, SimDiskOptions? disk = null)
    {
        var rig = new ShardRig(seed, doubles, options, disk);
        try
        {
            string? wrong = rig.World.Run(async () =>
            {
                await rig.StartAsync();
                rig.BucketId = (await rig.DoAsync(new CreateBucketCommand(Bucket, "owner", "", ObjectLock: false) { NowUtc = rig.World.Clock.UtcNow })).Bucket!.Id;
                return await story(rig);
            });
            return wrong is null ? null : $"seed {seed}: {wrong}";
        }
        catch (AggregateException bug) when (doubles != ShardDoubles.None)
        {
            return $"seed {seed}: {bug.InnerException!.Message}";
        }
        catch (StorageException fault) when (doubles != ShardDoubles.None)
        {
            return $"seed {seed}: {fault.Message}";
        }
    }

    internal async Task StartAsync() =>
        Now = await Node.Start(environment =>
        {
            ILoop loop = environment.Spawner.CreateLoop("store");
            return loop.CallAsync(
                async rig =>
                {
                    DiskStore store = await DiskStore.OpenAsync(environment, loop, rig._options);
                    IChunkStore chunks = rig._doubles.Chunks(store.Chunks);
                    MetadataShard shard = await MetadataShard.OpenAsync(
                        environment, loop, rig._doubles.Rows(store.Rows), chunks, new MetadataShardOptions { ReclaimRowsMin = 4, ReclaimRowsMax = 100 });
                    return new Life(store, shard, chunks, loop, environment);
                },
                this);
        });

    internal async Task RestartAsync(CrashStyle style)
    {
        Node.Crash(style);
        await StartAsync();
    }

    internal Task<CommandResult> DoAsync(MetadataCommand command) => Node.CallAsync(() => Now.Shard.ExecuteAsync(command));

    /// <summary>Stages, syncs and commits one object; small ones go inline.</summary>
    internal Task<CommandResult> PutAsync(string key, int body, int length, WriteConditions? conditions = null)
    {
        Life life = Now;
        return Node.CallAsync(async () =>
        {
            var blob = new BlobRef(life.Shard.NextBlobId(), length, length <= InlineMax ? 0 : Chunk);
            bool inline = length <= InlineMax;
            byte[] content = Content(body, length);
            List<StagedChunk> staged = inline ? [] : await life.Loop.CallAsync(static call => StageAsync(call.life, call.blob, call.content), (life, blob, content));
            var record = new ObjectRecord
            {
                Key = key,
                Version = default,
                ModifiedUtc = World.Clock.UtcNow,
                OwnerId = "owner",
                SizeBytes = length,
                ETag = ETag(body),
            };
            ObjectData data = inline ? new ObjectData { Inline = blob } : new ObjectData { Blobs = [blob] };
            return await life.Shard.ExecuteAsync(
                new PutObjectCommand(Bucket, record, inline ? content : default, data, conditions) { NowUtc = World.Clock.UtcNow, BodyLiesInRow = inline && length <= RowBodyMax }, staged);
        });
    }

    internal Task<CommandResult> DeleteAsync(string key, WriteConditions? conditions = null) =>
        DoAsync(new DeleteObjectCommand(Bucket, key, null, "owner", conditions, BypassGovernance: false) { NowUtc = World.Clock.UtcNow });

    /// <summary>The body that a key has, wholly read and compared; 0 when there is no such key.</summary>
    internal async Task<int> ReadAsync(string key)
    {
        using ReadLease lease = await OpenAsync(key);
        return await ReadAsync(lease);
    }

    internal Task<ReadLease> OpenAsync(string key) => Node.CallAsync(() => Now.Shard.OpenForReadAsync(new GetObjectQuery(Bucket, key, null)));

    /// <exception cref="InvalidOperationException">The bytes are not those of the body.</exception>
    internal async Task<int> ReadAsync(ReadLease lease)
    {
        if (lease.Data is null)
        {
            return 0;
        }

        ObjectRecord found = lease.Result.Object!;
        int body = int.Parse(found.ETag, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        byte[] read = lease.InlineBody.ToArray();
        if (lease.Data.Blobs.Count > 0)
        {
            Life life = Now;
            read = await Node.CallAsync(() => life.Loop.CallAsync(static call => ReadBlobAsync(call.Chunks, call.Blob), (life.Chunks, Blob: lease.Data.Blobs[0])));
        }

        return read.AsSpan().SequenceEqual(Content(body, (int)found.SizeBytes))
            ? body
            : throw new InvalidOperationException($"{found.Key} has not the bytes of body {body}");
    }

    internal Task<ChunkStoreUsage> MeasureAsync() =>
        Node.CallAsync(() => Now.Loop.CallAsync(static chunks => new ValueTask<ChunkStoreUsage>(chunks.MeasureUsage()), Now.Store.Chunks));

    internal Task RestAsync(int milliseconds) => World.Clock.DelayAsync(TimeSpan.FromMilliseconds(milliseconds)).AsTask();

    /// <summary>What published frames of these lengths take.</summary>
    internal static long FrameBytes(int length)
    {
        long bytes = 0;
        for (int rest = length <= InlineMax ? 0 : length; rest > 0; rest -= Chunk)
        {
            bytes += 4096 + AlignedMemory.RoundUp(Math.Min(rest, Chunk));
        }

        return bytes;
    }

    private static string ETag(int body) => body.ToString("x32", CultureInfo.InvariantCulture);

    private static byte[] Content(int body, int length)
    {
        byte[] content = new byte[length];
        new Random(body).NextBytes(content);
        return content;
    }

    private static async ValueTask<List<StagedChunk>> StageAsync(Life life, BlobRef blob, byte[] content)
    {
        var staged = new List<StagedChunk>();
        try
        {
            for (int at = 0; at < content.Length; at += Chunk)
            {
                int length = Math.Min(Chunk, content.Length - at);
                using ChunkBuffer buffer = life.Chunks.RentBuffer();
                content.AsMemory(at, length).CopyTo(buffer.Data);
                staged.Add(await life.Chunks.StageAsync(new ChunkId(blob.Id, (uint)(at / Chunk)), buffer, length));
            }

            await life.Chunks.SyncStagedAsync(staged);
            return staged;
        }
        catch (StorageException)
        {
            life.Chunks.Abandon(staged);
            throw;
        }
    }

    private static async ValueTask<byte[]> ReadBlobAsync(IChunkStore chunks, BlobRef blob)
    {
        byte[] read = new byte[blob.LengthBytes];
        for (int at = 0; at < read.Length; at += Chunk)
        {
            int length = Math.Min(Chunk, read.Length - at);
            await chunks.ReadAsync(new ChunkId(blob.Id, (uint)(at / Chunk)), length, 0, read.AsMemory(at, length));
        }

        return read;
    }
}
