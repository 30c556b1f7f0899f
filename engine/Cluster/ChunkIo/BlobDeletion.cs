using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Deletes all that is stored of blobs that nobody reads any more.</summary>
/// <remarks>
/// It succeeds only when every disk that may hold some of it has answered, or is given up: what a disk keeps that was down would be told from a blob in the making only after its gateway's
/// epoch is closed. Shards on disks that were the group's before are swept there (<see cref="StraySweeper"/>).
/// </remarks>
public sealed class BlobDeletion(ShardClient client, ChunkIoOptions options)
{
    /// <summary>Deletes the shards of these blobs. Any thread.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>: something of them may still be stored; try again.</exception>
    public async Task DeleteAsync(IReadOnlyList<BlobRef> blobs)
    {
        ArgumentNullException.ThrowIfNull(blobs);
        int left = await client.Loop.CallAsync(
            static async call =>
            {
                ClusterMap map = call.Client.Maps.Current;
                var deletions = new SortedDictionary<DiskId, List<ShardRange>>();
                foreach (BlobRef blob in call.Blobs)
                {
                    Add(deletions, map, ShardRange.Of(blob.Id), map.GroupFor(blob.Id));
                }

                return await DeleteAsync(call.Client, deletions, call.Timeout);
            },
            (Client: client, Blobs: blobs, Timeout: options.DeleteTimeout));
        if (left > 0)
        {
            throw new StorageException(StorageError.Unavailable, "shards", -1, $"{left} disks have not deleted what they were told");
        }
    }

    internal static void Add(SortedDictionary<DiskId, List<ShardRange>> deletions, ClusterMap map, ShardRange range, PlacementGroup group)
    {
        foreach (SlotRecord slot in group.Slots)
        {
            foreach (DiskId disk in new[] { slot.Disk, slot.Source })
            {
                if (map.FindDisk(disk) is { State: MemberState.In or MemberState.Draining })
                {
                    if (!deletions.TryGetValue(disk, out List<ShardRange>? ranges))
                    {
                        deletions.Add(disk, ranges = []);
                    }

                    ranges.Add(range);
                }
            }
        }
    }

    /// <returns>Disks that have not done it.</returns>
    internal static async ValueTask<int> DeleteAsync(ShardClient client, SortedDictionary<DiskId, List<ShardRange>> deletions, TimeSpan timeout)
    {
        var calls = new List<Task<ShardError>>();
        foreach ((DiskId disk, List<ShardRange> ranges) in deletions)
        {
            calls.Add(client.DeleteAsync(disk, ranges, timeout));
        }

        int left = 0;
        foreach (Task<ShardError> call in calls)
        {
            left += await call == ShardError.None ? 0 : 1;
        }

        return left;
    }
}
