using System;
using System.Collections.Generic;
using ObjectStore.Engine.Erasure;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Cuts chunks into shards and puts them together again; pure. Any thread.</summary>
/// <remarks>
/// The cut is contiguous: data shard i holds bytes <c>[i·s, (i + 1)·s)</c> of the chunk, zeros behind its end, so a small range lies in one or two shards.
/// </remarks>
public sealed class ChunkCodec
{
    private readonly ErasureCode _code;
    private readonly AlignedPool _pool;

    /// <summary>For chunks of up to that many bytes.</summary>
    public ChunkCodec(Layout layout, int chunkSizeBytes, long idleBufferBytesMax)
    {
        ArgumentNullException.ThrowIfNull(layout);
        layout.Check();
        Layout = layout;
        ChunkSizeBytes = chunkSizeBytes;
        _code = new ErasureCode(layout.DataShards, layout.ParityShards);

        // With one data shard a request holds the whole chunk and more.
        var sizes = new SortedSet<int> { AlignedMemory.RoundUp(RequestBytes(chunkSizeBytes)), AlignedMemory.RoundUp(chunkSizeBytes) };
        _pool = new AlignedPool(idleBufferBytesMax, [.. sizes]);
    }

    /// <summary>The layout.</summary>
    public Layout Layout { get; }

    /// <summary>Bytes of a full chunk.</summary>
    public int ChunkSizeBytes { get; }

    /// <summary>Bytes of each shard of a chunk.</summary>
    public int ShardBytes(int chunkLength) => ShardHeader.ShardBytes(chunkLength, Layout.DataShards);

    /// <summary>Bytes of a shard with its header: what a disk keeps as one chunk of its own.</summary>
    public int FrameBytes(int chunkLength) => ShardHeader.SizeBytes + ShardBytes(chunkLength);

    internal AlignedMemory RentChunk() => _pool.Rent(ChunkSizeBytes);

    internal AlignedMemory RentRequest(int chunkLength) => _pool.Rent(RequestBytes(chunkLength));

    /// <summary>The frame within a request to put it.</summary>
    internal Memory<byte> FrameOf(AlignedMemory request, int chunkLength) =>
        request.Memory.Slice(ShardMessages.PutPrefixBytes, FrameBytes(chunkLength));

    /// <summary>Cuts a chunk: all its shards, each within the request to put it. The caller disposes of each when its request has ended.</summary>
    internal AlignedMemory[] Encode(ChunkId chunk, ReadOnlySpan<byte> content)
    {
        int shardBytes = ShardBytes(content.Length);
        var requests = new AlignedMemory[Layout.TotalShards];
        var data = new ReadOnlyMemory<byte>[Layout.DataShards];
        var parity = new Memory<byte>[Layout.ParityShards];
        for (int slot = 0; slot < requests.Length; slot++)
        {
            requests[slot] = RentRequest(content.Length);
            Memory<byte> shard = FrameOf(requests[slot], content.Length)[ShardHeader.SizeBytes..];
            if (slot < data.Length)
            {
                int from = int.Min(slot * shardBytes, content.Length);
                int length = int.Min(shardBytes, content.Length - from);
                content.Slice(from, length).CopyTo(shard.Span);
                shard.Span[length..].Clear();
                data[slot] = shard;
            }
            else
            {
                parity[slot - data.Length] = shard;
            }
        }

        _code.Encode(data, parity, ShardStores.Cached);
        uint checksum = Crc32C.Compute(content);
        for (int slot = 0; slot < requests.Length; slot++)
        {
            Seal(chunk, slot, content.Length, checksum, FrameOf(requests[slot], content.Length).Span);
        }

        return requests;
    }

    /// <summary>Writes the header in front of a shard.</summary>
    internal void Seal(ChunkId chunk, int slot, int chunkLength, uint chunkChecksum, Span<byte> frame)
    {
        ReadOnlySpan<byte> shard = frame[ShardHeader.SizeBytes..];
        var header = new ShardHeader(
            ShardHeader.IdOf(chunk, slot), Layout.DataShards, Layout.ParityShards, chunkLength, chunkChecksum, shard.Length, Crc32C.Compute(shard));
        header.Write(frame);
    }

    /// <summary>Makes shards, or the same stretch of each, out of k others.</summary>
    /// <param name="present"><c>present[k + m]</c>: the stretch of each shard that is there, empty where it is not; at least k.</param>
    /// <param name="wanted">Slots to make.</param>
    /// <param name="made">Where they go, in that order, each as long as the stretches.</param>
    internal void Reconstruct(IReadOnlyList<ReadOnlyMemory<byte>> present, int[] wanted, Memory<byte>[] made)
    {
        Span<bool> has = stackalloc bool[Layout.TotalShards];
        for (int slot = 0; slot < has.Length; slot++)
        {
            has[slot] = !present[slot].IsEmpty;
        }

        ReconstructionPlan plan = _code.Plan(has, wanted);
        var sources = new ReadOnlyMemory<byte>[Layout.DataShards];
        for (int source = 0; source < sources.Length; source++)
        {
            sources[source] = present[plan.Sources[source]];
        }

        _code.Reconstruct(plan, sources, made);
    }

    private int RequestBytes(int chunkLength) => ShardMessages.PutPrefixBytes + FrameBytes(chunkLength);
}
