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

/// <summary>Changes nothing: the answer tells what the leader's ranges weigh. A command, so that it is the leader who answers.</summary>
public sealed record ReportLoadCommand : ShardCommand;

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

    /// <summary>Begun, and decided later: the answer's value is the number to ask for.</summary>
    Pending = 4,
}

/// <summary>What became of a <see cref="ShardCommand"/>.</summary>
/// <param name="Status">Whether it was decided. Otherwise nothing changed.</param>
/// <param name="Result">For metadata commands that were decided.</param>
public sealed record ShardAnswer(ShardStatus Status, CommandResult? Result)
{
    /// <summary>Done, and nothing to say.</summary>
    public static readonly ShardAnswer Done = new(ShardStatus.Done, null);

    /// <summary>A number, where the command says so.</summary>
    public ulong Value { get; init; }

    /// <summary>To a <see cref="ReportLoadCommand"/>: the active ranges as they were measured last.</summary>
    public IReadOnlyList<RangeLoad> Loads { get; init; } = [];
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
        to.VarUInt(answer.Value);
        to.Bool(answer.Result is not null);
        if (answer.Result is { } result)
        {
            ResultCodec.Encode(result, to);
        }

        to.VarUInt((ulong)answer.Loads.Count);
        for (int i = 0; i < answer.Loads.Count; i++)
        {
            answer.Loads[i].Write(to);
        }
    }

    /// <summary>Reads an answer; all of <paramref name="encoded"/> must be one.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static ShardAnswer Decode(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        var status = FormV1.ReadEnum<ShardStatus>(ref from);
        ulong value = from.VarUInt();
        CommandResult? result = from.Bool() ? ResultCodec.DecodeCommandResult(ref from) : null;
        var loads = new RangeLoad[from.Count()];
        for (int i = 0; i < loads.Length; i++)
        {
            loads[i] = RangeLoad.Read(ref from);
        }

        from.End();
        return new ShardAnswer(status, result) { Value = value, Loads = loads };
    }
}
