using System;
using System.Collections.Generic;
using System.Threading.Tasks;
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

    /// <summary>Answers any of them.</summary>
    internal static async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IReadView state, ReadOnlyMemory<byte> query)
    {
        var to = new ByteWriter();
        switch (Read(query.Span))
        {
            case MetadataQuery asked:
                ResultCodec.Encode(await MetadataQueries.AnswerAsync(state, asked), to);
                break;
            case OpenQuery open:
                Write(to, await ObjectOpening.FindAsync(state, open.Object));
                break;
            case InlineQuery inline:
                return await ObjectOpening.ReadInlineAsync(state, inline.Blob);
            case BlobsQuery blobs:
                Write(to, await BlobTable.ListAsync(state, Tables.Blobs, blobs.From, blobs.Last, blobs.Max));
                break;
            default:
                throw new InvariantViolationException("no such question");
        }

        return to.WrittenMemory;
    }

    /// <summary>Reads the answer to a query.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static QueryResult DecodeResult(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        QueryResult result = ResultCodec.DecodeQueryResult(ref from);
        from.End();
        return result;
    }

    /// <summary>Reads the answer to an opening.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static ObjectOpening DecodeOpening(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        QueryResult result = ResultCodec.DecodeQueryResult(ref from);
        ObjectData? data = from.Bool() ? ResultCodec.DecodeData(ref from) : null;
        var opening = new ObjectOpening(result, data, FormV1.ReadMemory(ref from));
        from.End();
        return opening;
    }

    /// <summary>Reads the answer about live blobs, in order of their ids; and whether there are more.</summary>
    /// <exception cref="MalformedDataException">It is none.</exception>
    public static (IReadOnlyList<BlobRef> Blobs, bool More) DecodeBlobs(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        bool more = from.Bool();
        var blobs = new BlobRef[from.Count()];
        for (int i = 0; i < blobs.Length; i++)
        {
            blobs[i] = ResultCodec.DecodeBlob(ref from);
        }

        from.End();
        return (blobs, more);
    }

    private static object Read(ReadOnlySpan<byte> query)
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
            default:
                var blobs = new BlobsQuery(ReadBlob(ref from), ReadBlob(ref from), FormV1.ReadInt(ref from));
                from.End();
                return blobs;
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

    private static void Write(ByteWriter to, ObjectOpening opening)
    {
        ResultCodec.Encode(opening.Result, to);
        to.Bool(opening.Data is not null);
        if (opening.Data is { } data)
        {
            ResultCodec.Encode(data, to);
        }

        to.Bytes(opening.InlineBody.Span);
    }

    private static void Write(ByteWriter to, (List<BlobRef> Blobs, bool More) page)
    {
        to.Bool(page.More);
        to.VarUInt((ulong)page.Blobs.Count);
        foreach (BlobRef blob in page.Blobs)
        {
            ResultCodec.Encode(blob, to);
        }
    }

    private static void Write(ByteWriter to, BlobId blob)
    {
        to.UInt64(blob.Epoch);
        to.UInt64(blob.Number);
    }

    private static BlobId ReadBlob(ref ByteReader from) => new(from.UInt64(), from.UInt64());

    private sealed record OpenQuery(GetObjectQuery Object);

    private sealed record InlineQuery(BlobId Blob);

    private sealed record BlobsQuery(BlobId From, BlobId Last, int Max);
}
