using System.Collections.Generic;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>What the disks of a placement group list of one chunk.</summary>
internal sealed class FoundChunk(PlacementGroup group)
{
    private readonly List<(DiskId Disk, int FrameLength)>[] _whole = NewLists(group.Slots.Length);
    private readonly List<(DiskId Disk, ChunkId Shard)> _strays = [];

    /// <summary>Copies that are nobody's source and not in their place. They are believed as others are: a shard never changes, and says itself what it is.</summary>
    internal IReadOnlyList<(DiskId Disk, ChunkId Shard)> Strays => _strays;

    /// <summary>Disks that hold anything of it.</summary>
    internal SortedSet<DiskId> Holders { get; } = [];

    /// <summary>Slots of which a copy is listed as whole somewhere.</summary>
    internal int WholeCount
    {
        get
        {
            int count = 0;
            foreach (List<(DiskId, int)> copies in _whole)
            {
                count += copies.Count > 0 ? 1 : 0;
            }

            return count;
        }
    }

    internal void Add(DiskId disk, StoredChunk listed)
    {
        Holders.Add(disk);
        int slot = ShardHeader.SlotOf(listed.Id);
        bool isStray = slot >= group.Slots.Length || (group.Slots[slot].Disk != disk && group.Slots[slot].Source != disk);
        if (isStray)
        {
            _strays.Add((disk, listed.Id));
        }

        AddCopy(disk, listed, isPreferred: !isStray);
    }

    /// <summary>A copy on a disk that the group does not use.</summary>
    /// <returns>False when it is of no use.</returns>
    internal bool AddFromElsewhere(DiskId disk, StoredChunk listed) => AddCopy(disk, listed, isPreferred: false);

    private bool AddCopy(DiskId disk, StoredChunk listed, bool isPreferred)
    {
        int slot = ShardHeader.SlotOf(listed.Id);
        if (slot >= group.Slots.Length || listed.IsDamaged || listed.LengthBytes <= ShardHeader.SizeBytes)
        {
            return false;
        }

        _whole[slot].Insert(isPreferred ? 0 : _whole[slot].Count, (disk, listed.LengthBytes));
        return true;
    }

    /// <summary>Copies of a slot's shard that are listed as whole.</summary>
    internal IReadOnlyList<(DiskId Disk, int FrameLength)> Copies(int slot) => _whole[slot];

    /// <summary>Whether the slot's own disk holds its shard, as far as its listing tells.</summary>
    internal bool IsInPlace(int slot, int? frameLength)
    {
        foreach ((DiskId disk, int length) in _whole[slot])
        {
            if (disk == group.Slots[slot].Disk && (frameLength is null || length == frameLength))
            {
                return true;
            }
        }

        return false;
    }

    private static List<(DiskId, int)>[] NewLists(int count)
    {
        var lists = new List<(DiskId, int)>[count];
        for (int i = 0; i < count; i++)
        {
            lists[i] = [];
        }

        return lists;
    }
}
