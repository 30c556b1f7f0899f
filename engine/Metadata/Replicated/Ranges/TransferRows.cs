using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>A range on its way out of a group, in the source's rows.</summary>
internal sealed record OutgoingTransfer
{
    internal static readonly byte[] Key = [Tables.Group, 0x05];

    private const byte Version = 1;

    internal required ulong Id { get; init; }

    internal required PositionRange Range { get; init; }

    internal required ulong Target { get; init; }

    /// <summary>Leaders that have sent so far.</summary>
    internal ulong Run { get; init; }

    /// <summary>The copy has been announced below this position; the start of the range at first.</summary>
    internal required ReadOnlyMemory<byte> Declared { get; init; }

    /// <summary>All of the range has been announced.</summary>
    internal bool IsAllDeclared { get; init; }

    /// <summary>The target has everything that was announced.</summary>
    internal bool IsCopied { get; init; }

    /// <summary>Where the part begins that was announced last.</summary>
    internal required ReadOnlyMemory<byte> CopiedUpto { get; init; }

    /// <summary>Number of the next change to keep for forwarding; counts from 1.</summary>
    internal ulong NextForward { get; init; } = 1;

    /// <summary>The target has those below.</summary>
    internal ulong FirstForward { get; init; } = 1;

    /// <summary>The number of the command that froze the range; 0 before.</summary>
    internal ulong FrozenAt { get; init; }

    internal bool IsReady { get; init; }

    /// <summary>Changes at this position must be forwarded.</summary>
    internal bool Forwards(ReadOnlyMemory<byte> position) => Range.Contains(position) && (IsAllDeclared || Positions.Compare(position, Declared) < 0);

    internal byte[] Encode()
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.UInt64(Id);
        Range.Write(to);
        to.UInt64(Target);
        to.UInt64(Run);
        to.Bytes(Declared.Span);
        to.Bool(IsAllDeclared);
        to.Bool(IsCopied);
        to.Bytes(CopiedUpto.Span);
        to.UInt64(NextForward);
        to.UInt64(FirstForward);
        to.UInt64(FrozenAt);
        to.Bool(IsReady);
        return to.ToArray();
    }

    internal static OutgoingTransfer Decode(ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("outgoing transfer of an unknown form");
        }

        var read = new OutgoingTransfer
        {
            Id = from.UInt64(),
            Range = PositionRange.Read(ref from),
            Target = from.UInt64(),
            Run = from.UInt64(),
            Declared = FormV1.ReadMemory(ref from),
            IsAllDeclared = from.Bool(),
            IsCopied = from.Bool(),
            CopiedUpto = FormV1.ReadMemory(ref from),
            NextForward = from.UInt64(),
            FirstForward = from.UInt64(),
            FrozenAt = from.UInt64(),
            IsReady = from.Bool(),
        };
        from.End();
        return read;
    }
}

/// <summary>A range on its way into a group, in the target's rows.</summary>
/// <param name="Id">The transfer.</param>
/// <param name="Range">The range.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Run">The newest leader that sent.</param>
/// <param name="Sequence">The last piece taken of it.</param>
internal sealed record IncomingTransfer(ulong Id, PositionRange Range, ulong Source, ulong Run, ulong Sequence)
{
    internal static readonly byte[] Key = [Tables.Group, 0x06];

    private const byte Version = 1;

    internal byte[] Encode()
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.UInt64(Id);
        Range.Write(to);
        to.UInt64(Source);
        to.UInt64(Run);
        to.UInt64(Sequence);
        return to.ToArray();
    }

    internal static IncomingTransfer Decode(ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("incoming transfer of an unknown form");
        }

        var read = new IncomingTransfer(from.UInt64(), PositionRange.Read(ref from), from.UInt64(), from.UInt64(), from.UInt64());
        from.End();
        return read;
    }
}
