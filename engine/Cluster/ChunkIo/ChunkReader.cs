using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Reads bytes of chunks from their shards, whatever k of them are left. Any thread; waits for disks on the loop of the client, verifies and codes where it is called.</summary>
internal sealed class ChunkReader(NodeEnvironment environment, ShardClient client, ChunkCodec codec, ChunkIoOptions options)
{
    internal NodeEnvironment Environment => environment;

    internal ChunkCodec Codec => codec;

    internal ReadLatencies Latencies { get; } = new(options);

    /// <summary>Called on the client's loop with a group that misses a shard which should be there.</summary>
    internal Action<int>? FoundMissing { get; set; }

    /// <summary>Reads a range of a chunk.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>: too few shards can be read; <see cref="StorageError.Corrupt"/>: they do not make the chunk.</exception>
    internal async Task ReadAsync(ChunkId chunk, int chunkLength, int offset, Memory<byte> destination)
    {
        int shards = codec.Layout.TotalShards;
        Stretch[] needed = Needed(chunkLength, offset, destination.Length);
        var damaged = new bool[shards];
        int suspect = -1;
        while (true)
        {
            bool[] excluded = [.. damaged];
            if (suspect >= 0)
            {
                excluded[suspect] = true;
            }

            ChunkFetch fetch = await client.Loop.CallAsync(
                static call => call.Self.FetchAsync(call.Chunk, call.Length, call.Needed, call.Excluded),
                (Self: this, Chunk: chunk, Length: chunkLength, Needed: needed, Excluded: excluded));
            int found = Assemble(fetch, chunk, chunkLength, offset, needed, destination);
            if (found == Whole)
            {
                if (suspect >= 0)
                {
                    await ReportAsync(chunk, suspect);
                }

                return;
            }

            if (found != Inconsistent)
            {
                damaged[found] = true;
                await ReportAsync(chunk, found);
            }
            else if (++suspect == shards)
            {
                environment.Trace.Emit(TraceLevel.Error, "chunks", "inconsistent", ("number", unchecked((long)chunk.Blob.Number)), ("index", chunk.Index));
                throw new StorageException(StorageError.Corrupt, "chunk", -1, $"no shards of chunk {chunk} make its checksum");
            }
        }
    }

    private const int Whole = -1;
    private const int Inconsistent = -2;

    /// <summary>Reads bytes of one shard from wherever the map says it is; null when it cannot be had.</summary>
    internal async ValueTask<ReadOnlyMemory<byte>?> ReadSlotAsync(ChunkId chunk, int slot, int length, int offset, int count)
    {
        ClusterMap map = client.Maps.Current;
        PlacementGroup group = map.GroupFor(chunk.Blob);
        SlotRecord record = group.Slots[slot];
        ChunkId shard = ShardHeader.IdOf(chunk, slot);

        // Older shards are at the source until it is known that all are on the disk.
        foreach (DiskId disk in new[] { record.Source, record.Disk })
        {
            if (!disk.IsSome || !map.IsUp(disk))
            {
                continue;
            }

            TimeSpan began = environment.Clock.Now;
            ShardReply reply = await client.GetAsync(disk, shard, length, offset, count, options.GetTimeout);
            if (reply.Ok && reply.Payload.Length == count)
            {
                Latencies.Add(environment.Clock.Now - began);
                return reply.Payload;
            }

            if (reply.Error is ShardError.Missing or ShardError.Damaged && disk == record.Disk && group.IsClean)
            {
                environment.Trace.Mark("read-found-damage");
                FoundMissing?.Invoke(group.Number);
            }
        }

        return null;
    }

    /// <summary>All of one shard, verified; null when it cannot be had. On the client's loop.</summary>
    internal async ValueTask<(ShardHeader Header, ReadOnlyMemory<byte> Frame)?> ReadShardAsync(DiskId disk, ChunkId shard, int length)
    {
        ShardReply reply = await client.GetAsync(disk, shard, length, 0, length, options.GetTimeout);
        if (!reply.Ok)
        {
            return null;
        }

        if (ShardHeader.TryVerify(shard, reply.Payload.Span, out ShardHeader header))
        {
            return (header, reply.Payload);
        }

        environment.Trace.Mark("shard-verified-bad");
        await client.VerifyAsync(disk, shard, options.GetTimeout);
        return null;
    }

    private async ValueTask<ChunkFetch> FetchAsync(ChunkId chunk, int chunkLength, Stretch[] needed, bool[] excluded)
    {
        TimeSpan deadline = environment.Clock.Now + options.ReadDeadline;
        while (true)
        {
            // Throws when the group is not known at all; maps only grow.
            ClusterMap map = client.Maps.Current;
            map.GroupFor(chunk.Blob);
            var fetch = new ChunkFetch(this, chunk, chunkLength, needed, excluded);
            if (await fetch.RunAsync())
            {
                return fetch;
            }

            if (environment.Clock.Now >= deadline)
            {
                throw new StorageException(StorageError.Unavailable, "chunk", -1, $"too few shards of chunk {chunk} can be read");
            }

            // Shards may have moved.
            await client.Maps.WaitForAsync(map.Version + 1, options.RetryDelay);
            await environment.Clock.DelayAsync(options.RetryDelay);
        }
    }

    private async ValueTask ReportAsync(ChunkId chunk, int slot)
    {
        environment.Trace.Emit(
            TraceLevel.Warning, "chunks", "bad-shard", ("number", unchecked((long)chunk.Blob.Number)), ("index", chunk.Index), ("slot", slot));
        await client.Loop.CallAsync(
            static async call =>
            {
                PlacementGroup group = call.Client.Maps.Current.GroupFor(call.Chunk.Blob);
                await call.Client.VerifyAsync(group.Slots[call.Slot].Disk, ShardHeader.IdOf(call.Chunk, call.Slot), call.Timeout);
                call.Self.FoundMissing?.Invoke(group.Number);
                return true;
            },
            (Self: this, Client: client, Chunk: chunk, Slot: slot, Timeout: options.GetTimeout));
    }

    /// <summary>What of each shard holds a range; shards of which all is wanted are read with what is behind the chunk's end, so that they can be verified.</summary>
    private Stretch[] Needed(int chunkLength, int offset, int count)
    {
        int shardBytes = codec.ShardBytes(chunkLength);
        var needed = new Stretch[codec.Layout.TotalShards];
        for (int slot = offset / shardBytes; slot <= (offset + count - 1) / shardBytes; slot++)
        {
            int start = slot * shardBytes;
            int used = int.Min(shardBytes, chunkLength - start);
            var part = new Stretch(int.Max(0, offset - start), int.Min(used, offset + count - start));
            needed[slot] = part == new Stretch(0, used) ? new Stretch(0, shardBytes) : part;
        }

        return needed;
    }

    /// <summary>Puts the bytes together.</summary>
    /// <returns><see cref="Whole"/>, the slot of a damaged shard, or <see cref="Inconsistent"/>.</returns>
    private int Assemble(ChunkFetch fetch, ChunkId chunk, int chunkLength, int offset, Stretch[] needed, Memory<byte> destination)
    {
        uint? checksum = null;
        for (int slot = 0; slot < needed.Length; slot++)
        {
            if (fetch.Pieces[slot] is { HasHeader: true } piece)
            {
                if (!ShardHeader.TryVerify(ShardHeader.IdOf(chunk, slot), piece.Frame.Span, out ShardHeader header) || header.ChunkLength != chunkLength
                    || header.DataShards != codec.Layout.DataShards || header.ParityShards != codec.Layout.ParityShards)
                {
                    return slot;
                }

                if (checksum is { } other && other != header.ChunkChecksum)
                {
                    return Inconsistent;
                }

                checksum = header.ChunkChecksum;
            }
        }

        int shardBytes = codec.ShardBytes(chunkLength);
        AlignedMemory? scratch = null;
        try
        {
            ReadOnlyMemory<byte>[] made = Reconstruct(fetch, needed, ref scratch);
            for (int slot = 0; slot < needed.Length; slot++)
            {
                if (needed[slot].IsEmpty)
                {
                    continue;
                }

                int start = slot * shardBytes;
                var part = new Stretch(int.Max(0, offset - start), int.Min(int.Min(shardBytes, chunkLength - start), offset + destination.Length - start));
                ReadOnlyMemory<byte> bytes = !made[slot].IsEmpty
                    ? made[slot][(part.From - fetch.Window.From)..(part.To - fetch.Window.From)]
                    : fetch.Pieces[slot]!.Slice(part);
                bytes.Span.CopyTo(destination.Span[(start + part.From - offset)..]);
            }
        }
        finally
        {
            scratch?.Dispose();
        }

        bool isAll = offset == 0 && destination.Length == chunkLength;
        return isAll && checksum is { } expected && Crc32C.Compute(destination.Span) != expected ? Inconsistent : Whole;
    }

    /// <summary>The window of each needed shard that was not read; empty for others.</summary>
    private ReadOnlyMemory<byte>[] Reconstruct(ChunkFetch fetch, Stretch[] needed, ref AlignedMemory? scratch)
    {
        var made = new ReadOnlyMemory<byte>[needed.Length];
        if (fetch.Window.IsEmpty)
        {
            return made;
        }

        var wanted = new System.Collections.Generic.List<int>();
        var present = new ReadOnlyMemory<byte>[needed.Length];
        for (int slot = 0; slot < needed.Length; slot++)
        {
            ShardPiece? piece = fetch.Pieces[slot];
            if (piece is not null && piece.Where.Covers(fetch.Window))
            {
                present[slot] = piece.Slice(fetch.Window);
            }

            if (!needed[slot].IsEmpty && (piece is null || !piece.Where.Covers(needed[slot])))
            {
                wanted.Add(slot);
            }
        }

        int length = fetch.Window.To - fetch.Window.From;
        int room = (length + ShardHeader.SizeBytes - 1) / ShardHeader.SizeBytes * ShardHeader.SizeBytes;
        scratch = AlignedMemory.Allocate(int.Max(1, room * wanted.Count));
        var targets = new Memory<byte>[wanted.Count];
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = scratch.Memory.Slice(i * room, length);
            made[wanted[i]] = targets[i];
        }

        codec.Reconstruct(present, [.. wanted], targets);
        return made;
    }
}
