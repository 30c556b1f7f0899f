using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Erasure;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Reads all k + m shards of a chunk from the disks themselves and holds them against each other: names, lengths, checksums, the chunk's checksum, parity.</summary>
/// <remarks>Checksums and parity are computed here, not asked for: what the engine believes of its shards is what is in question.</remarks>
internal static class ChunkAudit
{
    /// <summary>The first thing that is not in order, or null.</summary>
    /// <param name="disks">What they list.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="group">The chunk's placement group.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="length">Its bytes, by the metadata.</param>
    internal static async Task<string?> FirstFaultAsync(
        Dictionary<DiskId, DiskInventory> disks, Layout layout, PlacementGroup group, ChunkId chunk, int length)
    {
        int shardBytes = ShardHeader.ShardBytes(length, layout.DataShards);
        var shards = new byte[layout.TotalShards][];
        uint chunkChecksum = 0;
        for (int slot = 0; slot < shards.Length; slot++)
        {
            DiskId id = group.Slots[slot].Disk;
            string what = $"shard {slot} of chunk {chunk.Index} of blob {chunk.Blob} on disk {id}";
            if (!disks.TryGetValue(id, out DiskInventory? disk))
            {
                return $"{what}: the disk is not in service";
            }

            ChunkId name = ShardHeader.IdOf(chunk, slot);
            if (!disk.Shards.TryGetValue(name, out StoredChunk stored))
            {
                return $"{what}: is missing";
            }

            if (stored.IsDamaged || stored.LengthBytes != ShardHeader.SizeBytes + shardBytes)
            {
                return $"{what}: {stored.LengthBytes} bytes, {(stored.IsDamaged ? "damaged" : "not as long as it should be")}";
            }

            byte[] frame = new byte[stored.LengthBytes];
            ShardError error = await disk.Node.AskAsync(_ => disk.Disk.GetAsync(name, frame.Length, 0, frame), ShardError.Down);
            if (error != ShardError.None)
            {
                return $"{what}: cannot be read: {error}";
            }

            bool isItself = ShardHeader.TryRead(frame, out ShardHeader header) && header.Id == name && header.DataShards == layout.DataShards
                && header.ParityShards == layout.ParityShards && header.ChunkLength == length;
            if (!isItself || Crc32C.Compute(frame.AsSpan(ShardHeader.SizeBytes)) != header.ShardChecksum)
            {
                return $"{what}: {(isItself ? "its checksum does not fit" : "says that it is something else")}";
            }

            if (slot > 0 && header.ChunkChecksum != chunkChecksum)
            {
                return $"{what}: is of another chunk than the shards before it";
            }

            chunkChecksum = header.ChunkChecksum;
            shards[slot] = frame[ShardHeader.SizeBytes..];
        }

        return StripeFault(layout, chunk, length, shards, chunkChecksum);
    }

    private static string? StripeFault(Layout layout, ChunkId chunk, int length, byte[][] shards, uint chunkChecksum)
    {
        uint checksum = 0;
        var data = new ReadOnlyMemory<byte>[layout.DataShards];
        for (int slot = 0; slot < data.Length; slot++)
        {
            data[slot] = shards[slot];
            int used = int.Clamp(length - (slot * shards[slot].Length), 0, shards[slot].Length);
            checksum = Crc32C.Compute(shards[slot].AsSpan(0, used), checksum);
        }

        if (checksum != chunkChecksum)
        {
            return $"chunk {chunk.Index} of blob {chunk.Blob}: its data shards are each as they should be and do not make the chunk";
        }

        var parity = new Memory<byte>[layout.ParityShards];
        for (int row = 0; row < parity.Length; row++)
        {
            parity[row] = new byte[shards[0].Length];
        }

        new ErasureCode(layout.DataShards, layout.ParityShards).Encode(data, parity);
        for (int row = 0; row < parity.Length; row++)
        {
            if (!parity[row].Span.SequenceEqual(shards[layout.DataShards + row]))
            {
                return $"chunk {chunk.Index} of blob {chunk.Blob}: shard {layout.DataShards + row} is whole and not the parity of the data";
            }
        }

        return null;
    }
}
