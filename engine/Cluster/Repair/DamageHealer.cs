using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Makes shards again that reads or the scrub found damaged on this node's disks, in their places. On the loop of the endpoint.</summary>
public sealed class DamageHealer : Worker
{
    private readonly NodeEnvironment _environment;
    private readonly ShardService _service;
    private readonly ShardClient _client;
    private readonly ChunkRebuild _rebuild;
    private readonly ChunkIoOptions _io;
    private readonly RepairOptions _options;
    private long _healed;
    private long _failures;
    private long _rounds;

    /// <summary>Prepares it.</summary>
    public DamageHealer(
        NodeEnvironment environment, ShardService service, ShardClient client, ClusterContentStore store, RateBudget budget, RepairOptions options)
        : base("heal", (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _service, _client, _io, _options) = (environment, service, client, store.Options, options);
        _rebuild = new ChunkRebuild(environment, client, store.Reader, store.Options, budget);
    }

    /// <summary>Units: shards healed.</summary>
    public override WorkerProgress Progress => new(_healed, 0, _failures, _rounds);

    /// <summary>Heals what is known on all disks.</summary>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        foreach (ShardDisk disk in new List<ShardDisk>(_service.Disks))
        {
            foreach (ChunkId shard in await disk.ListDamagedAsync())
            {
                await HealAsync(disk, shard);
            }
        }

        _rounds++;
        return _options.HealInterval;
    }

    private async ValueTask HealAsync(ShardDisk disk, ChunkId shard)
    {
        ClusterMap map = _client.Maps.Current;
        int slot = ShardHeader.SlotOf(shard);
        int number = ClusterMap.GroupOf(shard.Blob);
        bool isItsPlace = number < map.Groups.Length && slot < map.Groups[number].Slots.Length && map.Groups[number].Slots[slot].Disk == disk.Id;
        if (!isItsPlace)
        {
            // Moved away, or being moved: repair and the sweep look after it.
            return;
        }

        ChunkId chunk = ShardHeader.ChunkOf(shard);
        FoundChunk found = await FindAsync(map, map.Groups[number], chunk);
        RebuildOutcome outcome = await _rebuild.RunAsync(map, chunk, found, [slot]);
        if (outcome == RebuildOutcome.Done)
        {
            _healed++;
            _environment.Trace.Emit(
                TraceLevel.Info, "repair", "healed", ("disk", disk.Id.Value), ("number", unchecked((long)shard.Blob.Number)), ("index", shard.Index));
        }
        else
        {
            _failures++;
        }
    }

    private async ValueTask<FoundChunk> FindAsync(ClusterMap map, PlacementGroup group, ChunkId chunk)
    {
        var disks = new SortedSet<DiskId>();
        foreach (SlotRecord slot in group.Slots)
        {
            foreach (DiskId disk in new[] { slot.Disk, slot.Source })
            {
                if (disk.IsSome && map.IsUp(disk))
                {
                    disks.Add(disk);
                }
            }
        }

        var found = new FoundChunk(group);
        foreach (DiskId disk in disks)
        {
            (_, IReadOnlyList<StoredChunk> shards, _) = await _client.ListAsync(disk, ShardRange.Of(chunk), Layout.ShardsMax, _io.GetTimeout);
            foreach (StoredChunk listed in shards)
            {
                found.Add(disk, listed);
            }
        }

        return found;
    }
}
