using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The ranges of a group and their moves, in its state machine.</summary>
/// <remarks>
/// A move copies in pieces instead of from one snapshot, so that no state has to be kept and any leader can go on: the source announces how far the copy goes next, and from that command on keeps
/// every change below for forwarding; then its leader reads the piece from a newer state, sends it, and after it the kept changes in order. Changes are rows as they became, so sending some again
/// after a newer piece ends in the same rows. The target takes pieces of one leader in order, and none of a deposed one. Both decide nothing by themselves: that a move takes place, or
/// not, is a command of the root group.
/// Invariants: an object key is active in at most one group; a row of a frozen range does not change; what the target has when the source is ready is what the source has.
/// </remarks>
internal sealed class RangeTransfers(bool ownsEverythingAtFirst)
{
    private static readonly byte[] HoldingsKey = [Tables.Group, 0x04];

    private readonly ClosedNumbers _over = new(0x07);

    internal Holdings Holdings { get; private set; } = Holdings.None;

    internal OutgoingTransfer? Outgoing { get; private set; }

    internal IncomingTransfer? Incoming { get; private set; }

    internal async ValueTask<Action> LoadAsync(IReadView state)
    {
        Action over = await _over.LoadAsync(state);
        ReadOnlyMemory<byte>? holdings = await state.GetAsync(HoldingsKey);
        ReadOnlyMemory<byte>? outgoing = await state.GetAsync(OutgoingTransfer.Key);
        ReadOnlyMemory<byte>? incoming = await state.GetAsync(IncomingTransfer.Key);
        Holdings held = holdings is { } row ? Holdings.Decode(row.Span) : ownsEverythingAtFirst ? Holdings.Everything : Holdings.None;
        OutgoingTransfer? leaving = outgoing is { } found ? OutgoingTransfer.Decode(found.Span) : null;
        IncomingTransfer? coming = incoming is { } other ? IncomingTransfer.Decode(other.Span) : null;
        return () =>
        {
            over();
            (Holdings, Outgoing, Incoming) = (held, leaving, coming);
        };
    }

    /// <summary>Whether this group decides for a key.</summary>
    internal static ShardStatus Check(Holdings holdings, ReadOnlyMemory<byte> position) => holdings.IsEverything ? ShardStatus.Done : holdings.Find(position)?.State switch
    {
        HoldingState.Active => ShardStatus.Done,
        HoldingState.Frozen or HoldingState.Incoming => ShardStatus.Busy,
        _ => ShardStatus.WrongShard,
    };

    /// <summary>Keeps a change for forwarding, when its key is on the way out and its piece has been announced. What it tells is told from here.</summary>
    internal void Keep(GroupStep step, WriteBatch change)
    {
        OutgoingTransfer outgoing = Outgoing!;
        var rows = new List<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>>(change.Operations.Count);
        foreach (WriteOperation operation in change.Operations)
        {
            if (operation.Key.Span[0] is not (Tables.Buckets or Tables.Group or Tables.Forwards or Tables.BucketLocks or Tables.Events or Tables.EventQueues))
            {
                rows.Add(KeyValuePair.Create(operation.Key, operation.IsDelete ? default(ReadOnlyMemory<byte>?) : operation.Value));
            }
        }

        var to = new ByteWriter();
        RangeCommandForm.WriteRows(to, rows);
        step.Batch.Put(RowKeys.Numbered(Tables.Forwards, outgoing.NextForward), to.ToArray());
        Set(step, outgoing with { NextForward = outgoing.NextForward + 1 });
    }

    internal async ValueTask<ShardAnswer> ApplyAsync(GroupStep step, TransferCommand command)
    {
        bool begins = command is BeginIncomingCommand or BeginOutgoingCommand;
        if (begins && (command.Transfer < command.OldestTransfer || _over.IsClosed(command.Transfer)))
        {
            return new ShardAnswer(ShardStatus.WrongShard, null);
        }

        // What ends may not have begun here yet: then it must never begin.
        bool ends = command is ActivateIncomingCommand or DropIncomingCommand or EndOutgoingCommand;
        ulong[] over = ends ? [command.Transfer] : [];
        _over.Close(step, command.OldestTransfer, over);
        switch (command)
        {
            case BeginIncomingCommand begin:
                return BeginIncoming(step, begin);
            case IngestCommand ingest:
                return Ingest(step, ingest);
            case ActivateIncomingCommand when Incoming?.Id == command.Transfer:
                Change(step, Holdings.With(Incoming.Range, HoldingState.Active), Outgoing, null);
                return ShardAnswer.Done;
            case DropIncomingCommand when Incoming?.Id == command.Transfer:
                Change(step, Holdings.With(Incoming.Range, HoldingState.Leaving), Outgoing, null);
                return ShardAnswer.Done;
            case BeginOutgoingCommand begin:
                return BeginOutgoing(step, begin);
            case EndOutgoingCommand end when Outgoing?.Id == command.Transfer:
                return await EndOutgoingAsync(step, Outgoing, end.Moved);
            default:
                return Outgoing is { } outgoing && outgoing.Id == command.Transfer ? Advance(step, outgoing, command) : ShardAnswer.Done;
        }
    }

    /// <summary>Lets go of the ranges from which everything has been removed.</summary>
    internal void LetGo(GroupStep step, PositionRange range) => Change(step, Holdings.With(range, null), Outgoing, Incoming);

    private ShardAnswer BeginIncoming(GroupStep step, BeginIncomingCommand begin)
    {
        if (Incoming?.Id == begin.Transfer)
        {
            return ShardAnswer.Done;
        }

        if (Incoming is not null || Outgoing is not null || !Holdings.IsFree(begin.Range))
        {
            return new ShardAnswer(ShardStatus.Busy, null);
        }

        Change(step, Holdings.With(begin.Range, HoldingState.Incoming), Outgoing, new IncomingTransfer(begin.Transfer, begin.Range, begin.Source, 0, 0));
        return ShardAnswer.Done;
    }

    private ShardAnswer Ingest(GroupStep step, IngestCommand ingest)
    {
        if (Incoming is not { } incoming || incoming.Id != ingest.Transfer || ingest.Run < incoming.Run)
        {
            return new ShardAnswer(ShardStatus.WrongShard, null);
        }

        ulong last = ingest.Run == incoming.Run ? incoming.Sequence : 0;
        if (ingest.Sequence <= last)
        {
            return ShardAnswer.Done;
        }

        if (ingest.Sequence != last + 1)
        {
            return new ShardAnswer(ShardStatus.WrongShard, null);
        }

        uint garbage = 0;
        foreach ((ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value) in ingest.Rows)
        {
            // The root group's bucket rows are the originals.
            if (key.Span[0] == Tables.Buckets && ownsEverythingAtFirst)
            {
                continue;
            }

            if (value is { } set)
            {
                // Garbage is dated by this group's commands: its readers are waited for from here on, whatever the source has waited for already.
                step.Batch.Put(key.Span[0] == Tables.Garbage ? RowKeys.Garbage(step.Number, garbage++) : key, set);
            }
            else
            {
                step.Batch.Delete(key);
            }
        }

        Change(step, Holdings, Outgoing, incoming with { Run = ingest.Run, Sequence = ingest.Sequence });
        return ShardAnswer.Done;
    }

    private ShardAnswer BeginOutgoing(GroupStep step, BeginOutgoingCommand begin)
    {
        if (Outgoing?.Id == begin.Transfer)
        {
            return ShardAnswer.Done;
        }

        if (Incoming is not null || Outgoing is not null || !Holdings.Has(begin.Range, HoldingState.Active))
        {
            return new ShardAnswer(ShardStatus.Busy, null);
        }

        var outgoing = new OutgoingTransfer
        {
            Id = begin.Transfer,
            Range = begin.Range,
            Target = begin.Target,
            Declared = begin.Range.From,
            CopiedUpto = begin.Range.From,
            IsCopied = true,
        };
        Change(step, Holdings, outgoing, Incoming);
        return ShardAnswer.Done;
    }

    private ShardAnswer Advance(GroupStep step, OutgoingTransfer outgoing, TransferCommand command)
    {
        switch (command)
        {
            case ClaimOutgoingCommand:
                Set(step, outgoing with { Run = outgoing.Run + 1 });
                return ShardAnswer.Done with { Value = outgoing.Run + 1 };
            case DeclareOutgoingCommand declare when declare.Run == outgoing.Run && outgoing.IsCopied && !outgoing.IsAllDeclared:
                bool isAll = declare.Upto.IsEmpty || Positions.CompareEnds(outgoing.Range.To, declare.Upto) <= 0;
                Set(step, outgoing with { Declared = isAll ? outgoing.Range.To : declare.Upto, IsAllDeclared = isAll, IsCopied = false, CopiedUpto = outgoing.Declared });
                return ShardAnswer.Done;
            case CopiedOutgoingCommand copied when copied.Run == outgoing.Run:
                Set(step, outgoing with { IsCopied = true, CopiedUpto = outgoing.Declared });
                return ShardAnswer.Done;
            case ForwardedOutgoingCommand forwarded when forwarded.Run == outgoing.Run && forwarded.Upto < outgoing.NextForward:
                for (ulong sent = outgoing.FirstForward; sent <= forwarded.Upto; sent++)
                {
                    step.Batch.Delete(RowKeys.Numbered(Tables.Forwards, sent));
                }

                Set(step, outgoing with { FirstForward = ulong.Max(outgoing.FirstForward, forwarded.Upto + 1) });
                return ShardAnswer.Done;
            case FreezeOutgoingCommand:
                if (outgoing.FrozenAt == 0)
                {
                    Change(step, Holdings.With(outgoing.Range, HoldingState.Frozen), outgoing with { FrozenAt = step.Number }, Incoming);
                }

                return ShardAnswer.Done;
            case ReadyOutgoingCommand ready when ready.Run == outgoing.Run:
                bool isAllSent = outgoing is { FrozenAt: > 0, IsAllDeclared: true, IsCopied: true } && outgoing.FirstForward == outgoing.NextForward;
                Set(step, outgoing with { IsReady = isAllSent });
                return ShardAnswer.Done;
            default:
                return new ShardAnswer(ShardStatus.WrongShard, null);
        }
    }

    private async ValueTask<ShardAnswer> EndOutgoingAsync(GroupStep step, OutgoingTransfer outgoing, bool moved)
    {
        Invariant.Check(!moved || outgoing.IsReady, "a range moves only when all of it has been sent");
        using IScan scan = step.State.Scan(RowKeys.Numbered(Tables.Forwards, 0), new[] { (byte)(Tables.Forwards + 1) });
        while (await scan.NextAsync())
        {
            step.Batch.Delete(scan.Key.ToArray());
        }

        Change(step, Holdings.With(outgoing.Range, moved ? HoldingState.Leaving : HoldingState.Active), null, Incoming);
        return ShardAnswer.Done;
    }

    private void Set(GroupStep step, OutgoingTransfer outgoing)
    {
        step.Batch.Put(OutgoingTransfer.Key, outgoing.Encode());
        step.Then(() => Outgoing = outgoing);
    }

    private void Change(GroupStep step, Holdings holdings, OutgoingTransfer? outgoing, IncomingTransfer? incoming)
    {
        if (!ReferenceEquals(holdings, Holdings))
        {
            step.Batch.Put(HoldingsKey, holdings.Encode());
        }

        SetOrDelete(step, OutgoingTransfer.Key, outgoing?.Encode(), Outgoing is not null);
        SetOrDelete(step, IncomingTransfer.Key, incoming?.Encode(), Incoming is not null);
        step.Then(() => (Holdings, Outgoing, Incoming) = (holdings, outgoing, incoming));
    }

    private static void SetOrDelete(GroupStep step, byte[] key, byte[]? row, bool isThere)
    {
        if (row is not null)
        {
            step.Batch.Put(key, row);
        }
        else if (isThere)
        {
            step.Batch.Delete(key);
        }
    }
}
