using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The blobs that a group's rows name: one row each, ordered by blob id, so that those of one placement group are together.</summary>
/// <remarks>
/// A blob is in the table of live blobs from the command that names it to the command that frees it after its last reader; then in the table of doomed ones until
/// its shards are deleted. Invariant: never in both. Inline bodies are in neither.
/// </remarks>
internal static class BlobTable
{
    private const byte Version = 1;

    /// <param name="batch">Where the rows go.</param>
    /// <param name="data">Names the blobs.</param>
    /// <param name="position">Of the object key that they belong to.</param>
    internal static void AddAll(WriteBatch batch, ObjectData data, ReadOnlyMemory<byte> position)
    {
        for (int i = 0; i < data.Blobs.Count; i++)
        {
            batch.Put(RowKeys.OfBlob(Tables.Blobs, data.Blobs[i].Id), Encode(data.Blobs[i], position.Span));
        }
    }

    /// <summary>Nothing reads the blob any more: its shards may go. Whole at once, since only its rows are concerned.</summary>
    internal static ValueTask<bool> DoomAsync(WriteBatch batch, BlobRef blob, int rowsMax)
    {
        batch.Delete(RowKeys.OfBlob(Tables.Blobs, blob.Id));
        batch.Put(RowKeys.OfBlob(Tables.DoomedBlobs, blob.Id), Encode(blob, default));
        return new ValueTask<bool>(true);
    }

    internal static void Forget(WriteBatch batch, BlobId blob) => batch.Delete(RowKeys.OfBlob(Tables.DoomedBlobs, blob));

    /// <summary>Blobs of a table in order of their ids, both ends included.</summary>
    /// <returns>At most <paramref name="max"/>; and whether there are more.</returns>
    internal static async ValueTask<(List<BlobRef> Blobs, bool More)> ListAsync(IReadView state, byte table, BlobId from, BlobId last, int max)
    {
        var blobs = new List<BlobRef>();
        byte[] end = [.. RowKeys.OfBlob(table, last), 0];
        using IScan scan = state.Scan(RowKeys.OfBlob(table, from), end);
        while (await scan.NextAsync())
        {
            if (blobs.Count == max)
            {
                return (blobs, true);
            }

            blobs.Add(Decode(RowKeys.BlobOf(scan.Key.Span), scan.Value.Span).Blob);
        }

        return (blobs, false);
    }

    /// <summary>As <see cref="ListAsync"/> for live blobs, telling those of the group's own ranges from those of ranges that come or go.</summary>
    internal static async ValueTask<(List<NamedBlob> Blobs, bool More)> ListOwnAsync(IReadView state, Holdings holdings, BlobId from, BlobId last, int max)
    {
        var blobs = new List<NamedBlob>();
        byte[] end = [.. RowKeys.OfBlob(Tables.Blobs, last), 0];
        using IScan scan = state.Scan(RowKeys.OfBlob(Tables.Blobs, from), end);
        while (await scan.NextAsync())
        {
            if (blobs.Count == max)
            {
                return (blobs, true);
            }

            (BlobRef blob, ReadOnlyMemory<byte> position) = Decode(RowKeys.BlobOf(scan.Key.Span), scan.Value.Span);
            bool isOwn = holdings.IsEverything || holdings.Find(position)?.State is HoldingState.Active or HoldingState.Frozen;
            blobs.Add(new NamedBlob(blob, isOwn));
        }

        return (blobs, false);
    }

    private static byte[] Encode(BlobRef blob, ReadOnlySpan<byte> position)
    {
        var to = new ByteWriter(16 + position.Length);
        to.Byte(Version);
        to.VarUInt((ulong)blob.LengthBytes);
        to.VarUInt((ulong)blob.ChunkSizeBytes);
        to.Bytes(position);
        return to.ToArray();
    }

    private static (BlobRef Blob, ReadOnlyMemory<byte> Position) Decode(BlobId id, ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("blob row of an unknown form");
        }

        var blob = new BlobRef(id, FormV1.ReadLength(ref from), FormV1.ReadInt(ref from));
        ReadOnlyMemory<byte> position = FormV1.ReadMemory(ref from);
        from.End();
        return (blob, position);
    }
}

/// <summary>A blob that rows of a group name.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="IsOwn">It belongs to a range of the group, so all of it should be stored. Otherwise its range is coming or going, and another group knows whether it still lives:
/// it must be kept, but it may be found deleted.</param>
public readonly record struct NamedBlob(BlobRef Blob, bool IsOwn);
