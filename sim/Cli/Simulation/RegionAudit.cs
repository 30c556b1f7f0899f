using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Looks at the disks of a region that says of itself that it is whole, and believes nothing else: every shard of every chunk that the metadata names is where the layout wants it and right.</summary>
/// <remarks>
/// Reads find little of this: any k shards give a chunk, so what is wrong with the others shows only when more are lost. What the region has not noticed it may still notice on its way (a late
/// write, a disk that came back), so it is given a while; what it believes to be in order stays wrong.
/// </remarks>
internal static class RegionAudit
{
    private const int ListMax = 1 << 14;
    private const int BlobsMax = 1 << 14;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>Virtual time in which the region must put in order what it has not noticed yet.</summary>
    private static readonly TimeSpan OrderMax = TimeSpan.FromSeconds(20);

    /// <summary>Looks until everything is in order.</summary>
    /// <exception cref="PromiseBrokenException">Something stays wrong: <c>redundancy</c>.</exception>
    internal static Task CheckAsync(SimWorld world, SimRegion region) =>
        Patience.UntilAsync(world, Poll, OrderMax, "redundancy", "the region called itself whole", () => FirstFaultAsync(region.Map, region.Nodes));

    /// <summary>The first thing that is not in order, or null.</summary>
    private static async Task<string?> FirstFaultAsync(ClusterMap map, IReadOnlyList<RegionRunner> nodes)
    {
        if (map.Layout is not { } layout)
        {
            return "there is no map";
        }

        if (PlacementFault(map, layout) is { } misplaced)
        {
            return misplaced;
        }

        (Dictionary<DiskId, DiskInventory> disks, string? unlisted) = await ListDisksAsync(nodes);
        if (unlisted is not null)
        {
            return unlisted;
        }

        if (await ListNamedAsync(nodes) is not { } named)
        {
            return "the metadata does not tell which blobs it names";
        }

        foreach (BlobRef blob in named)
        {
            if (GroupOf(map, blob.Id) is not { } group)
            {
                return $"blob {blob.Id} belongs to no placement group";
            }

            for (uint index = 0; index * (long)blob.ChunkSizeBytes < blob.LengthBytes; index++)
            {
                var chunk = new ChunkId(blob.Id, index);
                int length = (int)long.Min(blob.ChunkSizeBytes, blob.LengthBytes - (index * (long)blob.ChunkSizeBytes));
                if (await ChunkAudit.FirstFaultAsync(disks, layout, group, chunk, length) is { } fault)
                {
                    return fault;
                }
            }
        }

        return FirstOrphan(map, disks, [.. named.Select(static blob => blob.Id)]);
    }

    private static PlacementGroup? GroupOf(ClusterMap map, BlobId blob) =>
        ClusterMap.GroupOf(blob) is var number && number < map.Groups.Length ? map.Groups[number] : null;

    /// <summary>Every slot on a disk of its own that is up, and no zone and no node with more than its share.</summary>
    private static string? PlacementFault(ClusterMap map, Layout layout)
    {
        Topology members = map.ToTopology(usableOnly: false);
        if (Spread.Of(members, layout.TotalShards) is not { } spread)
        {
            return $"{members.Disks.Count} disks are too few for {layout}";
        }

        foreach (PlacementGroup group in map.Groups)
        {
            PlacementDisk?[] places = [.. group.Slots.Select(slot => map.IsUp(slot.Disk) ? map.PlacementOf(slot.Disk) : null)];
            int nowhere = Array.FindIndex(places, static place => place is null);
            if (nowhere >= 0)
            {
                return $"slot {nowhere} of group {group.Number} is on disk {group.Slots[nowhere].Disk}, which is not in use";
            }

            string? crowd = Crowd(places, static place => $"disk {place!.Id}", 1)
                ?? Crowd(places, static place => $"node {place!.Node}", spread.PerNode)
                ?? Crowd(places, static place => place!.Zone, spread.PerZone);
            if (crowd is not null)
            {
                return $"group {group.Number} of {layout}: {crowd}";
            }
        }

        return null;
    }

    private static string? Crowd(PlacementDisk?[] places, Func<PlacementDisk?, string> where, int most)
    {
        IGrouping<string, PlacementDisk?>? crowd = places.GroupBy(where, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > most);
        return crowd is null ? null : $"{crowd.Count()} shards on {crowd.Key}, where {most} may be";
    }

    private static async Task<(Dictionary<DiskId, DiskInventory> Disks, string? Fault)> ListDisksAsync(IReadOnlyList<RegionRunner> nodes)
    {
        var everything = new ShardRange(new ChunkId(new BlobId(0, 0), 0), new ChunkId(new BlobId(ulong.MaxValue, ulong.MaxValue), uint.MaxValue));
        var disks = new Dictionary<DiskId, DiskInventory>();
        foreach (RegionRunner node in nodes)
        {
            foreach (ShardDisk disk in await node.AskAsync(static engine => engine.DisksAsync(), []))
            {
                (ShardError error, IReadOnlyList<StoredChunk> shards, bool more) =
                    await node.AskAsync(_ => disk.ListAsync(everything, ListMax), (ShardError.Down, [], false));
                if (error != ShardError.None || more)
                {
                    return (disks, $"disk {disk.Id} of {node.Name} does not list its shards: {error}");
                }

                disks[disk.Id] = new DiskInventory(node, disk, shards.ToDictionary(static shard => shard.Id));
            }
        }

        return (disks, null);
    }

    private static async Task<IReadOnlyList<BlobRef>?> ListNamedAsync(IReadOnlyList<RegionRunner> nodes)
    {
        foreach (RegionRunner node in nodes)
        {
            (IReadOnlyList<NamedBlob>? blobs, bool more) = await node.AskAsync(ListAsync, (null, false));
            if (blobs is not null && !more)
            {
                return [.. blobs.Where(static named => named.IsOwn).Select(static named => named.Blob)];
            }
        }

        return null;

        static async Task<(IReadOnlyList<NamedBlob>?, bool)> ListAsync(Engine.Node.ClusterNode engine)
        {
            try
            {
                return await engine.Metadata.ListLiveBlobsAsync(new BlobId(0, 0), new BlobId(ulong.MaxValue, ulong.MaxValue), BlobsMax);
            }
            catch (StorageException)
            {
                return (null, false);
            }
        }
    }

    /// <summary>A shard that nothing names, of a gateway that will name nothing more: the passes since its epoch was closed should have deleted it.</summary>
    private static string? FirstOrphan(ClusterMap map, Dictionary<DiskId, DiskInventory> disks, HashSet<BlobId> named)
    {
        foreach (DiskInventory disk in disks.Values.OrderBy(static disk => disk.Disk.Id))
        {
            foreach (ChunkId shard in disk.Shards.Keys.OrderBy(static id => (id.Blob.Epoch, id.Blob.Number, id.Index)))
            {
                if (!named.Contains(shard.Blob) && map.IsClosed(ClusterMap.GatewayEpochOf(shard.Blob)))
                {
                    return $"disk {disk.Disk.Id} keeps shard {shard.Index & 0xFF} of chunk {shard.Index >> 8} of blob {shard.Blob}, which nothing names and whose gateway's epoch is closed";
                }
            }
        }

        return null;
    }
}

/// <summary>What one disk of a region holds.</summary>
/// <param name="Node">Where it is.</param>
/// <param name="Disk">The disk.</param>
/// <param name="Shards">By name.</param>
internal sealed record DiskInventory(RegionRunner Node, ShardDisk Disk, Dictionary<ChunkId, StoredChunk> Shards);
