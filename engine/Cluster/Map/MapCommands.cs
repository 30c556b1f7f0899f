using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;

namespace ObjectStore.Engine.Cluster;

/// <summary>A change of the cluster map.</summary>
public abstract record MapCommand;

/// <summary>Fixes the layout and makes placement groups, once; again with the same is fine.</summary>
public sealed record FoundMapCommand(Layout Layout, int GroupCount) : MapCommand;

/// <summary>Makes a node known, or gives it other addresses.</summary>
public sealed record JoinNodeCommand(NodeId Node, string Zone, string ClusterAddress, string S3Address) : MapCommand;

/// <summary>Gives a formatted disk its number; the same for the same formatting.</summary>
public sealed record RegisterDiskCommand(UInt128 StoreId, NodeId Node, string Path, long CapacityBytes) : MapCommand;

/// <summary>Decides about a node.</summary>
public sealed record SetNodeStateCommand(NodeId Node, MemberState State) : MapCommand;

/// <summary>Decides about a disk.</summary>
public sealed record SetDiskStateCommand(DiskId Disk, MemberState State) : MapCommand;

/// <summary>Says which nodes and disks answer. Groups of what answers again, or no more, become dirty: it may have missed writes.</summary>
public sealed record SetLivenessCommand(IReadOnlyList<(NodeId Node, bool IsUp)> Nodes, IReadOnlyList<(DiskId Disk, bool IsUp)> Disks) : MapCommand;

/// <summary>One slot's new disk.</summary>
/// <param name="Group">Which group.</param>
/// <param name="Slot">Which slot.</param>
/// <param name="From">Its disk before: when it has another one, the change is skipped.</param>
/// <param name="To">A disk that may be given slots, and is not in the group.</param>
public readonly record struct SlotChange(int Group, int Slot, DiskId From, DiskId To);

/// <summary>Gives slots other disks.</summary>
public sealed record AssignSlotsCommand(IReadOnlyList<SlotChange> Changes) : MapCommand;

/// <summary>Something may be missing in these groups, or left over.</summary>
public sealed record MarkDirtyCommand(IReadOnlyList<int> Groups) : MapCommand;

/// <summary>A repair pass of the group, begun when every gateway had the map of <paramref name="DirtySince"/>, found everything in its place.</summary>
public sealed record MarkCleanCommand(int Group, ulong DirtySince) : MapCommand;

/// <summary>Asks for the epoch of a start of a gateway. Earlier starts on that node are over.</summary>
public sealed record OpenGatewayCommand(NodeId Node, ulong Life) : MapCommand;

/// <summary>These gateways' leases have run out: they serve nothing more.</summary>
public sealed record ExpireGatewaysCommand(IReadOnlyList<ulong> Epochs) : MapCommand;

/// <summary>The metadata refuses the commands of these expired gateways everywhere: what they left unnamed is nobody's.</summary>
public sealed record CloseGatewaysCommand(IReadOnlyList<ulong> Epochs) : MapCommand;

/// <summary>What became of a command.</summary>
public enum MapStatus : byte
{
    /// <summary>Done, or so already.</summary>
    Done = 0,

    /// <summary>There is no map yet.</summary>
    NotFounded = 1,

    /// <summary>There is no such node, disk, group or epoch.</summary>
    NotFound = 2,

    /// <summary>It contradicts what the map says: another layout, a node in another zone, a disk that still has slots, an epoch that has not expired.</summary>
    Conflict = 3,

    /// <summary>The layout does not keep its promise on these disks.</summary>
    Refused = 4,
}

/// <summary>What became of a command.</summary>
/// <param name="Status">Whether it was done; otherwise nothing changed.</param>
/// <param name="Value">The number of the disk, or the epoch.</param>
/// <param name="Version">Of the map after it.</param>
public readonly record struct MapResult(MapStatus Status, ulong Value, ulong Version);
