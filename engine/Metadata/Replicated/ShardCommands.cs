using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>What is proposed to a group for its metadata.</summary>
public abstract record ShardCommand;

/// <summary>A metadata command of a gateway, or of the group's own workers.</summary>
/// <param name="GatewayEpoch">The epoch of the gateway that proposes it; 0 for the group's own.</param>
/// <param name="Command">The command.</param>
public sealed record ExecuteCommand(ulong GatewayEpoch, MetadataCommand Command) : ShardCommand;

/// <summary>Closes epochs of gateways for good: their commands are refused from here on.</summary>
/// <param name="Floor">All below this one.</param>
/// <param name="Epochs">And these.</param>
public sealed record CloseEpochsCommand(ulong Floor, IReadOnlyList<ulong> Epochs) : ShardCommand;

/// <summary>The shards of these blobs are deleted: they need not be remembered.</summary>
public sealed record ForgetDoomedCommand(IReadOnlyList<BlobId> Blobs) : ShardCommand;

/// <summary>Whether a group decided what it was asked.</summary>
public enum ShardStatus : byte
{
    /// <summary>It did; the result says what.</summary>
    Done = 0,

    /// <summary>The gateway's epoch is closed: nothing of it will be taken any more.</summary>
    EpochClosed = 1,

    /// <summary>What is asked for is not (or not any more) this group's. Ask the directory.</summary>
    WrongShard = 2,

    /// <summary>A change of the bucket or of the range is under way. Retry after a moment.</summary>
    Busy = 3,
}

/// <summary>What became of a <see cref="ShardCommand"/>.</summary>
/// <param name="Status">Whether it was decided. Otherwise nothing changed.</param>
/// <param name="Result">For metadata commands that were decided.</param>
public sealed record ShardAnswer(ShardStatus Status, CommandResult? Result)
{
    /// <summary>Done, and nothing to say.</summary>
    public static readonly ShardAnswer Done = new(ShardStatus.Done, null);
}

/// <summary>Answers as bytes. Damaged bytes throw <see cref="MalformedDataException"/> only.</summary>
public static class ShardAnswerCodec
{
    /// <summary>Appends an answer.</summary>
    public static void Encode(ShardAnswer answer, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(to);
        to.Byte((byte)answer.Status);
        to.Bool(answer.Result is not null);
        if (answer.Result is { } result)
        {
            ResultCodec.Encode(result, to);
        }
    }

    /// <summary>Reads an answer; all of <paramref name="encoded"/> must be one.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static ShardAnswer Decode(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        var status = FormV1.ReadEnum<ShardStatus>(ref from);
        CommandResult? result = from.Bool() ? ResultCodec.DecodeCommandResult(ref from) : null;
        from.End();
        return new ShardAnswer(status, result);
    }
}

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
    }

    /// <summary>Writes a command.</summary>
    public static void Encode(ShardCommand command, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Byte(CommandKind);
        to.Byte(FormV1.Version);
        switch (command)
        {
            case ExecuteCommand execute:
                to.Byte((byte)Kind.Execute);
                to.UInt64(execute.GatewayEpoch);
                CommandCodec.Encode(execute.Command, to);
                break;
            case CloseEpochsCommand close:
                to.Byte((byte)Kind.CloseEpochs);
                to.UInt64(close.Floor);
                to.VarUInt((ulong)close.Epochs.Count);
                foreach (ulong epoch in close.Epochs)
                {
                    to.UInt64(epoch);
                }

                break;
            case ForgetDoomedCommand forget:
                to.Byte((byte)Kind.ForgetDoomed);
                to.VarUInt((ulong)forget.Blobs.Count);
                foreach (BlobId blob in forget.Blobs)
                {
                    to.UInt64(blob.Epoch);
                    to.UInt64(blob.Number);
                }

                break;
            default:
                throw new InvariantViolationException($"no such command: {command?.GetType().Name}");
        }
    }

    /// <summary>Whether a command must go through on a full disk, or it stays full. Looks at the kinds only.</summary>
    /// <param name="encoded">What <see cref="Encode"/> wrote.</param>
    public static bool FreesSpace(ReadOnlySpan<byte> encoded)
    {
        const int Head = 3;
        const int ExecuteHead = Head + sizeof(ulong);
        return encoded.Length > Head
            && ((Kind)encoded[Head - 1] != Kind.Execute || (encoded.Length > ExecuteHead && CommandCodec.FreesSpace(encoded[ExecuteHead..])));
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
        switch (FormV1.ReadEnum<Kind>(ref from))
        {
            case Kind.Execute:
                ulong gateway = from.UInt64();
                return new ExecuteCommand(gateway, CommandCodec.Decode(from.Raw(from.Remaining)));
            case Kind.CloseEpochs:
                ulong floor = from.UInt64();
                ulong[] epochs = new ulong[from.Count()];
                for (int i = 0; i < epochs.Length; i++)
                {
                    epochs[i] = from.UInt64();
                }

                from.End();
                return new CloseEpochsCommand(floor, epochs);
            default:
                var blobs = new BlobId[from.Count()];
                for (int i = 0; i < blobs.Length; i++)
                {
                    blobs[i] = new BlobId(from.UInt64(), from.UInt64());
                }

                from.End();
                return new ForgetDoomedCommand(blobs);
        }
    }
}
