using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>All that is needed to stream an object.</summary>
/// <param name="Result">The answer to the query.</param>
/// <param name="Data">Where the bytes are; null on error. An inline part is a blob of chunk size 0.</param>
/// <param name="InlineBody">The bytes of an inline body.</param>
public sealed record ObjectOpening(QueryResult Result, ObjectData? Data, ReadOnlyMemory<byte> InlineBody)
{
    /// <summary>True when there are bytes outside this answer, which must not be reclaimed while they are read.</summary>
    public bool HasBlobs => Data is { Blobs.Count: > 0 };

    internal static async ValueTask<ObjectOpening> FindAsync(IReadView state, GetObjectQuery query)
    {
        (QueryResult result, ObjectRow? row) = await MetadataQueries.FindObjectAsync(state, query);
        if (row is null)
        {
            return new ObjectOpening(result, null, default);
        }

        if (row.PartListId != 0)
        {
            StoredPart[] parts = await MetadataQueries.ReadPartsAsync(state, row);
            QueryResult withParts = query.WithParts ? result with { Parts = MetadataQueries.Summarize(parts) } : result;
            return new ObjectOpening(withParts, Together(parts), default);
        }

        if (!row.Body.IsEmpty)
        {
            return new ObjectOpening(result, row.Data, row.Body);
        }

        if (row.Data.Inline is { } inline)
        {
            ReadOnlyMemory<byte>? body = await state.GetAsync(RowKeys.InlineBody(inline.Id));
            return new ObjectOpening(result, row.Data, body ?? throw new MalformedDataException("object without its inline body"));
        }

        return new ObjectOpening(result, row.Data, default);
    }

    internal static async ValueTask<ReadOnlyMemory<byte>> ReadInlineAsync(IReadView state, BlobId blob) =>
        await state.GetAsync(RowKeys.InlineBody(blob)) ?? throw new MalformedDataException("part without its inline body");

    /// <summary>The data of all parts in order; an inline part becomes a blob of chunk size 0.</summary>
    private static ObjectData Together(StoredPart[] parts)
    {
        var blobs = new List<BlobRef>(parts.Length);
        foreach (StoredPart part in parts)
        {
            if (part.Data.Inline is { } inline)
            {
                blobs.Add(inline with { ChunkSizeBytes = 0 });
            }

            blobs.AddRange(part.Data.Blobs);
        }

        return new ObjectData { Blobs = blobs };
    }
}
