using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>How an attempt to make shards again ended.</summary>
internal enum RebuildOutcome
{
    /// <summary>All that were asked for are durable in their places.</summary>
    Done,

    /// <summary>Some could not be read or written now.</summary>
    Incomplete,

    /// <summary>Fewer than k shards are whole, or they do not make the chunk.</summary>
    Unreadable,

    /// <summary>The map has changed meanwhile.</summary>
    Moved,
}

/// <summary>Puts missing and damaged shards of a chunk in their places: copied from where they were, or made from k others. Lives on the client's loop.</summary>
/// <remarks>
/// Invariant: nothing is written that does not belong to a chunk whose checksum was verified over all its bytes; a source is believed only with its own checksum, and sources only together with
/// the chunk's.
/// </remarks>
internal sealed class ChunkRebuild(NodeEnvironment environment, ShardClient client, ChunkReader reader, ChunkIoOptions options, RateBudget budget)
{
    private readonly ChunkCodec _codec = reader.Codec;

    /// <summary>Shards written so far.</summary>
    internal long ShardsBuilt { get; private set; }

    /// <summary>Bytes written so far.</summary>
    internal long BytesBuilt { get; private set; }

    /// <summary>Makes the shards of these slots.</summary>
    /// <param name="map">By which they are in their places.</param>
    /// <param name="chunk">Of which chunk.</param>
    /// <param name="found">Where others are.</param>
    /// <param name="missing">Slots, whose disks are up.</param>
    internal async ValueTask<RebuildOutcome> RunAsync(ClusterMap map, ChunkId chunk, FoundChunk found, List<int> missing)
    {
        PlacementGroup group = map.GroupFor(chunk.Blob);
        var outcome = RebuildOutcome.Done;
        var toMake = new List<int>();
        foreach (int slot in missing)
        {
            RebuildOutcome copied = await CopyAsync(map, group, chunk, found, slot);
            switch (copied)
            {
                case RebuildOutcome.Unreadable:
                    toMake.Add(slot);
                    break;
                case RebuildOutcome.Moved:
                    return copied;
                case RebuildOutcome.Incomplete:
                    outcome = copied;
                    break;
                default:
                    break;
            }
        }

        if (toMake.Count == 0)
        {
            return outcome;
        }

        RebuildOutcome made = await MakeAsync(map, group, chunk, found, toMake);
        return made == RebuildOutcome.Done ? outcome : made;
    }

    /// <summary>Copies a shard from its source. Unreadable: there is no whole copy of it.</summary>
    private async ValueTask<RebuildOutcome> CopyAsync(ClusterMap map, PlacementGroup group, ChunkId chunk, FoundChunk found, int slot)
    {
        ChunkId shard = ShardHeader.IdOf(chunk, slot);
        foreach ((DiskId disk, int length) in found.Copies(slot))
        {
            if (disk == group.Slots[slot].Disk || !map.IsUp(disk))
            {
                continue;
            }

            await budget.TakeAsync(2L * length);
            if (await reader.ReadShardAsync(disk, shard, length) is { } read)
            {
                using AlignedMemory request = _codec.RentRequest(read.Header.ChunkLength);
                read.Frame.CopyTo(_codec.FrameOf(request, read.Header.ChunkLength));
                return await PutAsync(map, group, shard, request, length);
            }
        }

        return RebuildOutcome.Unreadable;
    }

    private async ValueTask<RebuildOutcome> MakeAsync(ClusterMap map, PlacementGroup group, ChunkId chunk, FoundChunk found, List<int> wanted)
    {
        var read = new (ShardHeader Header, ReadOnlyMemory<byte> Frame)?[_codec.Layout.TotalShards];
        await ReadAsync(map, chunk, found, read, _codec.Layout.DataShards);
        for (int suspect = -1; suspect < read.Length; suspect++)
        {
            if (suspect == 0)
            {
                // Each is whole by its own checksum, and together they are not the chunk: read all, and leave one out after the other.
                environment.Trace.Mark("repair-inconsistent");
                await ReadAsync(map, chunk, found, read, read.Length);
            }

            if (Choose(read, suspect) is not { } sources)
            {
                if (suspect < 0)
                {
                    break;
                }

                continue;
            }

            int chunkLength = sources.Header.ChunkLength;
            var requests = new List<AlignedMemory>();
            try
            {
                if (TryMake(chunk, sources, wanted, requests))
                {
                    var outcome = RebuildOutcome.Done;
                    for (int i = 0; i < wanted.Count; i++)
                    {
                        RebuildOutcome put = await PutAsync(map, group, ShardHeader.IdOf(chunk, wanted[i]), requests[i], _codec.FrameBytes(chunkLength));
                        if (put == RebuildOutcome.Moved)
                        {
                            return put;
                        }

                        outcome = put == RebuildOutcome.Done ? outcome : put;
                    }

                    return outcome;
                }
            }
            finally
            {
                requests.ForEach(static request => request.Dispose());
            }
        }

        environment.Trace.Emit(
            TraceLevel.Error, "repair", "chunk-unreadable", ("group", group.Number), ("number", unchecked((long)chunk.Blob.Number)), ("index", chunk.Index), ("whole", found.WholeCount));
        return RebuildOutcome.Unreadable;
    }

    /// <summary>Reads shards until so many are there, or there are no more.</summary>
    private async ValueTask ReadAsync(ClusterMap map, ChunkId chunk, FoundChunk found, (ShardHeader Header, ReadOnlyMemory<byte> Frame)?[] read, int count)
    {
        int have = 0;
        foreach ((ShardHeader, ReadOnlyMemory<byte>)? shard in read)
        {
            have += shard is null ? 0 : 1;
        }

        int next = 0;
        while (have < count && next < read.Length)
        {
            var batch = new List<(int Slot, Task<(ShardHeader, ReadOnlyMemory<byte>)?> Task)>();
            long bytes = 0;
            for (; next < read.Length && have + batch.Count < count; next++)
            {
                foreach ((DiskId disk, int length) in found.Copies(next))
                {
                    if (read[next] is null && map.IsUp(disk))
                    {
                        bytes += length;
                        batch.Add((next, reader.ReadShardAsync(disk, ShardHeader.IdOf(chunk, next), length).AsTask()));
                        break;
                    }
                }
            }

            await budget.TakeAsync(bytes);
            foreach ((int slot, Task<(ShardHeader, ReadOnlyMemory<byte>)?> task) in batch)
            {
                read[slot] = await task;
                have += read[slot] is null ? 0 : 1;
            }
        }
    }

    /// <summary>The first k shards that agree with each other about the chunk; null when there are not so many.</summary>
    private Sources? Choose((ShardHeader Header, ReadOnlyMemory<byte> Frame)?[] read, int without)
    {
        for (int first = 0; first < read.Length; first++)
        {
            if (first == without || read[first] is not { } lead)
            {
                continue;
            }

            var present = new ReadOnlyMemory<byte>[read.Length];
            int count = 0;
            for (int slot = first; slot < read.Length && count < _codec.Layout.DataShards; slot++)
            {
                if (slot != without && read[slot] is { } shard && shard.Header.ChunkLength == lead.Header.ChunkLength
                    && shard.Header.ChunkChecksum == lead.Header.ChunkChecksum && shard.Header.DataShards == _codec.Layout.DataShards)
                {
                    present[slot] = shard.Frame[ShardHeader.SizeBytes..];
                    count++;
                }
            }

            if (count == _codec.Layout.DataShards)
            {
                return new Sources(lead.Header, present);
            }
        }

        return null;
    }

    /// <summary>Makes shards within requests, in the order of <paramref name="wanted"/>; false when the sources do not make the chunk.</summary>
    private bool TryMake(ChunkId chunk, Sources sources, List<int> wanted, List<AlignedMemory> requests)
    {
        int chunkLength = sources.Header.ChunkLength;
        int shardBytes = _codec.ShardBytes(chunkLength);
        var slots = new List<int>(wanted);
        for (int slot = 0; slot < _codec.Layout.DataShards; slot++)
        {
            // Data shards that nobody wants are made all the same: the checksum is over all of the chunk.
            if (sources.Present[slot].IsEmpty && !slots.Contains(slot))
            {
                slots.Add(slot);
            }
        }

        var made = new Memory<byte>[slots.Count];
        for (int i = 0; i < made.Length; i++)
        {
            AlignedMemory request = _codec.RentRequest(chunkLength);
            requests.Add(request);
            made[i] = _codec.FrameOf(request, chunkLength)[ShardHeader.SizeBytes..];
        }

        _codec.Reconstruct(sources.Present, [.. slots], made);
        uint checksum = 0;
        for (int slot = 0; slot < _codec.Layout.DataShards; slot++)
        {
            ReadOnlyMemory<byte> data = sources.Present[slot].IsEmpty ? made[slots.IndexOf(slot)] : sources.Present[slot];
            int used = int.Clamp(chunkLength - (slot * shardBytes), 0, shardBytes);
            checksum = Crc32C.Compute(data.Span[..used], checksum);
        }

        if (checksum != sources.Header.ChunkChecksum)
        {
            return false;
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            _codec.Seal(chunk, wanted[i], chunkLength, checksum, _codec.FrameOf(requests[i], chunkLength).Span);
        }

        return true;
    }

    private async ValueTask<RebuildOutcome> PutAsync(ClusterMap map, PlacementGroup group, ChunkId shard, AlignedMemory request, int frameLength)
    {
        await budget.TakeAsync(frameLength);
        ShardError error = await client.PutAsync(
            group.Slots[ShardHeader.SlotOf(shard)].Disk, request.Memory[..(ShardMessages.PutPrefixBytes + frameLength)], shard, map.Version, options.PutTimeout);
        if (error == ShardError.None)
        {
            ShardsBuilt++;
            BytesBuilt += frameLength;
            return RebuildOutcome.Done;
        }

        return error == ShardError.Moved ? RebuildOutcome.Moved : RebuildOutcome.Incomplete;
    }

    private sealed record Sources(ShardHeader Header, ReadOnlyMemory<byte>[] Present);
}
