using System;
using System.Collections.Generic;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>How far a move of a range from one group to another is.</summary>
public enum TransferPhase : byte
{
    /// <summary>Rows are being copied; the source decides.</summary>
    Copying = 1,

    /// <summary>The source freezes and sends the rest.</summary>
    Switching = 2,

    /// <summary>The target has the range; both are being told.</summary>
    Committed = 3,

    /// <summary>The source keeps the range; both are being told.</summary>
    Aborted = 4,
}

/// <summary>A move of a range.</summary>
/// <param name="Id">The number of the command that began it.</param>
/// <param name="Range">The range.</param>
/// <param name="Source">From this group.</param>
/// <param name="Target">To this one.</param>
/// <param name="Phase">How far it is.</param>
public sealed record RangeTransfer(ulong Id, PositionRange Range, GroupId Source, GroupId Target, TransferPhase Phase);

/// <summary>A range and the group that decides for it.</summary>
public readonly record struct PlacedRange(PositionRange Range, GroupId Group);

/// <summary>A group and where it is.</summary>
/// <param name="Id">The group.</param>
/// <param name="Founders">Its first voters, for ever the same: each of these peers makes the group on its disk when it learns of it, and nobody else does. Who came later was taken in.</param>
/// <param name="Nodes">Nodes that have a replica, as far as the directory was told: where to ask first.</param>
public sealed record PlacedGroup(GroupId Id, IReadOnlyList<RaftMember> Founders, IReadOnlyList<NodeId> Nodes);

/// <summary>Which group decides for which keys, and where groups are. Immutable; a copy may be out of date, which groups notice.</summary>
/// <remarks>Invariant: the ranges cover everything, in order, none twice; neighbours belong to different groups.</remarks>
/// <param name="Version">Grows with every change of ranges or groups.</param>
/// <param name="Ranges">In order.</param>
/// <param name="Groups">In order of their ids. The root group is among them once its nodes were told.</param>
/// <param name="Transfers">Under way, in order of their ids.</param>
public sealed record RangeDirectory(
    ulong Version, IReadOnlyList<PlacedRange> Ranges, IReadOnlyList<PlacedGroup> Groups, IReadOnlyList<RangeTransfer> Transfers)
{
    private const byte Form = 1;

    /// <summary>The root group.</summary>
    public static readonly GroupId Root = new(1);

    /// <summary>How a cluster begins: the root group has everything.</summary>
    public static RangeDirectory First { get; } = new(1, [new PlacedRange(PositionRange.All, Root)], [], []);

    /// <summary>The range that a position lies in.</summary>
    public PlacedRange Find(ReadOnlyMemory<byte> position)
    {
        (int low, int high) = (0, Ranges.Count - 1);
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Ranges[middle].Range.From.Span.SequenceCompareTo(position.Span) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return Ranges[low];
    }

    /// <summary>The groups that decide for some of a range, in order of their ids.</summary>
    public SortedSet<GroupId> GroupsOf(PositionRange range)
    {
        var groups = new SortedSet<GroupId>();
        foreach (PlacedRange placed in Ranges)
        {
            if (placed.Range.Overlaps(range))
            {
                groups.Add(placed.Group);
            }
        }

        return groups;
    }

    /// <summary>All groups that there are, the root group included.</summary>
    public SortedSet<GroupId> AllGroups()
    {
        var groups = new SortedSet<GroupId> { Root };
        foreach (PlacedGroup group in Groups)
        {
            groups.Add(group.Id);
        }

        return groups;
    }

    /// <summary>A transfer by its id, or null.</summary>
    public RangeTransfer? FindTransfer(ulong id)
    {
        foreach (RangeTransfer transfer in Transfers)
        {
            if (transfer.Id == id)
            {
                return transfer;
            }
        }

        return null;
    }

    /// <summary>A group by its id, or null. The root group is there only once its nodes were told.</summary>
    public PlacedGroup? FindGroup(GroupId id)
    {
        foreach (PlacedGroup group in Groups)
        {
            if (group.Id == id)
            {
                return group;
            }
        }

        return null;
    }

    /// <summary>The same with a range given to a group.</summary>
    public RangeDirectory With(PositionRange range, GroupId group)
    {
        var ranges = new List<PlacedRange>(Ranges.Count + 2);
        foreach (PlacedRange placed in Ranges)
        {
            if (!placed.Range.Overlaps(range))
            {
                Append(placed);
                continue;
            }

            if (placed.Range.From.Span.SequenceCompareTo(range.From.Span) < 0)
            {
                Append(placed with { Range = new PositionRange(placed.Range.From, range.From) });
            }

            Append(new PlacedRange(placed.Range.Intersect(range), group));
            if (!range.To.IsEmpty && (placed.Range.To.IsEmpty || range.To.Span.SequenceCompareTo(placed.Range.To.Span) < 0))
            {
                Append(placed with { Range = new PositionRange(range.To, placed.Range.To) });
            }
        }

        return this with { Version = Version + 1, Ranges = ranges };

        void Append(PlacedRange placed)
        {
            if (ranges.Count > 0 && ranges[^1].Group == placed.Group)
            {
                ranges[^1] = new PlacedRange(new PositionRange(ranges[^1].Range.From, placed.Range.To), placed.Group);
            }
            else
            {
                ranges.Add(placed);
            }
        }
    }

    /// <summary>The same with a transfer in another phase; null removes it.</summary>
    internal RangeDirectory With(ulong id, RangeTransfer? transfer)
    {
        var transfers = new List<RangeTransfer>(Transfers.Count + 1);
        foreach (RangeTransfer other in Transfers)
        {
            if (other.Id != id)
            {
                transfers.Add(other);
            }
        }

        if (transfer is not null)
        {
            transfers.Add(transfer);
            transfers.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        }

        return this with { Transfers = transfers };
    }

    /// <summary>The same with the nodes of a group.</summary>
    internal RangeDirectory With(PlacedGroup group)
    {
        var groups = new SortedDictionary<GroupId, PlacedGroup>();
        foreach (PlacedGroup other in Groups)
        {
            groups[other.Id] = other;
        }

        groups[group.Id] = group;
        return this with { Version = Version + 1, Groups = [.. groups.Values] };
    }

    /// <summary>Appends it.</summary>
    internal void Write(ByteWriter to)
    {
        to.Byte(Form);
        to.UInt64(Version);
        to.VarUInt((ulong)Ranges.Count);
        foreach (PlacedRange placed in Ranges)
        {
            Write(to, placed.Range);
            to.VarUInt(placed.Group.Value);
        }

        to.VarUInt((ulong)Groups.Count);
        foreach (PlacedGroup group in Groups)
        {
            to.VarUInt(group.Id.Value);
            WriteMembers(to, group.Founders);
            WriteNodes(to, group.Nodes);
        }

        to.VarUInt((ulong)Transfers.Count);
        foreach (RangeTransfer transfer in Transfers)
        {
            to.UInt64(transfer.Id);
            Write(to, transfer.Range);
            to.VarUInt(transfer.Source.Value);
            to.VarUInt(transfer.Target.Value);
            to.Byte((byte)transfer.Phase);
        }
    }

    /// <summary>Reads what <see cref="Write(ByteWriter)"/> wrote.</summary>
    /// <exception cref="MalformedDataException">It is no directory.</exception>
    internal static RangeDirectory Read(ReadOnlySpan<byte> bytes)
    {
        var from = new ByteReader(bytes);
        if (from.Byte() != Form)
        {
            throw new MalformedDataException("directory of an unknown form");
        }

        ulong version = from.UInt64();
        var ranges = new PlacedRange[from.Count()];
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = new PlacedRange(ReadRange(ref from), new GroupId(from.VarUInt()));
        }

        var groups = new PlacedGroup[from.Count()];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i] = new PlacedGroup(new GroupId(from.VarUInt()), ReadMembers(ref from), ReadNodes(ref from));
        }

        var transfers = new RangeTransfer[from.Count()];
        for (int i = 0; i < transfers.Length; i++)
        {
            transfers[i] = new RangeTransfer(from.UInt64(), ReadRange(ref from), new GroupId(from.VarUInt()), new GroupId(from.VarUInt()), ReadPhase(ref from));
        }

        from.End();
        return ranges.Length > 0 ? new RangeDirectory(version, ranges, groups, transfers) : throw new MalformedDataException("directory without ranges");
    }

    internal static void Write(ByteWriter to, PositionRange range)
    {
        to.Bytes(range.From.Span);
        to.Bytes(range.To.Span);
    }

    internal static PositionRange ReadRange(ref ByteReader from) => new(from.Bytes().ToArray(), from.Bytes().ToArray());

    internal static void WriteNodes(ByteWriter to, IReadOnlyList<NodeId> nodes)
    {
        to.VarUInt((ulong)nodes.Count);
        for (int i = 0; i < nodes.Count; i++)
        {
            to.Text(nodes[i].Value);
        }
    }

    internal static void WriteMembers(ByteWriter to, IReadOnlyList<RaftMember> members)
    {
        to.VarUInt((ulong)members.Count);
        for (int i = 0; i < members.Count; i++)
        {
            to.UInt64(members[i].Peer.Value);
            to.Text(members[i].Node.Value);
        }
    }

    internal static RaftMember[] ReadMembers(ref ByteReader from)
    {
        var members = new RaftMember[from.Count()];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = new RaftMember(new PeerId(from.UInt64()), new NodeId(from.Text()));
        }

        return members;
    }

    internal static NodeId[] ReadNodes(ref ByteReader from)
    {
        var nodes = new NodeId[from.Count()];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new NodeId(from.Text());
        }

        return nodes;
    }

    private static TransferPhase ReadPhase(ref ByteReader from)
    {
        byte phase = from.Byte();
        return phase is >= (byte)TransferPhase.Copying and <= (byte)TransferPhase.Aborted
            ? (TransferPhase)phase
            : throw new MalformedDataException($"transfer in phase {phase}");
    }
}
