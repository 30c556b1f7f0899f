using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Cluster;

/// <summary>On the leader of the root group: brings changes of buckets that several groups share to their end, one after another.</summary>
/// <remarks>
/// All groups with a part of the bucket prepare; the root group decides; all are told; the root group forgets. The groups stay the same meanwhile: the directory switches no range of a bucket
/// that is being changed.
/// </remarks>
public sealed class BucketCoordinator : LeaderWorker
{
    private static readonly TimeSpan BusyDelay = TimeSpan.FromMilliseconds(10);

    private readonly ShardModule _shard;
    private readonly DirectoryModule _directory;

    /// <summary>Prepares it; <see cref="LeaderWorker.Start"/> it.</summary>
    public BucketCoordinator(NodeEnvironment environment, IRaftGroup raft, GroupMachine machine, ShardModule shard, DirectoryModule directory, IGroupCalls groups)
        : base("bucket-coordinator", environment, raft, machine, groups) => (_shard, _directory) = (shard, directory);

    /// <inheritdoc/>
    protected override Task WaitForProgressAsync() => _shard.Progress.WaitAsync();

    /// <inheritdoc/>
    protected override async ValueTask<TimeSpan> LeadAsync()
    {
        BucketChange? first = null;
        foreach (BucketChange pending in _shard.PendingChanges)
        {
            first = pending;
            break;
        }

        if (first is not { } change)
        {
            return Timeout.InfiniteTimeSpan;
        }

        SortedSet<GroupId> groups = _directory.Directory.GroupsOf(Positions.OfBucket(change.BucketId));
        groups.Remove(RangeDirectory.Root);
        if (change.IsDecided)
        {
            foreach (GroupId group in groups)
            {
                await ProposeToAsync(group, new FinishBucketCommand(change.Id, change.Id, change.Name, change.BucketId, change.TookPlace, change.Bucket));
            }

            await ProposeAsync(new ForgetBucketCommand(change.Id));
            Environment.Trace.Mark("bucket-change-finished");
            return TimeSpan.Zero;
        }

        return await PrepareAsync(change, groups);
    }

    private async ValueTask<TimeSpan> PrepareAsync(BucketChange change, SortedSet<GroupId> groups)
    {
        foreach (GroupId group in groups)
        {
            ShardAnswer answer = await ProposeToAsync(group, new PrepareBucketCommand(change.Id, change.Id, change.Name, change.BucketId, change.MustBeEmpty));
            if (answer.Status != ShardStatus.Done || answer.Result is not { } result)
            {
                return BusyDelay;
            }

            if (result.Error != MetadataError.None)
            {
                await ProposeAsync(new DecideBucketCommand(change.Id, result.Error));
                return TimeSpan.Zero;
            }
        }

        await ProposeAsync(new DecideBucketCommand(change.Id, MetadataError.None));
        return TimeSpan.Zero;
    }
}
