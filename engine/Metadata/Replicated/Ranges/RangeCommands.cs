using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>A step of moving a range from one group to another, or of what follows from it.</summary>
/// <param name="Transfer">Which transfer; its number was given by the root group.</param>
/// <param name="OldestTransfer">Transfers below this one are over: what still comes of them is refused.</param>
public abstract record TransferCommand(ulong Transfer, ulong OldestTransfer) : ShardCommand;

/// <summary>To the target: make room for a range.</summary>
public sealed record BeginIncomingCommand(ulong Transfer, ulong OldestTransfer, PositionRange Range, ulong Source) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the target, from the source's leader: rows of the range, in order.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="OldestTransfer">See <see cref="TransferCommand"/>.</param>
/// <param name="Run">Counts the leaders that have sent; a higher one silences all before.</param>
/// <param name="Sequence">Counts the pieces of a run from 1; each is taken once, in order.</param>
/// <param name="Rows">Rows to set, and (with a null value) to remove.</param>
public sealed record IngestCommand(
    ulong Transfer, ulong OldestTransfer, ulong Run, ulong Sequence, IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>> Rows)
    : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the target: the range is yours.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="OldestTransfer">See <see cref="TransferCommand"/>.</param>
/// <param name="Number">The source's number when it froze: numbers must be above it from now on.</param>
/// <param name="EpochFloor">Gateways' epochs that the source had closed: all below.</param>
/// <param name="ClosedEpochs">And these.</param>
public sealed record ActivateIncomingCommand(ulong Transfer, ulong OldestTransfer, ulong Number, ulong EpochFloor, IReadOnlyList<ulong> ClosedEpochs)
    : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the target: nothing comes of it; the rows taken in are removed.</summary>
public sealed record DropIncomingCommand(ulong Transfer, ulong OldestTransfer) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source: copy a range to another group, and go on deciding for it meanwhile.</summary>
public sealed record BeginOutgoingCommand(ulong Transfer, ulong OldestTransfer, PositionRange Range, ulong Target) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source, by its leader: I send from now on. The answer's value is the run.</summary>
public sealed record ClaimOutgoingCommand(ulong Transfer, ulong OldestTransfer) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source, by its leader: the copy is about to go on up to a position; from here on changes below it are kept for forwarding.</summary>
public sealed record DeclareOutgoingCommand(ulong Transfer, ulong OldestTransfer, ulong Run, ReadOnlyMemory<byte> Upto) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source, by its leader: the target has what was declared.</summary>
public sealed record CopiedOutgoingCommand(ulong Transfer, ulong OldestTransfer, ulong Run) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source, by its leader: the target has the changes kept up to this one.</summary>
public sealed record ForwardedOutgoingCommand(ulong Transfer, ulong OldestTransfer, ulong Run, ulong Upto) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source: decide nothing more for the range.</summary>
public sealed record FreezeOutgoingCommand(ulong Transfer, ulong OldestTransfer) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source, by its leader: frozen, and the target has everything, bucket rows too.</summary>
public sealed record ReadyOutgoingCommand(ulong Transfer, ulong OldestTransfer, ulong Run) : TransferCommand(Transfer, OldestTransfer);

/// <summary>To the source: the transfer is over. When it took place the rows are removed, otherwise the range is decided for again.</summary>
public sealed record EndOutgoingCommand(ulong Transfer, ulong OldestTransfer, bool Moved) : TransferCommand(Transfer, OldestTransfer);

/// <summary>Removes some rows of ranges that have left.</summary>
public sealed record CleanRangesCommand(int RowsMax) : ShardCommand;

/// <summary>Fields of range commands.</summary>
internal static class RangeCommandForm
{
    internal static void Write(ByteWriter to, TransferCommand command)
    {
        switch (command)
        {
            case BeginIncomingCommand begin:
                begin.Range.Write(to);
                to.UInt64(begin.Source);
                break;
            case IngestCommand ingest:
                to.UInt64(ingest.Run);
                to.UInt64(ingest.Sequence);
                WriteRows(to, ingest.Rows);
                break;
            case ActivateIncomingCommand activate:
                to.UInt64(activate.Number);
                to.UInt64(activate.EpochFloor);
                WriteNumbers(to, activate.ClosedEpochs);
                break;
            case BeginOutgoingCommand begin:
                begin.Range.Write(to);
                to.UInt64(begin.Target);
                break;
            case DeclareOutgoingCommand declare:
                to.UInt64(declare.Run);
                to.Bytes(declare.Upto.Span);
                break;
            case CopiedOutgoingCommand copied:
                to.UInt64(copied.Run);
                break;
            case ForwardedOutgoingCommand forwarded:
                to.UInt64(forwarded.Run);
                to.UInt64(forwarded.Upto);
                break;
            case ReadyOutgoingCommand ready:
                to.UInt64(ready.Run);
                break;
            case EndOutgoingCommand end:
                to.Bool(end.Moved);
                break;
            default:
                break;
        }
    }

    internal static void Write(ByteWriter to, BucketChangeCommand command)
    {
        if (command is PrepareBucketCommand prepare)
        {
            to.Text(prepare.Name);
            to.UInt64(prepare.BucketId);
            to.Bool(prepare.MustBeEmpty);
        }
        else if (command is FinishBucketCommand finish)
        {
            to.Text(finish.Name);
            to.UInt64(finish.BucketId);
            to.Bool(finish.TookPlace);
            to.Bool(finish.Bucket is not null);
            if (finish.Bucket is { } bucket)
            {
                BucketFormV1.Write(to, bucket);
            }
        }
    }

    internal static void WriteRows(ByteWriter to, IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>> rows)
    {
        to.VarUInt((ulong)rows.Count);
        for (int i = 0; i < rows.Count; i++)
        {
            to.Bytes(rows[i].Key.Span);
            to.Bool(rows[i].Value is not null);
            if (rows[i].Value is { } value)
            {
                to.Bytes(value.Span);
            }
        }
    }

    internal static KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>[] ReadRows(ref ByteReader from)
    {
        var rows = new KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>[from.Count()];
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlyMemory<byte> key = from.Bytes().ToArray();
            ReadOnlyMemory<byte>? value = from.Bool() ? from.Bytes().ToArray() : default(ReadOnlyMemory<byte>?);
            rows[i] = KeyValuePair.Create(key, value);
        }

        return rows;
    }

    internal static void WriteNumbers(ByteWriter to, IReadOnlyList<ulong> numbers)
    {
        to.VarUInt((ulong)numbers.Count);
        for (int i = 0; i < numbers.Count; i++)
        {
            to.UInt64(numbers[i]);
        }
    }

    internal static ulong[] ReadNumbers(ref ByteReader from)
    {
        ulong[] numbers = new ulong[from.Count()];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = from.UInt64();
        }

        return numbers;
    }
}
