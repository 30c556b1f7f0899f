using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Walks all rows that belong to the object keys of a range: those that are ordered by position, and what they own elsewhere.</summary>
internal static class RangeRows
{
    internal static readonly byte[] OrderedTables = [Tables.Objects, Tables.NullVersions, Tables.Uploads, Tables.CompletedUploads];

    /// <summary>Where the rows of a range are in a table.</summary>
    internal static IScan Scan(IReadView state, byte table, PositionRange range) => state.Scan(
        new[] { table }.Concat(range.From), range.To.IsEmpty ? new[] { (byte)(table + 1) } : new[] { table }.Concat(range.To));

    /// <summary>The end of a piece of a range that has about so many rows: always between two object keys. Empty when the rest of the range has no more.</summary>
    internal static async ValueTask<ReadOnlyMemory<byte>> FindPieceEndAsync(IReadView state, PositionRange range, int rowsMax)
    {
        ReadOnlyMemory<byte> end = default;
        foreach (byte table in OrderedTables)
        {
            using IScan scan = Scan(state, table, range with { To = end.IsEmpty ? range.To : end });
            int rows = 0;
            while (await scan.NextAsync())
            {
                if (++rows == rowsMax)
                {
                    end = Positions.AfterKeyOfRow(scan.Key.Span);
                    break;
                }
            }
        }

        return end;
    }

    /// <summary>What a row of an ordered table owns in other tables: inline bodies, part lists, parts, and the table of blobs.</summary>
    /// <param name="state">The group's rows.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="value">The row.</param>
    /// <param name="isWhole">The state must have all that a row owns; false where rows are being removed or were taken in halfway.</param>
    /// <param name="found">Called for each row owned; the bytes stay as they are.</param>
    internal static ValueTask VisitOwnedAsync(
        IReadView state, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, bool isWhole, Action<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> found) => key.Span[0] switch
        {
            Tables.Objects => VisitObjectAsync(state, RowFormat.DecodeObject(value, "", 1), isWhole, found),
            Tables.Uploads => VisitUploadAsync(state, RowFormat.DecodeUpload(value.Span), found),
            _ => ValueTask.CompletedTask,
        };

    private static async ValueTask VisitObjectAsync(IReadView state, ObjectRow row, bool isWhole, Action<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> found)
    {
        await VisitDataAsync(state, row.DataOutside, found);
        if (row.PartListId == 0)
        {
            return;
        }

        byte[] key = RowKeys.PartList(row.PartListId);
        if (await state.GetAsync(key) is not { } list)
        {
            if (isWhole)
            {
                throw new MalformedDataException("multipart object without its part list");
            }

            return;
        }

        found(key, list);
        foreach (StoredPart part in RowFormat.DecodePartList(list.Span))
        {
            await VisitDataAsync(state, part.Data, found);
        }
    }

    private static async ValueTask VisitUploadAsync(IReadView state, UploadRow row, Action<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> found)
    {
        using IScan scan = state.Scan(RowKeys.Numbered(Tables.Parts, row.Serial), RowKeys.Numbered(Tables.Parts, row.Serial + 1));
        while (await scan.NextAsync())
        {
            byte[] part = scan.Value.ToArray();
            found(scan.Key.ToArray(), part);
            await VisitDataAsync(state, RowFormat.DecodePart(part).Data, found);
        }
    }

    private static async ValueTask VisitDataAsync(IReadView state, ObjectData data, Action<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> found)
    {
        if (data.Inline is { } inline)
        {
            await VisitAsync(state, RowKeys.InlineBody(inline.Id), found);
        }

        for (int i = 0; i < data.Blobs.Count; i++)
        {
            await VisitAsync(state, RowKeys.OfBlob(Tables.Blobs, data.Blobs[i].Id), found);
        }
    }

    private static async ValueTask VisitAsync(IReadView state, byte[] key, Action<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> found)
    {
        if (await state.GetAsync(key) is { } value)
        {
            found(key, value);
        }
    }
}
