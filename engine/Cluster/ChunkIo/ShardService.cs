using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Answers for the shards on this node's disks. Lives on the loop of its endpoint.</summary>
/// <remarks>
/// Invariant: a shard is taken only when it is whole, is named what it says it is, and by the newest of the caller's map and this node's the disk is that of its slot; so after this node has a map,
/// nothing that belongs elsewhere by it is stored here any more.
/// </remarks>
public sealed class ShardService
{
    private const int ListMax = 8192;
    private static readonly TimeSpan MapPatience = TimeSpan.FromSeconds(1);

    private readonly NodeEnvironment _environment;
    private readonly RpcEndpoint _rpc;
    private readonly IClusterMapSource _maps;
    private readonly SortedDictionary<DiskId, ShardDisk> _disks = [];
    private readonly SortedDictionary<ushort, Func<ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>>> _methods = [];

    /// <summary>Registers its methods, so before the endpoint starts.</summary>
    public ShardService(NodeEnvironment environment, RpcEndpoint rpc, IClusterMapSource maps)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(maps);
        (_environment, _rpc, _maps) = (environment, rpc, maps);
        Handle(ShardMessages.Put, PutAsync);
        Handle(ShardMessages.Get, GetAsync);
        Handle(ShardMessages.Delete, DeleteAsync);
        Handle(ShardMessages.List, ListAsync);
        Handle(ShardMessages.Verify, VerifyAsync);
    }

    /// <summary>This node's disks, by number.</summary>
    public IReadOnlyCollection<ShardDisk> Disks => _disks.Values;

    /// <summary>The endpoint whose loop this lives on.</summary>
    internal RpcEndpoint Rpc => _rpc;

    /// <summary>A disk was opened and has its number.</summary>
    public void Add(ShardDisk disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        Invariant.Check(_rpc.Loop.IsCurrent, "shards are served on the loop of the endpoint");
        _disks.Add(disk.Id, disk);
    }

    /// <summary>A disk is to be closed.</summary>
    public void Remove(DiskId disk)
    {
        Invariant.Check(_rpc.Loop.IsCurrent, "shards are served on the loop of the endpoint");
        _disks.Remove(disk);
    }

    /// <summary>This node's disk of that number; null when it has none.</summary>
    public ShardDisk? Find(DiskId disk)
    {
        Invariant.Check(_rpc.Loop.IsCurrent, "shards are served on the loop of the endpoint");
        return _disks.GetValueOrDefault(disk);
    }

    /// <summary>As a call from this node, without the network.</summary>
    internal ValueTask<ReadOnlyMemory<byte>> AnswerAsync(RpcMethod method, ReadOnlyMemory<byte> request) => _methods[method.Number](request);

    private void Handle(RpcMethod method, Func<ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> answer)
    {
        _methods.Add(method.Number, answer);
        _rpc.Handle(method, (_, request) => answer(request));
    }

    private async ValueTask<ReadOnlyMemory<byte>> PutAsync(ReadOnlyMemory<byte> request)
    {
        (DiskId id, ulong mapVersion, ChunkId shard) = ShardMessages.ReadPutPrefix(request.Span);
        ReadOnlyMemory<byte> frame = request[ShardMessages.PutPrefixBytes..];
        if (!ShardHeader.TryVerify(shard, frame.Span, out ShardHeader header))
        {
            _environment.Trace.Emit(TraceLevel.Warning, "shards", "refused", ("disk", id.Value), ("number", unchecked((long)shard.Blob.Number)), ("index", shard.Index));
            return ShardMessages.Answer(ShardError.Refused);
        }

        ClusterMap map = _maps.Current;
        if (map.Version < mapVersion)
        {
            _environment.Trace.Mark("shard-map-behind");
            map = await _maps.WaitForAsync(mapVersion, MapPatience);
        }

        if (map.Version < mapVersion)
        {
            return ShardMessages.Answer(ShardError.Behind);
        }

        if (!_disks.TryGetValue(id, out ShardDisk? disk))
        {
            return ShardMessages.Answer(ShardError.NoSuchDisk);
        }

        int group = ClusterMap.GroupOf(shard.Blob);
        bool isItsPlace = group < map.Groups.Length && header.Slot < map.Groups[group].Slots.Length && map.Groups[group].Slots[header.Slot].Disk == id;
        if (!isItsPlace)
        {
            _environment.Trace.Mark("shard-moved");
            return ShardMessages.Answer(ShardError.Moved);
        }

        return ShardMessages.Answer(await disk.PutAsync(shard, frame));
    }

    private async ValueTask<ReadOnlyMemory<byte>> GetAsync(ReadOnlyMemory<byte> request)
    {
        (DiskId id, ChunkId shard, int length, int offset, int count) = ShardMessages.ReadGet(request.Span);
        if (count > RpcEndpoint.PayloadBytesMax - 1)
        {
            throw new MalformedDataException($"{count} bytes in one answer");
        }

        if (!_disks.TryGetValue(id, out ShardDisk? disk))
        {
            return ShardMessages.Answer(ShardError.NoSuchDisk);
        }

        byte[] answer = new byte[1 + count];
        ShardError error = await disk.GetAsync(shard, length, offset, answer.AsMemory(1));
        return error == ShardError.None ? answer : ShardMessages.Answer(error);
    }

    private async ValueTask<ReadOnlyMemory<byte>> DeleteAsync(ReadOnlyMemory<byte> request)
    {
        (DiskId id, ShardRange[] ranges, bool strayOnly) = ShardMessages.ReadDelete(request.Span);
        if (!_disks.TryGetValue(id, out ShardDisk? disk))
        {
            return ShardMessages.Answer(ShardError.NoSuchDisk);
        }

        return ShardMessages.Answer(await disk.DeleteAsync(ranges, strayOnly ? () => AreStrays(id, ranges) : null));
    }

    /// <summary>Whether single shards belong elsewhere by the map of this moment.</summary>
    private bool AreStrays(DiskId disk, ShardRange[] ranges)
    {
        ClusterMap map = _maps.Current;
        foreach (ShardRange range in ranges)
        {
            int group = ClusterMap.GroupOf(range.From.Blob);
            int slot = ShardHeader.SlotOf(range.From);
            bool isStray = range.From == range.Last && group < map.Groups.Length && slot < map.Groups[group].Slots.Length
                && map.Groups[group].Slots[slot].Disk != disk && map.Groups[group].Slots[slot].Source != disk;
            if (!isStray)
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ListAsync(ReadOnlyMemory<byte> request)
    {
        (DiskId id, ShardRange range, int max) = ShardMessages.ReadList(request.Span);
        if (!_disks.TryGetValue(id, out ShardDisk? disk))
        {
            return ShardMessages.Answer(ShardError.NoSuchDisk);
        }

        (ShardError error, IReadOnlyList<StoredChunk> shards, bool more) = await disk.ListAsync(range, int.Min(max, ListMax));
        return error == ShardError.None ? ShardMessages.ListAnswer(shards, more) : ShardMessages.Answer(error);
    }

    private async ValueTask<ReadOnlyMemory<byte>> VerifyAsync(ReadOnlyMemory<byte> request)
    {
        (DiskId id, ChunkId shard) = ShardMessages.ReadVerify(request.Span);
        return ShardMessages.Answer(_disks.TryGetValue(id, out ShardDisk? disk) ? await disk.VerifyAsync(shard) : ShardError.NoSuchDisk);
    }
}
