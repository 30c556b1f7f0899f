using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Removes the rows of a range that has left, a bounded number at a time. Their blobs live on in the group that has the range now: nothing is freed.</summary>
internal static class RangeCleaning
{
    internal static async ValueTask<ShardAnswer> ApplyAsync(GroupStep step, RangeTransfers ranges, int rowsMax, bool keepsBuckets)
    {
        PositionRange? leaving = null;
        foreach (Holding holding in ranges.Holdings.List)
        {
            if (holding.State == HoldingState.Leaving)
            {
                leaving = holding.Range;
                break;
            }
        }

        if (leaving is not { } range)
        {
            return ShardAnswer.Done;
        }

        // Uploads of buckets that were deleted here are still to be freed from here.
        if (await HasBucketUploadsAsync(step.State))
        {
            return new ShardAnswer(ShardStatus.Busy, null);
        }

        int rows = 0;
        foreach (byte table in RangeRows.OrderedTables)
        {
            using IScan scan = RangeRows.Scan(step.State, table, range);
            while (rows < rowsMax && await scan.NextAsync())
            {
                byte[] key = scan.Key.ToArray();
                await RangeRows.VisitOwnedAsync(step.State, key, scan.Value.ToArray(), isWhole: false, (owned, _) =>
                {
                    step.Batch.Delete(owned);
                    rows++;
                });
                step.Batch.Delete(key);
                rows++;
            }
        }

        if (rows == 0)
        {
            await LetGoAsync(step, ranges, range, keepsBuckets);
        }

        return ShardAnswer.Done with { Value = 1 };
    }

    private static async ValueTask LetGoAsync(GroupStep step, RangeTransfers ranges, PositionRange range, bool keepsBuckets)
    {
        Holdings after = ranges.Holdings.With(range, null);
        ranges.LetGo(step, range);
        if (keepsBuckets)
        {
            return;
        }

        using IScan scan = step.State.Scan(RowKeys.Named(Tables.Buckets, ""), new[] { (byte)(Tables.Buckets + 1) });
        while (await scan.NextAsync())
        {
            if (after.IsFree(Positions.OfBucket(RowFormat.DecodeBucket(scan.Value.Span).Id)))
            {
                step.Batch.Delete(scan.Key.ToArray());
            }
        }
    }

    private static async ValueTask<bool> HasBucketUploadsAsync(IReadView state)
    {
        using IScan scan = state.Scan(RowKeys.Numbered(Tables.Garbage, 0), new[] { (byte)(Tables.Garbage + 1) });
        while (await scan.NextAsync())
        {
            if (RowFormat.DecodeGarbage(scan.Value.Span).Kind == GarbageKind.BucketUploads)
            {
                return true;
            }
        }

        return false;
    }
}
