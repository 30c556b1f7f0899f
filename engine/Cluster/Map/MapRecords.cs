using System;
using System.Collections.Immutable;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>What an operator, or time, has decided about a node or disk. Whether it answers is another question.</summary>
public enum MemberState : byte
{
    /// <summary>Takes part.</summary>
    In = 1,

    /// <summary>Is being emptied: it is read, and given nothing new.</summary>
    Draining = 2,

    /// <summary>Given up for now (disks): its shards are built again elsewhere; what comes back of it counts as nothing.</summary>
    Out = 3,

    /// <summary>Gone for good; the name or number is kept.</summary>
    Removed = 4,
}

/// <summary>A node.</summary>
/// <param name="Name">In the topology.</param>
/// <param name="Zone">Where it stands.</param>
/// <param name="ClusterAddress">HOST:PORT for other nodes.</param>
/// <param name="S3Address">HOST:PORT for clients.</param>
/// <param name="State">What was decided.</param>
/// <param name="IsUp">It answered lately.</param>
/// <param name="Changed">Map version.</param>
public sealed record NodeRecord(NodeId Name, string Zone, string ClusterAddress, string S3Address, MemberState State, bool IsUp, ulong Changed);

/// <summary>A data disk.</summary>
/// <param name="Id">Its number.</param>
/// <param name="StoreId">Of its formatting: a wiped disk is another disk.</param>
/// <param name="Node">Where it is.</param>
/// <param name="Path">On that node, for people.</param>
/// <param name="CapacityBytes">Its share of shards goes by this.</param>
/// <param name="State">What was decided.</param>
/// <param name="IsUp">Its node says that it works.</param>
/// <param name="Changed">Map version.</param>
public sealed record DiskRecord(DiskId Id, UInt128 StoreId, NodeId Node, string Path, long CapacityBytes, MemberState State, bool IsUp, ulong Changed);

/// <summary>One of the k + m places of a placement group.</summary>
/// <param name="Disk">Where its shards are written; none while no disk can take it.</param>
/// <param name="Source">Where older ones still are while <paramref name="Disk"/> is being filled; none when there is no such disk.</param>
/// <param name="IsPartial">Some of the older ones may be nowhere: they have to be made again from other slots.</param>
public readonly record struct SlotRecord(DiskId Disk, DiskId Source, bool IsPartial = false);

/// <summary>A placement group: blobs that share their disks.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Slots"><c>Slots[k + m]</c>.</param>
/// <param name="Version">Map version of the last change of disks.</param>
/// <param name="DirtySince">Map version from which on something may be missing or left over.</param>
/// <param name="CleanAt">The <paramref name="DirtySince"/> that the last complete repair pass began at.</param>
/// <param name="Changed">Map version.</param>
public sealed record PlacementGroup(int Number, ImmutableArray<SlotRecord> Slots, ulong Version, ulong DirtySince, ulong CleanAt, ulong Changed)
{
    /// <summary>A repair pass that began after the last trouble found everything in its place.</summary>
    public bool IsClean => CleanAt >= DirtySince;

    /// <summary>True when the disk holds, or is to hold, shards of this group.</summary>
    public bool Uses(DiskId disk)
    {
        foreach (SlotRecord slot in Slots)
        {
            if (slot.Disk == disk || slot.Source == disk)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>One life of a gateway.</summary>
/// <param name="Epoch">Given once; prefixes its blobs.</param>
/// <param name="Node">Where it runs.</param>
/// <param name="Life">Random number of that start of the process, so that asking again gives the same epoch.</param>
/// <param name="IsExpired">Its lease ran out, or a later start of the node was seen: it serves nothing more, and is closed when the metadata refuses its commands.</param>
public sealed record GatewayEpoch(ulong Epoch, NodeId Node, ulong Life, bool IsExpired);
