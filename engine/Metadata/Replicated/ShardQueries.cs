using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>What a group is asked about its metadata, as bytes: <c>01</c>, a version, a kind, fields; and the answers.</summary>
/// <remarks>Damaged bytes throw <see cref="MalformedDataException"/> only.</remarks>
public static class ShardQueries
{
    private enum Kind : byte
    {
        Query = 1,
        Open = 2,
        ReadInline = 3,
        LiveBlobs = 4,
        List = 5,
        Transfer = 6,
        Outcome = 7,
    }

    /// <summary>Asks a query; read the answer with <see cref="DecodeResult"/>.</summary>
    public static byte[] Encode(MetadataQuery query)
    {
        ByteWriter to = Start(Kind.Query);
        QueryCodec.Encode(query, to);
        return to.ToArray();
    }

    /// <summary>Asks for an object to stream; read the answer with <see cref="DecodeOpening"/>.</summary>
    public static byte[] EncodeOpen(GetObjectQuery query)
    {
        ByteWriter to = Start(Kind.Open);
        QueryCodec.Encode(query, to);
        return to.ToArray();
    }

    /// <summary>Asks for the bytes of an inline part; the answer is the bytes.</summary>
    public static byte[] EncodeReadInline(BlobId blob)
    {
        ByteWriter to = Start(Kind.ReadInline);
        Write(to, blob);
        return to.ToArray();
    }

    /// <summary>Asks which blobs of a range of ids the group's rows name; read the answer with <see cref="DecodeBlobs"/>.</summary>
    /// <param name="from">The first.</param>
    /// <param name="last">The last, included.</param>
    /// <param name="max">At most so many.</param>
    public static byte[] EncodeLiveBlobs(BlobId from, BlobId last, int max)
    {
        ByteWriter to = Start(Kind.LiveBlobs);
        Write(to, from);
        Write(to, last);
        to.VarUInt((ulong)max);
        return to.ToArray();
    }

    /// <summary>Asks for a page of a listing from one range; read the answer with <see cref="DecodePage"/>.</summary>
    /// <param name="query">A listing of objects, versions or uploads.</param>
    /// <param name="from">The position to start at, when that is above where the query itself starts.</param>
    public static byte[] EncodeList(MetadataQuery query, ReadOnlyMemory<byte> from)
    {
        ByteWriter to = Start(Kind.List);
        to.Bytes(from.Span);
        QueryCodec.Encode(query, to);
        return to.ToArray();
    }

    /// <summary>Asks a source how far a transfer is; read the answer with <see cref="DecodeTransfer"/>.</summary>
    public static byte[] EncodeTransfer(ulong transfer)
    {
        ByteWriter to = Start(Kind.Transfer);
        to.UInt64(transfer);
        return to.ToArray();
    }

    /// <summary>Asks the root group how a change of a bucket ended; read the answer with <see cref="DecodeOutcome"/>.</summary>
    public static byte[] EncodeOutcome(ulong change)
    {
        ByteWriter to = Start(Kind.Outcome);
        to.UInt64(change);
        return to.ToArray();
    }

    /// <summary>Reads the answer to a query; the result is null unless the status is done.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static (ShardStatus Status, QueryResult? Result) DecodeResult(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        ShardStatus status = FormV1.ReadEnum<ShardStatus>(ref from);
        QueryResult? result = status == ShardStatus.Done ? ResultCodec.DecodeQueryResult(ref from) : null;
        from.End();
        return (status, result);
    }

    /// <summary>Reads the answer to an opening; it is null unless the status is done.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static (ShardStatus Status, ObjectOpening? Opening) DecodeOpening(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        ShardStatus status = FormV1.ReadEnum<ShardStatus>(ref from);
        ObjectOpening? opening = null;
        if (status == ShardStatus.Done)
        {
            QueryResult result = ResultCodec.DecodeQueryResult(ref from);
            ObjectData? data = from.Bool() ? ResultCodec.DecodeData(ref from) : null;
            opening = new ObjectOpening(result, data, FormV1.ReadMemory(ref from));
        }

        from.End();
        return (status, opening);
    }

    /// <summary>Reads the answer to a listing; the page is null unless the status is done.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static (ShardStatus Status, ListPage? Page) DecodePage(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        ShardStatus status = FormV1.ReadEnum<ShardStatus>(ref from);
        ListPage? page = null;
        if (status == ShardStatus.Done)
        {
            QueryResult result = ResultCodec.DecodeQueryResult(ref from);
            ReadOnlyMemory<byte> goesOnAt = FormV1.ReadMemory(ref from);
            page = new ListPage(result, goesOnAt, new ListStamp(from.UInt64(), from.UInt64()));
        }

        from.End();
        return (status, page);
    }

    /// <summary>Reads the bytes of an inline part; null when the group does not have them.</summary>
    /// <exception cref="MalformedDataException">It is no such answer.</exception>
    public static ReadOnlyMemory<byte>? DecodeInline(ReadOnlyMemory<byte> answer)
    {
        var from = new ByteReader(answer.Span);
        return FormV1.ReadEnum<ShardStatus>(ref from) == ShardStatus.Done ? answer[1..] : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Reads the answer about live blobs, in order of their ids; and whether there are more.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static (IReadOnlyList<NamedBlob> Blobs, bool More) DecodeBlobs(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        bool more = from.Bool();
        var blobs = new NamedBlob[from.Count()];
        for (int i = 0; i < blobs.Length; i++)
        {
            BlobRef blob = ResultCodec.DecodeBlob(ref from);
            blobs[i] = new NamedBlob(blob, from.Bool());
        }

        from.End();
        return (blobs, more);
    }

    /// <summary>Reads how far a transfer is.</summary>
    /// <exception cref="MalformedDataException">It is no such answer.</exception>
    public static TransferStatus DecodeTransfer(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        bool isKnown = from.Bool();
        bool isCaughtUp = from.Bool();
        ulong backlog = from.UInt64();
        bool isReady = from.Bool();
        ulong frozenAt = from.UInt64();
        ulong floor = from.UInt64();
        var status = new TransferStatus(isKnown, isCaughtUp, backlog, isReady, frozenAt, floor, RangeCommandForm.ReadNumbers(ref from));
        from.End();
        return status;
    }

    /// <summary>Reads how a change ended; null when it is not decided (or so long ago that it is forgotten).</summary>
    /// <exception cref="MalformedDataException">It is no such answer.</exception>
    public static CommandResult? DecodeOutcome(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        CommandResult? result = FormV1.ReadEnum<ShardStatus>(ref from) == ShardStatus.Done ? ResultCodec.DecodeCommandResult(ref from) : null;
        from.End();
        return result;
    }

    internal static object Read(ReadOnlySpan<byte> query)
    {
        var from = new ByteReader(query);
        if (from.Byte() != ShardCommandCodec.CommandKind)
        {
            throw new MalformedDataException("no question about metadata");
        }

        FormV1.CheckVersion(ref from, "question");
        switch (FormV1.ReadEnum<Kind>(ref from))
        {
            case Kind.Query:
                return QueryCodec.Decode(from.Raw(from.Remaining));
            case Kind.Open:
                return QueryCodec.Decode(from.Raw(from.Remaining)) is GetObjectQuery get
                    ? new OpenQuery(get)
                    : throw new MalformedDataException("only objects are opened");
            case Kind.ReadInline:
                var inline = new InlineQuery(ReadBlob(ref from));
                from.End();
                return inline;
            case Kind.LiveBlobs:
                var blobs = new BlobsQuery(ReadBlob(ref from), ReadBlob(ref from), FormV1.ReadInt(ref from));
                from.End();
                return blobs;
            case Kind.List:
                ReadOnlyMemory<byte> start = FormV1.ReadMemory(ref from);
                MetadataQuery listed = QueryCodec.Decode(from.Raw(from.Remaining));
                return listed is ListObjectsQuery or ListVersionsQuery or ListUploadsQuery
                    ? new ListQuery(listed, start)
                    : throw new MalformedDataException("no listing of a bucket");
            case Kind.Transfer:
                var transfer = new TransferQuery(from.UInt64());
                from.End();
                return transfer;
            default:
                var outcome = new OutcomeQuery(from.UInt64());
                from.End();
                return outcome;
        }
    }

    private static ByteWriter Start(Kind kind)
    {
        var to = new ByteWriter();
        to.Byte(ShardCommandCodec.CommandKind);
        to.Byte(FormV1.Version);
        to.Byte((byte)kind);
        return to;
    }

    internal static void Write(ByteWriter to, ObjectOpening opening)
    {
        ResultCodec.Encode(opening.Result, to);
        to.Bool(opening.Data is not null);
        if (opening.Data is { } data)
        {
            ResultCodec.Encode(data, to);
        }

        to.Bytes(opening.InlineBody.Span);
    }

    internal static void Write(ByteWriter to, ListPage page)
    {
        ResultCodec.Encode(page.Result, to);
        to.Bytes(page.GoesOnAt.Span);
        to.UInt64(page.Stamp.Life);
        to.UInt64(page.Stamp.ChangedAt);
    }

    internal static void Write(ByteWriter to, TransferStatus status)
    {
        to.Bool(status.IsKnown);
        to.Bool(status.IsCaughtUp);
        to.UInt64(status.Backlog);
        to.Bool(status.IsReady);
        to.UInt64(status.FrozenAt);
        to.UInt64(status.EpochFloor);
        RangeCommandForm.WriteNumbers(to, status.ClosedEpochs);
    }

    internal static void Write(ByteWriter to, (List<NamedBlob> Blobs, bool More) page)
    {
        to.Bool(page.More);
        to.VarUInt((ulong)page.Blobs.Count);
        foreach (NamedBlob named in page.Blobs)
        {
            ResultCodec.Encode(named.Blob, to);
            to.Bool(named.IsOwn);
        }
    }

    private static void Write(ByteWriter to, BlobId blob)
    {
        to.UInt64(blob.Epoch);
        to.UInt64(blob.Number);
    }

    private static BlobId ReadBlob(ref ByteReader from) => new(from.UInt64(), from.UInt64());

    internal sealed record OpenQuery(GetObjectQuery Object);

    internal sealed record InlineQuery(BlobId Blob);

    internal sealed record BlobsQuery(BlobId From, BlobId Last, int Max);

    internal sealed record ListQuery(MetadataQuery Query, ReadOnlyMemory<byte> From);

    internal sealed record TransferQuery(ulong Transfer);

    internal sealed record OutcomeQuery(ulong Change);
}
