using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>The directory of ranges and groups, and the decisions about moves of ranges, as a part of the root group's machine.</summary>
/// <remarks>
/// Invariant: a group takes part in one move at a time. A range is switched only while none of its buckets is being changed, and no bucket of it is changed while it is switched: so the
/// copies of bucket rows that the target gets are those of the root. Whether a move takes place is decided by one command here.
/// </remarks>
public sealed class DirectoryModule : IGroupModule, IBucketPlaces
{
    private const byte Table = 0x20;
    private const int SizeBytesMax = 3 * 1024 * 1024;
    private static readonly byte[] Row = [Table];

    /// <summary>Set once by whoever makes the root group's modules, which refer to each other.</summary>
    public Func<PositionRange, bool> IsChanging { get; set; } = static _ => false;

    /// <summary>The directory as of the commands applied here.</summary>
    public RangeDirectory Directory { get; private set; } = RangeDirectory.First;

    /// <summary>Opened at each change; workers of this replica wait for it.</summary>
    public Gate Progress { get; } = new();

    /// <inheritdoc/>
    public byte CommandKind => DirectoryCodec.CommandKind;

    /// <inheritdoc/>
    public bool HasOthers(PositionRange range)
    {
        foreach (GroupId group in Directory.GroupsOf(range))
        {
            if (group != RangeDirectory.Root)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool IsSwitching(PositionRange range)
    {
        foreach (RangeTransfer transfer in Directory.Transfers)
        {
            // Committed too: until the target has been told, a participant may not be able to answer for the range.
            if (transfer.Phase is TransferPhase.Switching or TransferPhase.Committed && transfer.Range.Overlaps(range))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public async ValueTask<Action> LoadAsync(IReadView state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ReadOnlyMemory<byte>? row = await state.GetAsync(Row);
        RangeDirectory directory = row is { } found ? RangeDirectory.Read(found.Span) : RangeDirectory.First;
        return () =>
        {
            Directory = directory;
            Progress.Open();
        };
    }

    /// <inheritdoc/>
    public ValueTask<object?> ApplyAsync(GroupStep step, ReadOnlyMemory<byte> command)
    {
        ArgumentNullException.ThrowIfNull(step);
        (RangeDirectory? changed, ulong value) = Decide(DirectoryCodec.Decode(command.Span), step.Number);
        if (changed is not null && !ReferenceEquals(changed, Directory))
        {
            var to = new ByteWriter();
            changed.Write(to);
            if (to.Length > SizeBytesMax)
            {
                return new ValueTask<object?>(new DirectoryAnswer(false, 0));
            }

            step.Batch.Put(Row, to.ToArray());
            step.Then(() =>
            {
                Directory = changed;
                Progress.Open();
            });
        }

        return new ValueTask<object?>(new DirectoryAnswer(changed is not null, value));
    }

    /// <inheritdoc/>
    public void EncodeResult(object? result, ByteWriter to) => DirectoryCodec.Encode((DirectoryAnswer)result!, to);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IReadView state, ReadOnlyMemory<byte> query)
    {
        var to = new ByteWriter();
        Directory.Write(to);
        return new ValueTask<ReadOnlyMemory<byte>>(to.WrittenMemory);
    }

    /// <returns>The directory after it, the same one when there is nothing to do, null when refused; and the answer's value.</returns>
    private (RangeDirectory? Changed, ulong Value) Decide(DirectoryCommand command, ulong number)
    {
        switch (command)
        {
            case AddGroupCommand add:
                ulong id = Directory.Groups.Count == 0 ? 2 : ulong.Max(2, Directory.Groups[^1].Id.Value + 1);
                return (Directory.With(new PlacedGroup(new GroupId(id), add.Founders, NodesOf(add.Founders))), id);
            case PlaceGroupCommand place:
                return (Directory.With(new PlacedGroup(place.Group, Directory.FindGroup(place.Group)?.Founders ?? [], place.Nodes)), 0);
            case BeginTransferCommand begin:
                return (Begin(begin, number), number);
            case SetTransferPhaseCommand set:
                return (Directory.FindTransfer(set.Transfer) is { } transfer ? SetPhase(transfer, set.Phase) : null, 0);
            case EndTransferCommand end when Directory.FindTransfer(end.Transfer) is { } over:
                return (over.Phase is TransferPhase.Committed or TransferPhase.Aborted ? Directory.With(end.Transfer, (RangeTransfer?)null) : null, 0);
            default:
                return (Directory, 0);
        }
    }

    private static NodeId[] NodesOf(IReadOnlyList<RaftMember> members)
    {
        var nodes = new NodeId[members.Count];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = members[i].Node;
        }

        return nodes;
    }

    private RangeDirectory? Begin(BeginTransferCommand begin, ulong number)
    {
        if (begin.Range.IsEmpty || begin.Source == begin.Target || !Directory.AllGroups().Contains(begin.Target))
        {
            return null;
        }

        PlacedRange placed = Directory.Find(begin.Range.From);
        if (placed.Group != begin.Source || !placed.Range.Contains(begin.Range))
        {
            return null;
        }

        foreach (RangeTransfer other in Directory.Transfers)
        {
            if (other.Source == begin.Source || other.Target == begin.Source || other.Source == begin.Target || other.Target == begin.Target)
            {
                return null;
            }
        }

        return Directory.With(number, new RangeTransfer(number, begin.Range, begin.Source, begin.Target, TransferPhase.Copying));
    }

    private RangeDirectory? SetPhase(RangeTransfer transfer, TransferPhase phase)
    {
        if (transfer.Phase == phase)
        {
            return Directory;
        }

        RangeDirectory changed = Directory.With(transfer.Id, transfer with { Phase = phase });
        return (transfer.Phase, phase) switch
        {
            (TransferPhase.Copying, TransferPhase.Switching) => IsChanging(transfer.Range) ? null : changed,
            (TransferPhase.Switching, TransferPhase.Committed) => changed.With(transfer.Range, transfer.Target),
            (TransferPhase.Copying or TransferPhase.Switching, TransferPhase.Aborted) => changed,
            _ => null,
        };
    }
}
