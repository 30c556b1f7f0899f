using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Speaks to disks wherever they are; to this node's own without the network. Lives on the loop of its service's endpoint.</summary>
public sealed class ShardClient
{
    private readonly ShardService _own;
    private readonly IClusterMapSource _maps;

    /// <summary>Prepares it.</summary>
    public ShardClient(ShardService own, IClusterMapSource maps)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(maps);
        (_own, _maps) = (own, maps);
    }

    /// <summary>Owns this client.</summary>
    public ILoop Loop => _own.Rpc.Loop;

    /// <summary>The map.</summary>
    public IClusterMapSource Maps => _maps;

    /// <summary>Reads bytes of a shard's frame.</summary>
    public Task<ShardReply> GetAsync(DiskId disk, ChunkId shard, int length, int offset, int count, TimeSpan timeout) =>
        CallAsync(disk, ShardMessages.Get, ShardMessages.GetRequest(disk, shard, length, offset, count), timeout);

    /// <summary>Deletes shards.</summary>
    public async Task<ShardError> DeleteAsync(DiskId disk, IReadOnlyList<ShardRange> ranges, TimeSpan timeout) =>
        (await CallAsync(disk, ShardMessages.Delete, ShardMessages.DeleteRequest(disk, ranges, strayOnly: false), timeout)).Error;

    /// <summary>Deletes one shard if it still belongs elsewhere when that is done.</summary>
    public async Task<ShardError> DeleteStrayAsync(DiskId disk, ChunkId shard, TimeSpan timeout) =>
        (await CallAsync(disk, ShardMessages.Delete, ShardMessages.DeleteRequest(disk, [new ShardRange(shard, shard)], strayOnly: true), timeout)).Error;

    /// <summary>Lists shards in the order of their names.</summary>
    public async Task<(ShardError Error, IReadOnlyList<StoredChunk> Shards, bool More)> ListAsync(DiskId disk, ShardRange range, int max, TimeSpan timeout)
    {
        ShardReply reply = await CallAsync(disk, ShardMessages.List, ShardMessages.ListRequest(disk, range, max), timeout);
        if (!reply.Ok)
        {
            return (reply.Error, [], false);
        }

        (StoredChunk[] shards, bool more) = ShardMessages.ReadListAnswer(reply.Payload.Span);
        return (ShardError.None, shards, more);
    }

    /// <summary>Has a shard verified where it is; a damaged one is healed by and by.</summary>
    public async Task<ShardError> VerifyAsync(DiskId disk, ChunkId shard, TimeSpan timeout) =>
        (await CallAsync(disk, ShardMessages.Verify, ShardMessages.VerifyRequest(disk, shard), timeout)).Error;

    /// <summary>Puts a shard.</summary>
    /// <param name="disk">Where.</param>
    /// <param name="request"><see cref="ShardMessages.PutPrefixBytes"/> bytes, which are overwritten, and the frame; unchanged until the task ends.</param>
    /// <param name="shard">Its name.</param>
    /// <param name="mapVersion">The map by which it goes there.</param>
    /// <param name="timeout">Until it counts as <see cref="ShardError.Unreachable"/>.</param>
    internal async Task<ShardError> PutAsync(DiskId disk, Memory<byte> request, ChunkId shard, ulong mapVersion, TimeSpan timeout)
    {
        ShardMessages.WritePutPrefix(request.Span, disk, mapVersion, shard);
        return (await CallAsync(disk, ShardMessages.Put, request, timeout)).Error;
    }

    private async Task<ShardReply> CallAsync(DiskId disk, RpcMethod method, ReadOnlyMemory<byte> request, TimeSpan timeout)
    {
        Invariant.Check(Loop.IsCurrent, "a shard client belongs to one loop");
        if (_maps.Current.FindDisk(disk) is not { } record)
        {
            return new ShardReply(ShardError.NoSuchDisk, default);
        }

        if (record.Node == _own.Rpc.Self)
        {
            return ShardMessages.ReadAnswer(await _own.AnswerAsync(method, request));
        }

        RpcReply reply = await _own.Rpc.CallAsync(record.Node, method, request, timeout);
        return reply.Ok && !reply.Payload.IsEmpty ? ShardMessages.ReadAnswer(reply.Payload) : new ShardReply(ShardError.Unreachable, default);
    }
}
