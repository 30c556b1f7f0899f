using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>On the leader of the root group: asks all groups what their ranges weigh, and begins the move that <see cref="BalancePlan"/> wants, one at a time.</summary>
public sealed class RangeBalancer : LeaderWorker
{
    private readonly DirectoryModule _directory;
    private readonly BalanceOptions _options;

    /// <summary>Prepares it; <see cref="LeaderWorker.Start"/> it.</summary>
    public RangeBalancer(NodeEnvironment environment, IRaftGroup raft, GroupMachine machine, DirectoryModule directory, IGroupCalls groups, BalanceOptions options)
        : base("range-balancer", environment, raft, machine, groups) => (_directory, _options) = (directory, options);

    /// <inheritdoc/>
    protected override Task WaitForProgressAsync() => _directory.Progress.WaitAsync();

    /// <inheritdoc/>
    protected override async ValueTask<TimeSpan> LeadAsync()
    {
        // Before anything else, so that a fresh leader does not begin with what the one before has just done.
        await Clock.DelayAsync(_options.Interval);
        RangeDirectory directory = _directory.Directory;
        if (!Raft.IsLeader || directory.Transfers.Count > 0)
        {
            return TimeSpan.Zero;
        }

        SortedDictionary<GroupId, IReadOnlyList<RangeLoad>> loads = await AskAllAsync(directory);
        if (BalancePlan.Next(directory, loads, _options) is not { } step)
        {
            return TimeSpan.Zero;
        }

        if (step.IsGroupWanted)
        {
            await AddGroupAsync();
        }
        else if (step.Move is { } move && DirectoryCodec.Answer(await ProposeAsync(DirectoryCodec.Encode(move))).IsDone)
        {
            Environment.Trace.Emit(
                TraceLevel.Info, "cluster", "range-moves", ("reason", step.Reason.ToString()), ("from", (long)move.Source.Value), ("to", (long)move.Target.Value), ("range", move.Range.ToString()));
            Mark(step.Reason);
        }

        return TimeSpan.Zero;
    }

    private void Mark(BalanceReason reason)
    {
        switch (reason)
        {
            case BalanceReason.Size:
                Environment.Trace.Mark("range-split-by-size");
                break;
            case BalanceReason.Heat:
                Environment.Trace.Mark("range-split-by-heat");
                break;
            default:
                Environment.Trace.Mark("ranges-merge");
                break;
        }
    }

    private async ValueTask<SortedDictionary<GroupId, IReadOnlyList<RangeLoad>>> AskAllAsync(RangeDirectory directory)
    {
        var loads = new SortedDictionary<GroupId, IReadOnlyList<RangeLoad>>();
        foreach (GroupId group in directory.AllGroups())
        {
            try
            {
                loads[group] = (await ProposeToAsync(group, new ReportLoadCommand())).Loads;
            }
            catch (StorageException failure)
            {
                // A group without a leader moves nothing and gets nothing.
                Environment.Trace.Emit(TraceLevel.Debug, "cluster", "no-load", ("group", (long)group.Value), ("error", failure.Message));
            }
        }

        return loads;
    }

    /// <summary>On the nodes that have the root group: they are where the topology wants metadata, and spread as it says.</summary>
    private async ValueTask AddGroupAsync()
    {
        RaftMembership root = Raft.Status().Membership;
        if (!root.IsJoint)
        {
            await ProposeAsync(DirectoryCodec.Encode(new AddGroupCommand(root.Voters)));
            Environment.Trace.Mark("group-added");
        }
    }
}
