using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Settings of a node's groups besides the root group; limits are the same on all nodes.</summary>
public sealed record ShardGroupsOptions
{
    /// <summary>Limits of the metadata.</summary>
    public MetadataLimits Limits { get; init; } = new();

    /// <summary>Paces of reclaiming.</summary>
    public GroupReclaimerOptions Reclaim { get; init; } = new();

    /// <summary>Paces of sending ranges.</summary>
    public RangeSenderOptions Sender { get; init; } = new();

    /// <summary>Paces of measuring ranges.</summary>
    public RangeMeterOptions Meter { get; init; } = new();

    /// <summary>Patience with moves of ranges.</summary>
    public TransferDriverOptions Transfers { get; init; } = new();

    /// <summary>When ranges are split and put together.</summary>
    public BalanceOptions Balance { get; init; } = new();

    /// <summary>Between two looks at whether a member's disk was replaced.</summary>
    public TimeSpan PeerInterval { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The metadata groups of a node: opens those whose log is on its disk, makes those that the directory names its peer a founder of, and lets leaders take it into others.</summary>
/// <remarks>
/// A group is made with the membership that the directory says and never changes, on the disks of exactly those peers; so whatever order nodes learn of it in, none begins as somebody else. A peer that
/// is no founder waits to be told everything. Lives on the loop of the store.
/// </remarks>
/// <param name="environment">The seams.</param>
/// <param name="raft">This node's consensus; its loop and store are used.</param>
/// <param name="loop">Of the store.</param>
/// <param name="store">Holds all groups' rows.</param>
/// <param name="groups">Where replicas are found by others.</param>
/// <param name="client">Reaches groups.</param>
/// <param name="directory">The client's locator.</param>
/// <param name="founding">Tells peers of nodes.</param>
/// <param name="blobs">Deletes what was freed.</param>
/// <param name="options">Settings.</param>
public sealed class ShardGroups(
    NodeEnvironment environment,
    RaftHost raft,
    ILoop loop,
    IOrderedStore store,
    LocalGroups groups,
    GroupClient client,
    DirectoryCache directory,
    Founding founding,
    IBlobReclaimer blobs,
    ShardGroupsOptions options)
{
    private readonly SortedSet<GroupId> _opening = [];

    /// <summary>Called with the events that wait in each group that is opened, on the loop of the store; null: nobody here tells them.</summary>
    public Action<IEventOutbox>? Events { get; init; }

    /// <summary>Opens the groups on the disk; the root group is the caller's.</summary>
    /// <exception cref="StorageException">A group is damaged.</exception>
    public async Task OpenHeldAsync()
    {
        foreach (GroupId group in await raft.ListGroupsAsync())
        {
            if (group != RangeDirectory.Root && _opening.Add(group))
            {
                await OpenAsync(group, null);
            }
        }
    }

    /// <summary>A leader sends to this node's peer for a group that is not open here.</summary>
    public void TakenIn(GroupId group)
    {
        if (group != RangeDirectory.Root && _opening.Add(group))
        {
            environment.Spawner.Spawn(loop, "group-taken-in", () => TakeInAsync(group));
        }
    }

    /// <summary>The work of the root group's replica here, begun once it is open: makes groups as they are added, and on the leader moves ranges and changes buckets.</summary>
    /// <param name="root">The replica.</param>
    /// <param name="shard">Its metadata.</param>
    /// <param name="ranges">Its directory.</param>
    public void StartRoot(LocalGroup root, ShardModule shard, DirectoryModule ranges)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(ranges);
        StartWorkers(root.Raft, root.Machine, shard);
        new TransferDriver(environment, root.Raft, root.Machine, ranges, client, options.Transfers).Start(loop);
        new BucketCoordinator(environment, root.Raft, root.Machine, shard, ranges, client).Start(loop);
        new RangeBalancer(environment, root.Raft, root.Machine, ranges, client, options.Balance).Start(loop);
        environment.Spawner.Spawn(loop, "groups-follow", () => FollowAsync(ranges));
    }

    private async Task FollowAsync(DirectoryModule ranges)
    {
        // Ends with the node.
        while (true)
        {
            foreach (PlacedGroup group in ranges.Directory.Groups)
            {
                if (IsFounder(group) && _opening.Add(group.Id))
                {
                    await OpenAsync(group.Id, group);
                }
            }

            await ranges.Progress.WaitAsync();
        }
    }

    private async Task TakeInAsync(GroupId group)
    {
        try
        {
            // The group is there, so the root group knows it: only then can be told whether this peer founds it.
            RangeDirectory known = await client.Loop.CallAsync(
                static call => new ValueTask<RangeDirectory>(call.Directory.RefreshAsync(call.Client)), (Directory: directory, Client: client));
            if (known.FindGroup(group) is { } placed)
            {
                await OpenAsync(group, placed);
                return;
            }
        }
        catch (StorageException failure) when (failure.Error is StorageError.Unavailable or StorageError.OutcomeUnknown)
        {
            environment.Trace.Emit(TraceLevel.Debug, "cluster", "not-taken-in", ("group", (long)group.Value), ("error", failure.Message));
        }

        // The leader sends again.
        _opening.Remove(group);
    }

    private bool IsFounder(PlacedGroup group) => group.Founders.Any(member => member.Peer == raft.Self);

    /// <param name="id">Which.</param>
    /// <param name="placed">To make it; null when it is on the disk.</param>
    private async ValueTask OpenAsync(GroupId id, PlacedGroup? placed)
    {
        var shard = new ShardModule(options.Limits, environment.Entropy.NextUInt64(), null);
        GroupMachine machine = await GroupMachine.OpenAsync(environment, loop, store, id, [shard]);
        RaftGroup group;
        if (placed is null || (await raft.ListGroupsAsync()).Contains(id))
        {
            group = await raft.OpenGroupAsync(id, machine);
        }
        else
        {
            group = await CreateAsync(placed, machine);
        }

        groups.Add(new LocalGroup(group, machine));
        StartWorkers(group, machine, shard);
    }

    private async ValueTask<RaftGroup> CreateAsync(PlacedGroup placed, GroupMachine machine)
    {
        if (IsFounder(placed))
        {
            environment.Trace.Mark("group-founded");
            return await raft.CreateGroupAsync(placed.Id, new RaftMembership(placed.Founders, []), machine);
        }

        environment.Trace.Mark("group-joined");
        return await raft.CreateGroupAsync(placed.Id, RaftMembership.Empty, machine);
    }

    private void StartWorkers(IRaftGroup group, GroupMachine machine, ShardModule shard)
    {
        var reclaimer = new GroupReclaimer(environment, group, machine, shard, blobs, options.Reclaim);
        var replacer = new PeerReplacer(environment, group, founding, options.PeerInterval);
        environment.Spawner.Spawn(loop, "peer-replacer", replacer.RunAsync);
        environment.Spawner.Spawn(loop, reclaimer.Name, () => reclaimer.RunAsync(CancellationToken.None));
        environment.Spawner.Spawn(loop, "reclaim-watch", reclaimer.WatchAsync);
        new RangeSender(environment, group, machine, shard, client, options.Sender).Start(loop);
        if (Events is { } events)
        {
            var outbox = new GroupOutbox(environment, loop, group, machine, shard);
            environment.Spawner.Spawn(loop, "events-watch", outbox.WatchAsync);
            events(outbox);
        }

        new RangeMeter(environment, group, machine, shard, client, options.Meter).Start(loop);
    }
}
