using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Says whether this gateway may serve what it reads. Any thread.</summary>
public interface IReadPermission
{
    /// <summary>False once its lease may have run out: others may then free what its readers still need.</summary>
    bool MayRead { get; }
}

/// <summary>Bodies as shards on many disks. Any thread; coding is done where it is called, I/O on the loop of the shard client.</summary>
/// <remarks>
/// A chunk counts as written when <see cref="Placement.WriteQuorum"/> says so; every disk that is up gets its shard, late ones behind the caller's back. What could not be put is told to
/// repair (<see cref="TakeMissedGroups"/>). Staged chunks need nothing else: a shard is durable and published as soon as it is acknowledged, and found by its name.
/// </remarks>
public sealed class ClusterContentStore : IContentStore
{
    private readonly IReadPermission _permission;
    private readonly List<ChunkWrite> _writes = [];
    private readonly SortedSet<int> _missed = [];
    private readonly MapVersionsInUse _versions = new();

    /// <summary>Prepares it.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="client">Reaches the disks; owns the loop that this works on.</param>
    /// <param name="codec">Of the cluster's layout.</param>
    /// <param name="permission">Of this gateway.</param>
    /// <param name="options">Patience and bounds.</param>
    public ClusterContentStore(NodeEnvironment environment, ShardClient client, ChunkCodec codec, IReadPermission permission, ChunkIoOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentNullException.ThrowIfNull(permission);
        ArgumentNullException.ThrowIfNull(options);
        (Environment, Client, Codec, _permission, Options) = (environment, client, codec, permission, options);
        Reader = new ChunkReader(environment, client, codec, options);
        Reader.FoundMissing = Missed;
    }

    /// <inheritdoc/>
    public int ChunkSizeBytes => Codec.ChunkSizeBytes;

    /// <summary>The oldest map that a write under way may still use: what a gateway tells the root group. On the client's loop.</summary>
    public ulong OldestMapVersion => _versions.Oldest ?? Maps.Current.Version;

    internal NodeEnvironment Environment { get; }

    internal ShardClient Client { get; }

    internal ChunkCodec Codec { get; }

    internal ChunkIoOptions Options { get; }

    internal ChunkReader Reader { get; }

    internal IClusterMapSource Maps => Client.Maps;

    /// <inheritdoc/>
    public ChunkBuffer RentBuffer() => new PooledChunk(Codec.RentChunk(), ChunkSizeBytes);

    /// <inheritdoc/>
    public Task<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Invariant.Check(lengthBytes > 0 && lengthBytes <= ChunkSizeBytes, "chunk length");
        var write = new ChunkWrite(this, id, Codec.Encode(id, buffer.Data.Span[..lengthBytes]), lengthBytes);
        return Client.Loop.EnterAsync(
            static write =>
            {
                write.Store._writes.Add(write.Write);
                return write.Write.RunAsync();
            },
            (Store: this, Write: write));
    }

    /// <inheritdoc/>
    public Task SyncAsync(IReadOnlyList<StagedChunk> staged) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>Ends when every disk that is up has been told; what others keep is found by repair once this gateway's epoch is closed.</remarks>
    public Task AbandonAsync(IReadOnlyList<StagedChunk> staged) =>
        Client.Loop.EnterAsync(
            static async call =>
            {
                await call.Self.AbandonOnLoopAsync(call.Staged);
                return true;
            },
            (Self: this, Staged: staged));

    /// <inheritdoc/>
    public Task ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination)
    {
        Invariant.Check(
            offsetBytes >= 0 && destination.Length > 0 && destination.Length <= chunkLengthBytes - offsetBytes, "read outside the chunk");
        return _permission.MayRead
            ? Reader.ReadAsync(id, chunkLengthBytes, offsetBytes, destination)
            : throw new StorageException(StorageError.Unavailable, "gateway", -1, "this gateway's lease has run out");
    }

    /// <summary>Placement groups that miss shards of this gateway's since they were last taken. On the client's loop; give back with <see cref="Missed"/> what could not be passed on.</summary>
    public IReadOnlyList<int> TakeMissedGroups()
    {
        Invariant.Check(Client.Loop.IsCurrent, "belongs to one loop");
        int[] groups = [.. _missed];
        _missed.Clear();
        return groups;
    }

    /// <summary>A group misses a shard.</summary>
    public void Missed(int group) => _missed.Add(group);

    internal InUse Use(ulong mapVersion) => _versions.Begin(mapVersion);

    /// <summary>Whether a write may end with so many bytes still on their way.</summary>
    internal bool MayLeaveBehind(long bytes)
    {
        long late = 0;
        foreach (ChunkWrite write in _writes)
        {
            late += write.BytesRunning;
        }

        return bytes == 0 || late <= Options.LateBytesMax;
    }

    internal void Ended(ChunkWrite write) => _writes.Remove(write);

    /// <summary>Deletes what there is of a chunk that could not be written, in the background.</summary>
    internal void GiveUp(ChunkId chunk) =>
        Environment.Spawner.Spawn(Client.Loop, "give-up-chunk", async () => await AbandonOnLoopAsync([new StagedChunk(chunk, 0, 0, 1)]));

    private async ValueTask AbandonOnLoopAsync(IReadOnlyList<StagedChunk> staged)
    {
        // A shard that is still on its way would arrive after it was deleted.
        foreach (StagedChunk chunk in staged)
        {
            if (_writes.Find(write => write.Chunk == chunk.Id) is { } write)
            {
                await write.Ended.EndsWithinAsync(Environment.Clock, Options.WriteDeadline);
            }
        }

        ClusterMap map = Maps.Current;
        var deletions = new SortedDictionary<Placement.DiskId, List<ShardRange>>();
        foreach (StagedChunk chunk in staged)
        {
            BlobDeletion.Add(deletions, map, ShardRange.Of(chunk.Id), map.GroupFor(chunk.Id.Blob));
        }

        await BlobDeletion.DeleteAsync(Client, deletions, Options.DeleteTimeout);
    }

    private sealed class PooledChunk(AlignedMemory memory, int sizeBytes) : ChunkBuffer
    {
        public override Memory<byte> Data => memory.Memory[..sizeBytes];

        public override void Dispose() => memory.Dispose();
    }
}
