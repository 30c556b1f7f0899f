using System;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Shard commands as bytes: <c>01</c>, a version, a kind, fields. Kinds are never used again for something else.</summary>
public static class ShardCommandCodec
{
    /// <summary>First byte of shard commands among all commands of a group.</summary>
    public const byte CommandKind = 0x01;

    private enum Kind : byte
    {
        Execute = 1,
        CloseEpochs = 2,
        ForgetDoomed = 3,
        ReportLoad = 4,
        BeginIncoming = 10,
        Ingest = 11,
        ActivateIncoming = 12,
        DropIncoming = 13,
        BeginOutgoing = 20,
        ClaimOutgoing = 21,
        DeclareOutgoing = 22,
        CopiedOutgoing = 23,
        ForwardedOutgoing = 24,
        FreezeOutgoing = 25,
        ReadyOutgoing = 26,
        EndOutgoing = 27,
        CleanRanges = 28,
        PrepareBucket = 40,
        FinishBucket = 41,
        DecideBucket = 42,
        ForgetBucket = 43,
    }

    /// <summary>Writes a command.</summary>
    public static void Encode(ShardCommand command, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Byte(CommandKind);
        to.Byte(FormV1.Version);
        to.Byte((byte)KindOf(command));
        switch (command)
        {
            case ExecuteCommand execute:
                to.UInt64(execute.GatewayEpoch);
                CommandCodec.Encode(execute.Command, to);
                break;
            case CloseEpochsCommand close:
                to.UInt64(close.Floor);
                RangeCommandForm.WriteNumbers(to, close.Epochs);
                break;
            case ForgetDoomedCommand forget:
                to.VarUInt((ulong)forget.Blobs.Count);
                foreach (BlobId blob in forget.Blobs)
                {
                    to.UInt64(blob.Epoch);
                    to.UInt64(blob.Number);
                }

                break;
            case ReportLoadCommand:
                break;
            case TransferCommand transfer:
                to.UInt64(transfer.Transfer);
                to.UInt64(transfer.OldestTransfer);
                RangeCommandForm.Write(to, transfer);
                break;
            case CleanRangesCommand clean:
                to.VarUInt((ulong)clean.RowsMax);
                break;
            case BucketChangeCommand change:
                to.UInt64(change.Change);
                to.UInt64(change.OldestChange);
                RangeCommandForm.Write(to, change);
                break;
            case DecideBucketCommand decide:
                to.UInt64(decide.Change);
                to.Byte((byte)decide.Refusal);
                break;
            default:
                to.UInt64(((ForgetBucketCommand)command).Change);
                break;
        }
    }

    /// <summary>Whether a command must go through on a full disk, or it stays full. Looks at the kinds only.</summary>
    /// <param name="encoded">What <see cref="Encode"/> wrote.</param>
    public static bool FreesSpace(ReadOnlySpan<byte> encoded)
    {
        const int Head = 3;
        const int ExecuteHead = Head + sizeof(ulong);
        return encoded.Length > Head
            && (Kind)encoded[Head - 1] switch
            {
                Kind.Execute => encoded.Length > ExecuteHead && CommandCodec.FreesSpace(encoded[ExecuteHead..]),
                Kind.Ingest => false,
                _ => true,
            };
    }

    /// <summary>Reads a command.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static ShardCommand Decode(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        if (from.Byte() != CommandKind)
        {
            throw new MalformedDataException("no shard command");
        }

        FormV1.CheckVersion(ref from, "shard command");
        Kind kind = FormV1.ReadEnum<Kind>(ref from);
        if (kind == Kind.Execute)
        {
            ulong gateway = from.UInt64();
            return new ExecuteCommand(gateway, CommandCodec.Decode(from.Raw(from.Remaining)));
        }

        ShardCommand command = Read(kind, ref from);
        from.End();
        return command;
    }

    private static ShardCommand Read(Kind kind, ref ByteReader from)
    {
        switch (kind)
        {
            case Kind.CloseEpochs:
                return new CloseEpochsCommand(from.UInt64(), RangeCommandForm.ReadNumbers(ref from));
            case Kind.ForgetDoomed:
                var blobs = new BlobId[from.Count()];
                for (int i = 0; i < blobs.Length; i++)
                {
                    blobs[i] = new BlobId(from.UInt64(), from.UInt64());
                }

                return new ForgetDoomedCommand(blobs);
            case Kind.ReportLoad:
                return new ReportLoadCommand();
            case Kind.CleanRanges:
                return new CleanRangesCommand(FormV1.ReadInt(ref from));
            case Kind.DecideBucket:
                return new DecideBucketCommand(from.UInt64(), FormV1.ReadEnum<MetadataError>(ref from));
            case Kind.ForgetBucket:
                return new ForgetBucketCommand(from.UInt64());
            default:
                return ReadStep(kind, from.UInt64(), from.UInt64(), ref from);
        }
    }

    private static ShardCommand ReadStep(Kind kind, ulong id, ulong oldest, ref ByteReader from) => kind switch
    {
        Kind.BeginIncoming => new BeginIncomingCommand(id, oldest, PositionRange.Read(ref from), from.UInt64()),
        Kind.Ingest => new IngestCommand(id, oldest, from.UInt64(), from.UInt64(), RangeCommandForm.ReadRows(ref from)),
        Kind.ActivateIncoming => new ActivateIncomingCommand(id, oldest, from.UInt64(), from.UInt64(), RangeCommandForm.ReadNumbers(ref from)),
        Kind.DropIncoming => new DropIncomingCommand(id, oldest),
        Kind.BeginOutgoing => new BeginOutgoingCommand(id, oldest, PositionRange.Read(ref from), from.UInt64()),
        Kind.ClaimOutgoing => new ClaimOutgoingCommand(id, oldest),
        Kind.DeclareOutgoing => new DeclareOutgoingCommand(id, oldest, from.UInt64(), FormV1.ReadMemory(ref from)),
        Kind.CopiedOutgoing => new CopiedOutgoingCommand(id, oldest, from.UInt64()),
        Kind.ForwardedOutgoing => new ForwardedOutgoingCommand(id, oldest, from.UInt64(), from.UInt64()),
        Kind.FreezeOutgoing => new FreezeOutgoingCommand(id, oldest),
        Kind.ReadyOutgoing => new ReadyOutgoingCommand(id, oldest, from.UInt64()),
        Kind.EndOutgoing => new EndOutgoingCommand(id, oldest, from.Bool()),
        Kind.PrepareBucket => new PrepareBucketCommand(id, oldest, from.Text(), from.UInt64(), from.Bool()),
        _ => new FinishBucketCommand(id, oldest, from.Text(), from.UInt64(), from.Bool(), from.Bool() ? BucketFormV1.Read(ref from) : null),
    };

    private static Kind KindOf(ShardCommand command) => command switch
    {
        ExecuteCommand => Kind.Execute,
        CloseEpochsCommand => Kind.CloseEpochs,
        ForgetDoomedCommand => Kind.ForgetDoomed,
        ReportLoadCommand => Kind.ReportLoad,
        BeginIncomingCommand => Kind.BeginIncoming,
        IngestCommand => Kind.Ingest,
        ActivateIncomingCommand => Kind.ActivateIncoming,
        DropIncomingCommand => Kind.DropIncoming,
        BeginOutgoingCommand => Kind.BeginOutgoing,
        ClaimOutgoingCommand => Kind.ClaimOutgoing,
        DeclareOutgoingCommand => Kind.DeclareOutgoing,
        CopiedOutgoingCommand => Kind.CopiedOutgoing,
        ForwardedOutgoingCommand => Kind.ForwardedOutgoing,
        FreezeOutgoingCommand => Kind.FreezeOutgoing,
        ReadyOutgoingCommand => Kind.ReadyOutgoing,
        EndOutgoingCommand => Kind.EndOutgoing,
        CleanRangesCommand => Kind.CleanRanges,
        PrepareBucketCommand => Kind.PrepareBucket,
        FinishBucketCommand => Kind.FinishBucket,
        DecideBucketCommand => Kind.DecideBucket,
        ForgetBucketCommand => Kind.ForgetBucket,
        _ => throw new InvariantViolationException($"no such command: {command?.GetType().Name}"),
    };
}
