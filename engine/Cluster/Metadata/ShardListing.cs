using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>Lists a bucket whose keys may be in several groups. On the loop of the router's client.</summary>
/// <remarks>
/// Linearizable: the parts are read one after another, then all groups but the last are asked whether the bucket has changed there since. If none has, the page is the state of the bucket at the
/// moment at which the last part was read. Otherwise the page ends where the first part does, or, when that has nothing, is read again.
/// </remarks>
internal sealed class ShardListing(ShardRouter router)
{
    /// <summary>One page; null when the ranges have moved or are moving: try again.</summary>
    internal async ValueTask<QueryResult?> TryAsync(string bucket, MetadataQuery query, TimeSpan deadline)
    {
        if (ListingMerge.EntriesMaxOf(query) <= 0 || router.IsAllInRoot)
        {
            return await TryFirstAsync(bucket, query, deadline);
        }

        if (await router.FindBucketAsync(bucket, deadline) is not { } id)
        {
            return new QueryResult { Error = MetadataError.NoSuchBucket };
        }

        var parts = new List<(GroupId Group, ReadOnlyMemory<byte> From, ListStamp Stamp)>();
        QueryResult? first = null;
        QueryResult? whole = null;
        ReadOnlyMemory<byte> from = ListingPlace.Of(id, query).From;

        // Ends with the last range of the bucket at the latest.
        while (true)
        {
            int room = ListingMerge.EntriesMaxOf(query) - (whole is null ? 0 : ListingMerge.CountOf(whole));
            MetadataQuery rest = ListingMerge.WithMax(whole is null ? query : ListingMerge.After(query, whole), int.Max(room, 1));
            GroupId group = router.Directory.Find(from).Group;
            if (await AskAsync(group, bucket, rest, from, deadline) is not { } page)
            {
                return null;
            }

            if (page.Result.Error != MetadataError.None)
            {
                // Only the root group says that a bucket is not there, and it is right.
                return page.Result;
            }

            if (room <= 0)
            {
                // The page is full; this only tells whether there is more.
                if (ListingMerge.CountOf(page.Result) > 0)
                {
                    whole = ListingMerge.Cut(whole!);
                }
            }
            else
            {
                whole = whole is null ? page.Result : ListingMerge.Join(whole, page.Result);
            }

            first ??= page.Result;
            parts.Add((group, from, page.Stamp));
            if (whole!.IsTruncated || page.GoesOnAt.IsEmpty)
            {
                break;
            }

            from = page.GoesOnAt;
        }

        return await IsUnchangedAsync(bucket, query, parts, deadline) ? whole : ListingMerge.CountOf(first) > 0 ? ListingMerge.Cut(first) : null;
    }

    /// <summary>One range, or nothing to list: the group of the start knows all.</summary>
    private async ValueTask<QueryResult?> TryFirstAsync(string bucket, MetadataQuery query, TimeSpan deadline)
    {
        GroupId group = RangeDirectory.Root;
        ReadOnlyMemory<byte> from = default;
        if (!router.IsAllInRoot)
        {
            if (await router.FindBucketAsync(bucket, deadline) is not { } id)
            {
                return new QueryResult { Error = MetadataError.NoSuchBucket };
            }

            from = ListingPlace.Of(id, query).From;
            group = router.Directory.Find(from).Group;
        }

        if (await AskAsync(group, bucket, query, from, deadline) is not { } page)
        {
            return null;
        }

        if (page.GoesOnAt.IsEmpty || ListingMerge.EntriesMaxOf(query) <= 0)
        {
            return page.Result;
        }

        // There are more ranges than this node knows of.
        await router.MistrustAsync(bucket);
        return null;
    }

    private async ValueTask<bool> IsUnchangedAsync(
        string bucket, MetadataQuery query, List<(GroupId Group, ReadOnlyMemory<byte> From, ListStamp Stamp)> parts, TimeSpan deadline)
    {
        for (int i = 0; i < parts.Count - 1; i++)
        {
            (GroupId group, ReadOnlyMemory<byte> from, ListStamp stamp) = parts[i];
            if (await AskAsync(group, bucket, ListingMerge.WithMax(query, 0), from, deadline) is not { } page || page.Stamp != stamp)
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<ListPage?> AskAsync(GroupId group, string bucket, MetadataQuery query, ReadOnlyMemory<byte> from, TimeSpan deadline)
    {
        (ShardStatus status, ListPage? page) = ShardQueries.DecodePage((await router.Client.AskAsync(group, ShardQueries.EncodeList(query, from), deadline)).Span);
        if (status == ShardStatus.WrongShard)
        {
            await router.MistrustAsync(bucket);
        }

        return page;
    }
}
