using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>Finds the group that decides for a key. On the loop of its client.</summary>
/// <remarks>
/// What is remembered may be wrong in any way: a group that does not have the key says so, and then both the directory and the bucket's number are asked for again at the root group, whose
/// word on whether a bucket exists is final.
/// </remarks>
internal sealed class ShardRouter(GroupClient client, DirectoryCache directory)
{
    private const int BucketsMax = 10_000;
    private static readonly GetBucketQuery NoQuery = new("");

    private readonly SortedDictionary<string, ulong> _bucketIds = new(StringComparer.Ordinal);

    internal GroupClient Client => client;

    internal RangeDirectory Directory => directory.Current;

    /// <summary>The root group decides for everything, and knows which buckets there are: nothing has to be looked up.</summary>
    internal bool IsAllInRoot => Directory.Ranges.Count == 1 && Directory.Ranges[0].Group == RangeDirectory.Root;

    /// <summary>The group for a key, or null when there is no such bucket.</summary>
    internal async ValueTask<GroupId?> FindAsync(string bucket, string key, TimeSpan deadline)
    {
        if (IsAllInRoot)
        {
            return RangeDirectory.Root;
        }

        return await FindBucketAsync(bucket, deadline) is { } id ? Directory.Find(Positions.Of(id, key)).Group : null;
    }

    /// <summary>The number of a bucket, or null when there is none of that name.</summary>
    internal async ValueTask<ulong?> FindBucketAsync(string bucket, TimeSpan deadline)
    {
        if (_bucketIds.TryGetValue(bucket, out ulong known))
        {
            return known;
        }

        ReadOnlyMemory<byte> answer = await client.AskAsync(RangeDirectory.Root, ShardQueries.Encode(NoQuery with { Name = bucket }), deadline);
        if (ShardQueries.DecodeResult(answer.Span).Result?.Bucket is not { } found)
        {
            return null;
        }

        if (_bucketIds.Count >= BucketsMax)
        {
            _bucketIds.Clear();
        }

        _bucketIds[bucket] = found.Id;
        return found.Id;
    }

    /// <summary>A group did not have what was looked for: nothing remembered about it is trusted any more.</summary>
    internal async ValueTask MistrustAsync(string bucket)
    {
        client.Environment.Trace.Mark("route-corrected");
        _bucketIds.Remove(bucket);
        await directory.RefreshAsync(client);
    }
}
