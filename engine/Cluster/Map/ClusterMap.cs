using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Nodes, disks, placement groups and gateways of a cluster at one version. Immutable.</summary>
public sealed record ClusterMap
{
    /// <summary>Bits of <see cref="BlobId.Epoch"/> that are the gateway's epoch; above them is the placement group.</summary>
    public const int EpochBits = 48;

    /// <summary>Most placement groups: 16 bits name one.</summary>
    public const int GroupCountMax = 1 << 16;

    private const long WeightUnitBytes = 1L << 30;

    /// <summary>Before the cluster is founded.</summary>
    public static readonly ClusterMap Empty = new();

    /// <summary>Grows with every change.</summary>
    public ulong Version { get; init; }

    /// <summary>How chunks are cut; null before the founding.</summary>
    public Layout? Layout { get; init; }

    /// <summary>The epoch that the next gateway gets.</summary>
    public ulong NextEpoch { get; init; } = 1;

    /// <summary>The number that the next disk gets.</summary>
    public uint NextDisk { get; init; } = 1;

    /// <summary>By name.</summary>
    public ImmutableSortedDictionary<NodeId, NodeRecord> Nodes { get; init; } = ImmutableSortedDictionary<NodeId, NodeRecord>.Empty;

    /// <summary>By number.</summary>
    public ImmutableSortedDictionary<DiskId, DiskRecord> Disks { get; init; } = ImmutableSortedDictionary<DiskId, DiskRecord>.Empty;

    /// <summary>By number.</summary>
    public ImmutableArray<PlacementGroup> Groups { get; init; } = [];

    /// <summary>Gateways whose epoch is not closed.</summary>
    public ImmutableSortedDictionary<ulong, GatewayEpoch> Epochs { get; init; } = ImmutableSortedDictionary<ulong, GatewayEpoch>.Empty;

    /// <summary>The placement group that a blob belongs to.</summary>
    public static int GroupOf(BlobId blob) => (int)(blob.Epoch >> EpochBits);

    /// <summary>The first part of the ids of blobs that a gateway makes in a placement group.</summary>
    public static ulong BlobEpoch(int group, ulong gatewayEpoch) => ((ulong)group << EpochBits) | gatewayEpoch;

    /// <summary>The gateway epoch in a blob's id.</summary>
    public static ulong GatewayEpochOf(BlobId blob) => blob.Epoch & ((1UL << EpochBits) - 1);

    /// <summary>True when no blob of that gateway epoch that is unnamed now will ever be named. A map that is too old says false.</summary>
    public bool IsClosed(ulong gatewayEpoch) => gatewayEpoch < NextEpoch && !Epochs.ContainsKey(gatewayEpoch);

    /// <summary>The group of a blob.</summary>
    /// <exception cref="StorageException">The map has none of that number.</exception>
    public PlacementGroup GroupFor(BlobId blob)
    {
        int group = GroupOf(blob);
        return group < Groups.Length ? Groups[group] : throw new StorageException(StorageError.Unavailable, "map", -1, $"placement group {group} is not in map {Version}");
    }

    /// <summary>The disk; null when there is none of that number.</summary>
    public DiskRecord? FindDisk(DiskId disk) => Disks.GetValueOrDefault(disk);

    /// <summary>True when shards may be read from the disk and written to it now.</summary>
    public bool IsUp(DiskId disk) =>
        Disks.TryGetValue(disk, out DiskRecord? record) && record is { IsUp: true, State: MemberState.In or MemberState.Draining }
        && Nodes.TryGetValue(record.Node, out NodeRecord? node) && node.IsUp && node.State != MemberState.Removed;

    /// <summary>What was decided about a disk and its node together.</summary>
    public MemberState StateOf(DiskRecord disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        MemberState node = Nodes.TryGetValue(disk.Node, out NodeRecord? record) ? record.State : MemberState.Removed;
        return node > disk.State ? node : disk.State;
    }

    /// <summary>How many further shards of each chunk of the group can be lost before one cannot be read; below 0 when some cannot be read now.</summary>
    public int LossesLeft(PlacementGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        int whole = 0;
        foreach (SlotRecord slot in group.Slots)
        {
            // While a slot is being filled its older shards are at the source.
            whole += !slot.IsPartial && IsUp(slot.Source.IsSome ? slot.Source : slot.Disk) ? 1 : 0;
        }

        return whole - Layout!.DataShards;
    }

    /// <summary>True when the disk may be given slots.</summary>
    public bool IsUsable(DiskId disk) => Disks.TryGetValue(disk, out DiskRecord? record) && StateOf(record) == MemberState.In;

    /// <summary>The disk as placement sees it; null when the map has none of that number.</summary>
    public PlacementDisk? PlacementOf(DiskId disk) => Disks.TryGetValue(disk, out DiskRecord? record) ? PlacementOf(record) : null;

    /// <summary>Disks that belong to the cluster (<paramref name="usableOnly"/>: that may be given slots), whether they answer or not.</summary>
    public Topology ToTopology(bool usableOnly)
    {
        var disks = new List<PlacementDisk>();
        foreach (DiskRecord disk in Disks.Values)
        {
            MemberState state = StateOf(disk);
            if (state == MemberState.In || (!usableOnly && state != MemberState.Removed))
            {
                disks.Add(PlacementOf(disk));
            }
        }

        return new Topology(disks);
    }

    private PlacementDisk PlacementOf(DiskRecord disk) =>
        new(disk.Id, disk.Node, Nodes.TryGetValue(disk.Node, out NodeRecord? node) ? node.Zone : "", long.Max(1, disk.CapacityBytes / WeightUnitBytes));
}
