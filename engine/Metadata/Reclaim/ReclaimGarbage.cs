using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Works garbage rows off, oldest first, a bounded number of rows at a time. What is left of a row is written back, so it goes on after a crash.</summary>
internal static class ReclaimGarbage
{
    internal static async ValueTask<CommandResult> ApplyAsync(Transition transition, ReclaimCommand command, BlobRelease release)
    {
        var work = new Work(transition, release, command.RowsMax);
        using IScan scan = transition.State.Scan(
            RowKeys.Numbered(Tables.Garbage, command.FromSequence), RowKeys.Numbered(Tables.Garbage, command.UpToSequence + 1));
        while (work.RowsLeft > 0 && await scan.NextAsync())
        {
            byte[] key = scan.Key.ToArray();
            GarbageRow row = RowFormat.DecodeGarbage(scan.Value.Span);
            if (await work.DoAsync(row) is { } rest)
            {
                transition.Batch.Put(key, RowFormat.Encode(rest));
                break;
            }

            transition.Batch.Delete(key);
            work.RowsLeft--;
        }

        return new CommandResult();
    }

    private sealed class Work(Transition transition, BlobRelease release, int rowsMax)
    {
        internal int RowsLeft { get; set; } = rowsMax;

        /// <summary>Does as much of a row as there is room for; returns what is left of it, or null.</summary>
        internal ValueTask<GarbageRow?> DoAsync(GarbageRow row) => row.Kind switch
        {
            GarbageKind.Blob => FreeBlobAsync(row),
            GarbageKind.PartList => FreePartListAsync(row),
            GarbageKind.Upload => FreeUploadAsync(row),
            _ => FreeBucketUploadsAsync(row),
        };

        private async ValueTask<GarbageRow?> FreeBlobAsync(GarbageRow row) => await FreeAsync(row.Blob) ? null : row;

        private async ValueTask<GarbageRow?> FreePartListAsync(GarbageRow row)
        {
            byte[] key = RowKeys.PartList(row.Number);
            if (await transition.State.GetAsync(key) is { } found)
            {
                StoredPart[] parts = RowFormat.DecodePartList(found.Span);
                for (int i = row.Done; i < parts.Length; i++)
                {
                    if (RowsLeft <= 0 || !await FreeAsync(parts[i].Data))
                    {
                        return row with { Done = i };
                    }
                }

                transition.Batch.Delete(key);
            }

            return null;
        }

        private async ValueTask<GarbageRow?> FreeUploadAsync(GarbageRow row)
        {
            using IScan scan = transition.State.Scan(
                RowKeys.Numbered(Tables.Parts, row.Number), RowKeys.Numbered(Tables.Parts, row.Number + 1));
            while (RowsLeft > 0)
            {
                if (!await scan.NextAsync())
                {
                    return null;
                }

                byte[] key = scan.Key.ToArray();
                if (!await FreeAsync(RowFormat.DecodePart(scan.Value.Span).Data))
                {
                    return row;
                }

                transition.Batch.Delete(key);
                RowsLeft--;
            }

            return row;
        }

        private async ValueTask<GarbageRow?> FreeBucketUploadsAsync(GarbageRow row)
        {
            using IScan scan = transition.State.Scan(
                RowKeys.OfBucket(Tables.Uploads, row.Number), RowKeys.OfBucket(Tables.Uploads, row.Number + 1));
            while (await scan.NextAsync())
            {
                if (RowsLeft <= 0)
                {
                    return row;
                }

                transition.Batch.Delete(scan.Key.ToArray());
                transition.AddGarbage(new GarbageRow(GarbageKind.Upload, default, RowFormat.DecodeUpload(scan.Value.Span).Serial, 0));
                RowsLeft--;
            }

            return null;
        }

        private async ValueTask<bool> FreeAsync(ObjectData data)
        {
            if (data.Inline is { } inline)
            {
                transition.Batch.Delete(RowKeys.InlineBody(inline.Id));
                RowsLeft--;
            }

            for (int i = 0; i < data.Blobs.Count; i++)
            {
                if (RowsLeft <= 0 || !await FreeAsync(data.Blobs[i]))
                {
                    return false;
                }
            }

            return true;
        }

        private async ValueTask<bool> FreeAsync(BlobRef blob)
        {
            // A chunk has two rows: its place, and what lies at that place.
            int before = transition.Batch.Operations.Count;
            bool done = await release(transition.Batch, blob, (RowsLeft + 1) / 2);
            RowsLeft -= transition.Batch.Operations.Count - before;
            return done;
        }
    }
}
