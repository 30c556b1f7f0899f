using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Extents;

/// <summary>A chunk store over a simulated disk and rows in memory, and the model: which chunks are published, after each batch.</summary>
internal sealed class ChunkStoreRig
{
    internal static readonly ChunkStoreOptions SmallOptions = new()
    {
        ChunkSizeBytes = 128 * 1024,
        ExtentSizeBytes = 512 * 1024,
        ReserveBytes = 0,
        HeaderCacheEntries = 8,
        IdleBufferBytesMax = 4 << 20,
        ScrubCheckpointFrames = 3,
    };

    private readonly List<(ulong Sequence, ImmutableSortedDictionary<BlobKey, int[]> Model)> _models = [];
    private ulong _blobNumber;

    private ChunkStoreRig(SimWorld world, SimDisk disk, ChunkStoreOptions options) => (World, Disk, Options) = (world, disk, options);

    internal readonly record struct BlobKey(ulong Number) : IComparable<BlobKey>
    {
        public int CompareTo(BlobKey other) => Number.CompareTo(other.Number);
    }

    internal SimWorld World { get; }

    internal SimDisk Disk { get; private set; }

    internal ChunkStoreOptions Options { get; }

    internal MemoryOrderedStore Rows { get; private set; } = new();

    internal ChunkStore Store { get; private set; } = null!;

    /// <summary>Published blobs with the lengths of their chunks, as of the last batch.</summary>
    internal ImmutableSortedDictionary<BlobKey, int[]> Model { get; private set; } = ImmutableSortedDictionary<BlobKey, int[]>.Empty;

    internal static async Task<ChunkStoreRig> OpenAsync(SimWorld world, ChunkStoreOptions? options = null, SimDiskOptions? disk = null)
    {
        var rig = new ChunkStoreRig(world, world.CreateDisk(disk), options ?? SmallOptions);
        await rig.OpenStoreAsync();
        return rig;
    }

    /// <summary>Runs a test body in a world of its own.</summary>
    internal static void Run(Func<ChunkStoreRig, Task> body, ulong seed = 1, ChunkStoreOptions? options = null, SimDiskOptions? disk = null)
    {
        var world = new SimWorld(new SeededChoices(seed));
        world.Run(async () => await body(await OpenAsync(world, options, disk)));
    }

    internal static byte[] Content(BlobKey blob, int index, int length)
    {
        byte[] content = new byte[length];
        new Random(unchecked((int)StableHash.Compute(blob.Number, (ulong)index))).NextBytes(content);
        return content;
    }

    internal static ChunkId Id(BlobKey blob, int index) => new(new BlobId(7, blob.Number), (uint)index);

    /// <summary>Stages a blob's chunks all at once.</summary>
    internal async Task<(BlobKey Blob, int[] Lengths, List<StagedChunk> Staged)> StageAsync(params int[] lengths)
    {
        var blob = new BlobKey(++_blobNumber);
        var stages = new Task<StagedChunk>[lengths.Length];
        for (int i = 0; i < lengths.Length; i++)
        {
            stages[i] = StageOneAsync(blob, i, lengths[i]);
        }

        var staged = new List<StagedChunk>();
        StorageException? fault = null;
        foreach (Task<StagedChunk> stage in stages)
        {
            try
            {
                staged.Add(await stage);
            }
            catch (StorageException failed)
            {
                fault = failed;
            }
        }

        if (fault is not null)
        {
            Store.Abandon(staged);
            throw fault;
        }

        return (blob, lengths, staged);
    }

    internal CommitTicket Publish(BlobKey blob, int[] lengths, List<StagedChunk> staged)
    {
        var batch = new WriteBatch();
        Store.Publish(batch, staged);
        CommitTicket ticket = Apply(batch, Model.Add(blob, lengths));
        Store.Published(staged);
        return ticket;
    }

    /// <summary>Stages, syncs and publishes; does not wait for the rows to be durable.</summary>
    internal async Task<BlobKey> PutAsync(params int[] lengths)
    {
        (BlobKey blob, _, List<StagedChunk> staged) = await StageAsync(lengths);
        try
        {
            await Store.SyncStagedAsync(staged);
        }
        catch (StorageException)
        {
            Store.Abandon(staged);
            throw;
        }

        Publish(blob, lengths, staged);
        return blob;
    }

    internal async Task ReleaseAsync(BlobKey blob, int rowsMax = int.MaxValue)
    {
        Model = Model.Remove(blob);
        for (bool done = false; !done;)
        {
            done = await ReleaseStepAsync(new BlobRef(Id(blob, 0).Blob, 0, Options.ChunkSizeBytes), rowsMax, TimeSpan.Zero);
        }
    }

    /// <summary>One batch of a release, begun again as often as chunks have moved before it could be applied.</summary>
    /// <param name="blob">What to release.</param>
    /// <param name="rowsMax">Chunks in the batch.</param>
    /// <param name="lingers">Time between finding the chunks, the first time, and applying the batch.</param>
    internal async Task<bool> ReleaseStepAsync(BlobRef blob, int rowsMax, TimeSpan lingers)
    {
        while (true)
        {
            var batch = new WriteBatch();
            using IReadView latest = Rows.ReadLatest();
            ChunkRelease release = Store.BeginRelease(latest);
            bool done = await Store.ReleaseAsync(release, batch, blob, rowsMax);
            if (lingers > TimeSpan.Zero)
            {
                await World.Clock.DelayAsync(lingers);
                lingers = TimeSpan.Zero;
            }

            if (Store.IsCurrent(release))
            {
                Apply(batch, Model);
                Store.Complete(release);
                return done;
            }
        }
    }

    internal async Task CheckReadAsync(BlobKey blob, int index, int from, int to)
    {
        int length = Model[blob][index];
        byte[] read = new byte[to - from];
        await Store.ReadAsync(Id(blob, index), length, from, read);
        Assert.True(read.AsSpan().SequenceEqual(Content(blob, index, length).AsSpan(from..to)), $"blob {blob.Number} chunk {index} [{from}..{to})");
    }

    internal async Task CheckAllAsync()
    {
        foreach ((BlobKey blob, int[] lengths) in Model)
        {
            for (int i = 0; i < lengths.Length; i++)
            {
                await CheckReadAsync(blob, i, 0, lengths[i]);
            }
        }
    }

    /// <summary>Lets a background step end, making rows durable as long as it waits for that.</summary>
    internal async Task FinishAsync(Task step)
    {
        while (!step.IsCompleted)
        {
            Rows.MakeDurable();
            await World.Clock.DelayAsync(TimeSpan.FromMicroseconds(50));
        }

        await step;
    }

    internal async Task ReclaimAllAsync()
    {
        TimeSpan rest;
        do
        {
            ValueTask<TimeSpan> step = Store.Reclaimer.StepAsync();
            Task<TimeSpan> task = step.AsTask();
            await FinishAsync(task);
            rest = await task;
        }
        while (rest == TimeSpan.Zero);
    }

    /// <summary>Power loss and restart; the model follows the rows that survived.</summary>
    internal async Task CrashAsync(int rowSurvivors, CrashStyle style = CrashStyle.Drawn)
    {
        bool hold = Rows.Hold;
        Disk = Disk.Crash(World.Choices, style);
        Rows = Rows.AfterCrash(rowSurvivors);
        _models.RemoveAll(entry => entry.Sequence > Rows.AppliedSequence);
        Model = _models.Count > 0 ? _models[^1].Model : ImmutableSortedDictionary<BlobKey, int[]>.Empty;
        await OpenStoreAsync();
        Rows.Hold = hold;
    }

    internal async Task ReopenAsync()
    {
        Rows.MakeDurable();
        await Store.DisposeAsync();
        await OpenStoreAsync();
    }

    /// <summary>Changes bytes of a file behind the store's back.</summary>
    internal async Task DamageAsync(string file, long offset, Func<byte[], byte[]> change, int length)
    {
        await using IDiskFile raw = (await Disk.OpenAsync(file, DiskOpen.Existing)).Value;
        byte[] bytes = new byte[length];
        Assert.Equal(length, (await raw.ReadAsync(offset, bytes)).Value);
        Assert.Equal(DiskError.None, await raw.WriteAsync(offset, change(bytes)));
    }

    internal Task FlipAsync(string file, long offset) =>
        DamageAsync(file, offset, static bytes => [(byte)(bytes[0] ^ 0x10)], 1);

    internal async Task<StorageError> ReadErrorAsync(BlobKey blob, int index, int from, int to)
    {
        StorageException fault = await Assert.ThrowsAsync<StorageException>(() => CheckReadAsync(blob, index, from, to));
        return fault.Error;
    }

    private async Task<StagedChunk> StageOneAsync(BlobKey blob, int index, int length)
    {
        using ChunkBuffer buffer = Store.RentBuffer();
        buffer.Data.Span.Fill(0xEE);
        Content(blob, index, length).CopyTo(buffer.Data);
        return await Store.StageAsync(Id(blob, index), buffer, length);
    }

    private CommitTicket Apply(WriteBatch batch, ImmutableSortedDictionary<BlobKey, int[]> model)
    {
        Model = model;
        CommitTicket ticket = Rows.Apply(batch);
        _models.Add((ticket.Sequence, model));
        return ticket;
    }

    private async Task OpenStoreAsync()
    {
        Store = await ChunkStore.OpenAsync(World.CreateEnvironment(Disk), World.TestLoop, Rows, Options);
    }
}
