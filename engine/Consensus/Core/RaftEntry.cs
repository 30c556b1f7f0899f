using System;
using System.Buffers.Binary;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>What an entry of the log is.</summary>
internal enum EntryKind
{
    /// <summary>Nothing: a new leader's first entry, which commits what went before.</summary>
    NoOp = 0,

    /// <summary>A command for the state machine.</summary>
    Normal = 1,

    /// <summary>A membership, in force from the moment when it is in the log.</summary>
    Configuration = 2,
}

/// <summary>One entry of the log in the form in which it is stored and sent, so that it is copied once, when it is proposed.</summary>
/// <remarks>Form: version and kind (1 byte: version 1 in the high half), term (8, little-endian), payload. Its index is its place, not part of it.</remarks>
internal readonly struct RaftEntry
{
    /// <summary>Bytes before the payload.</summary>
    internal const int HeaderSizeBytes = 9;

    private const int FormatVersion = 1;

    private RaftEntry(LogIndex index, ReadOnlyMemory<byte> encoded) => (Index, Encoded) = (index, encoded);

    internal LogIndex Index { get; }

    /// <summary>Header and payload.</summary>
    internal ReadOnlyMemory<byte> Encoded { get; }

    internal EntryKind Kind => (EntryKind)(Encoded.Span[0] & 0x0f);

    internal Term Term => new(BinaryPrimitives.ReadUInt64LittleEndian(Encoded.Span[1..]));

    internal ReadOnlyMemory<byte> Payload => Encoded[HeaderSizeBytes..];

    internal int SizeBytes => Encoded.Length;

    /// <summary>A new entry with a copy of the payload.</summary>
    internal static RaftEntry Create(LogIndex index, Term term, EntryKind kind, ReadOnlySpan<byte> payload)
    {
        byte[] encoded = new byte[HeaderSizeBytes + payload.Length];
        encoded[0] = (byte)((FormatVersion << 4) | (int)kind);
        BinaryPrimitives.WriteUInt64LittleEndian(encoded.AsSpan(1), term.Value);
        payload.CopyTo(encoded.AsSpan(HeaderSizeBytes));
        return new RaftEntry(index, encoded);
    }

    /// <summary>An entry that was stored or sent; keeps the memory.</summary>
    /// <exception cref="MalformedDataException">It is not an entry.</exception>
    internal static RaftEntry Decode(LogIndex index, ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length < HeaderSizeBytes)
        {
            throw new MalformedDataException($"entry of {encoded.Length} bytes");
        }

        int head = encoded.Span[0];
        if (head >> 4 != FormatVersion || (head & 0x0f) > (int)EntryKind.Configuration)
        {
            throw new MalformedDataException($"entry with head {head}");
        }

        var entry = new RaftEntry(index, encoded);
        if (entry.Kind == EntryKind.Configuration)
        {
            entry.ReadMembership();
        }

        return entry;
    }

    /// <summary>The membership of a configuration entry.</summary>
    internal RaftMembership ReadMembership()
    {
        var reader = new ByteReader(Payload.Span);
        RaftMembership membership = RaftMembership.Read(ref reader);
        reader.End();
        return membership;
    }
}
