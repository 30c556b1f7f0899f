using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>Messages as bytes.</summary>
/// <remarks>
/// Form: version (1 byte, 1), kind (1), from and to (8 each), term (LEB128), then the fields of the kind: numbers as LEB128, flags as one byte, an entry as
/// length and encoded entry. Bounded by <see cref="IRaftTransport.FrameSizeBytesMax"/>; what is not well formed is refused as a whole.
/// </remarks>
internal static class RaftMessageCodec
{
    private const byte FormatVersion = 1;

    internal static void Write(ByteWriter to, RaftMessage message)
    {
        to.Byte(FormatVersion);
        to.Byte((byte)message.Kind);
        to.UInt64(message.From.Value);
        to.UInt64(message.To.Value);
        to.VarUInt(message.Term.Value);
        switch (message.Kind)
        {
            case MessageKind.PreVote or MessageKind.Vote:
                to.VarUInt(message.Index.Value);
                to.VarUInt(message.LogTerm.Value);
                to.Bool(message.Forced);
                break;
            case MessageKind.PreVoteResponse or MessageKind.VoteResponse:
                to.Bool(message.Reject);
                break;
            case MessageKind.Append:
                to.VarUInt(message.Index.Value);
                to.VarUInt(message.LogTerm.Value);
                to.VarUInt(message.Commit.Value);
                to.VarUInt(message.Round);
                to.VarUInt((ulong)message.Entries.Count);
                for (int i = 0; i < message.Entries.Count; i++)
                {
                    to.Bytes(message.Entries[i].Encoded.Span);
                }

                break;
            case MessageKind.AppendResponse:
                to.VarUInt(message.Index.Value);
                to.VarUInt(message.LogTerm.Value);
                to.VarUInt(message.Hint.Value);
                to.VarUInt(message.Round);
                to.Bool(message.Reject);
                break;
            case MessageKind.Heartbeat:
                to.VarUInt(message.Commit.Value);
                to.VarUInt(message.Round);
                break;
            case MessageKind.HeartbeatResponse:
                to.VarUInt(message.Round);
                break;
            case MessageKind.TimeoutNow:
                break;
            case MessageKind.ReadIndex:
                to.UInt64(message.Context);
                break;
            case MessageKind.ReadIndexResponse:
                to.UInt64(message.Context);
                to.VarUInt(message.Index.Value);
                to.Bool(message.Reject);
                break;
            case MessageKind.SnapshotChunk:
                to.UInt64(message.Context);
                to.VarUInt(message.Index.Value);
                to.VarUInt(message.LogTerm.Value);
                to.VarUInt(message.Offset);
                to.Bool(message.IsLast);
                message.Membership.Write(to);
                to.Bytes(message.Data.Span);
                break;
            case MessageKind.SnapshotResponse:
                to.UInt64(message.Context);
                to.VarUInt(message.Offset);
                to.Bool(message.Reject);
                break;
            default:
                throw new InvariantViolationException($"message of kind {message.Kind}");
        }
    }

    /// <summary>Reads one message; entries and data keep the memory given.</summary>
    /// <exception cref="MalformedDataException">It is not a message of a version known here.</exception>
    internal static RaftMessage Read(ReadOnlyMemory<byte> bytes)
    {
        var from = new ByteReader(bytes.Span);
        byte version = from.Byte();
        if (version != FormatVersion)
        {
            throw new MalformedDataException($"message of version {version}");
        }

        var kind = (MessageKind)from.Byte();
        var head = new RaftMessage
        {
            Kind = kind,
            From = new PeerId(from.UInt64()),
            To = new PeerId(from.UInt64()),
            Term = new Term(from.VarUInt()),
        };
        RaftMessage message = kind switch
        {
            MessageKind.PreVote or MessageKind.Vote =>
                head with { Index = new(from.VarUInt()), LogTerm = new(from.VarUInt()), Forced = from.Bool() },
            MessageKind.PreVoteResponse or MessageKind.VoteResponse => head with { Reject = from.Bool() },
            MessageKind.Append => ReadAppend(head, bytes, ref from),
            MessageKind.AppendResponse => head with
            {
                Index = new(from.VarUInt()),
                LogTerm = new(from.VarUInt()),
                Hint = new(from.VarUInt()),
                Round = from.VarUInt(),
                Reject = from.Bool(),
            },
            MessageKind.Heartbeat => head with { Commit = new(from.VarUInt()), Round = from.VarUInt() },
            MessageKind.HeartbeatResponse => head with { Round = from.VarUInt() },
            MessageKind.TimeoutNow => head,
            MessageKind.ReadIndex => head with { Context = from.UInt64() },
            MessageKind.ReadIndexResponse => head with { Context = from.UInt64(), Index = new(from.VarUInt()), Reject = from.Bool() },
            MessageKind.SnapshotChunk => ReadChunk(head, bytes, ref from),
            MessageKind.SnapshotResponse => head with { Context = from.UInt64(), Offset = from.VarUInt(), Reject = from.Bool() },
            _ => throw new MalformedDataException($"message of kind {(int)kind}"),
        };
        from.End();
        return message.Index.Value < ulong.MaxValue / 2 && message.Term.Value < ulong.MaxValue / 2
            ? message
            : throw new MalformedDataException("numbers beyond all use");
    }

    private static RaftMessage ReadAppend(RaftMessage head, ReadOnlyMemory<byte> bytes, ref ByteReader from)
    {
        RaftMessage append = head with
        {
            Index = new(from.VarUInt()),
            LogTerm = new(from.VarUInt()),
            Commit = new(from.VarUInt()),
            Round = from.VarUInt(),
        };
        var entries = new RaftEntry[from.Count()];
        Term term = append.LogTerm;
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = RaftEntry.Decode(new LogIndex(unchecked(append.Index.Value + (ulong)i + 1)), Slice(bytes, ref from));
            if (entries[i].Term < term || entries[i].Term > append.Term)
            {
                throw new MalformedDataException("terms that fall, or beyond the leader's");
            }

            term = entries[i].Term;
        }

        return append with { Entries = entries };
    }

    private static RaftMessage ReadChunk(RaftMessage head, ReadOnlyMemory<byte> bytes, ref ByteReader from)
    {
        RaftMessage chunk = head with
        {
            Context = from.UInt64(),
            Index = new(from.VarUInt()),
            LogTerm = new(from.VarUInt()),
            Offset = from.VarUInt(),
            IsLast = from.Bool(),
        };
        RaftMembership membership = RaftMembership.Read(ref from);
        return chunk with { Membership = membership, Data = Slice(bytes, ref from) };
    }

    /// <summary>Bytes with their length before them, as a part of the memory that is being read.</summary>
    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> bytes, ref ByteReader from)
    {
        int length = from.Bytes().Length;
        return bytes.Slice(bytes.Length - from.Remaining - length, length);
    }
}
