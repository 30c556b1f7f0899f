using System;
using System.Collections.Generic;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>A change of the directory, proposed to the root group.</summary>
public abstract record DirectoryCommand;

/// <summary>Names another group. The answer's value is its id.</summary>
/// <param name="Founders">Who will have its replicas at first.</param>
public sealed record AddGroupCommand(IReadOnlyList<RaftMember> Founders) : DirectoryCommand;

/// <summary>Says where a group's replicas are.</summary>
public sealed record PlaceGroupCommand(GroupId Group, IReadOnlyList<NodeId> Nodes) : DirectoryCommand;

/// <summary>Begins to move a range. Refused unless the source has all of it and neither group is in another move. The answer's value is the transfer's id.</summary>
public sealed record BeginTransferCommand(PositionRange Range, GroupId Source, GroupId Target) : DirectoryCommand;

/// <summary>Brings a transfer into its next phase. Refused where that phase cannot follow, or (switching) while a bucket of the range is being changed.</summary>
public sealed record SetTransferPhaseCommand(ulong Transfer, TransferPhase Phase) : DirectoryCommand;

/// <summary>Both groups know how a transfer ended: it is forgotten.</summary>
public sealed record EndTransferCommand(ulong Transfer) : DirectoryCommand;

/// <summary>What became of a <see cref="DirectoryCommand"/>.</summary>
/// <param name="IsDone">False: refused, and nothing changed.</param>
/// <param name="Value">A number, where the command says so.</param>
public sealed record DirectoryAnswer(bool IsDone, ulong Value);

/// <summary>Directory commands, answers and the one question as bytes: <c>03</c>, a version, a kind, fields. Damaged bytes throw <see cref="MalformedDataException"/> only.</summary>
public static class DirectoryCodec
{
    /// <summary>First byte among all commands of the root group.</summary>
    public const byte CommandKind = 0x03;

    private const byte Version = 1;

    private enum Kind : byte
    {
        AddGroup = 1,
        PlaceGroup = 2,
        BeginTransfer = 3,
        SetTransferPhase = 4,
        EndTransfer = 5,
    }

    /// <summary>The question for the directory; read the answer with <see cref="DecodeDirectory"/>.</summary>
    public static byte[] Question { get; } = [CommandKind, Version];

    /// <summary>Writes a command.</summary>
    public static byte[] Encode(DirectoryCommand command)
    {
        var to = new ByteWriter();
        to.Byte(CommandKind);
        to.Byte(Version);
        switch (command)
        {
            case AddGroupCommand add:
                to.Byte((byte)Kind.AddGroup);
                RangeDirectory.WriteMembers(to, add.Founders);
                break;
            case PlaceGroupCommand place:
                to.Byte((byte)Kind.PlaceGroup);
                to.UInt64(place.Group.Value);
                RangeDirectory.WriteNodes(to, place.Nodes);
                break;
            case BeginTransferCommand begin:
                to.Byte((byte)Kind.BeginTransfer);
                RangeDirectory.Write(to, begin.Range);
                to.UInt64(begin.Source.Value);
                to.UInt64(begin.Target.Value);
                break;
            case SetTransferPhaseCommand set:
                to.Byte((byte)Kind.SetTransferPhase);
                to.UInt64(set.Transfer);
                to.Byte((byte)set.Phase);
                break;
            case EndTransferCommand end:
                to.Byte((byte)Kind.EndTransfer);
                to.UInt64(end.Transfer);
                break;
            default:
                throw new InvariantViolationException($"no such command: {command?.GetType().Name}");
        }

        return to.ToArray();
    }

    /// <summary>Reads a command.</summary>
    public static DirectoryCommand Decode(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        if (from.Byte() != CommandKind || from.Byte() != Version)
        {
            throw new MalformedDataException("no directory command of a known form");
        }

        byte kind = from.Byte();
        DirectoryCommand command = (Kind)kind switch
        {
            Kind.AddGroup => new AddGroupCommand(RangeDirectory.ReadMembers(ref from)),
            Kind.PlaceGroup => new PlaceGroupCommand(new GroupId(from.UInt64()), RangeDirectory.ReadNodes(ref from)),
            Kind.BeginTransfer => new BeginTransferCommand(RangeDirectory.ReadRange(ref from), new GroupId(from.UInt64()), new GroupId(from.UInt64())),
            Kind.SetTransferPhase => new SetTransferPhaseCommand(from.UInt64(), (TransferPhase)from.Byte()),
            Kind.EndTransfer => new EndTransferCommand(from.UInt64()),
            _ => throw new MalformedDataException($"directory command {kind}"),
        };
        from.End();
        return command;
    }

    /// <summary>Appends an answer.</summary>
    public static void Encode(DirectoryAnswer answer, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(to);
        to.Bool(answer.IsDone);
        to.UInt64(answer.Value);
    }

    /// <summary>What a proposal on this node got.</summary>
    internal static DirectoryAnswer Answer(object? result) => (DirectoryAnswer)result!;

    /// <summary>Reads an answer.</summary>
    public static DirectoryAnswer DecodeAnswer(ReadOnlySpan<byte> encoded)
    {
        var from = new ByteReader(encoded);
        var answer = new DirectoryAnswer(from.Bool(), from.UInt64());
        from.End();
        return answer;
    }

    /// <summary>Reads the directory.</summary>
    public static RangeDirectory DecodeDirectory(ReadOnlySpan<byte> answer) => RangeDirectory.Read(answer);
}
