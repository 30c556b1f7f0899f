using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Patience with moves of ranges.</summary>
public sealed record TransferDriverOptions
{
    /// <summary>Between two questions to a source.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Changes that the target may still lack when the source is frozen.</summary>
    public ulong BacklogMax { get; init; } = 64;

    /// <summary>Changes kept for a target beyond which the move is given up: it does not keep up.</summary>
    public ulong BacklogLimit { get; init; } = 20_000;

    /// <summary>How long a switch may take before it is given up: writers wait meanwhile.</summary>
    public TimeSpan SwitchTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long copying may take before the move is given up.</summary>
    public TimeSpan CopyTimeout { get; init; } = TimeSpan.FromHours(2);
}

/// <summary>On the leader of the root group: brings moves of ranges to their end, one after another.</summary>
/// <remarks>
/// Each step is idempotent at the group that it is sent to, and what comes of a step after the end is refused there; so whoever leads next begins with the first step of the
/// phase that the rows tell.
/// </remarks>
public sealed class TransferDriver : LeaderWorker
{
    private readonly DirectoryModule _directory;
    private readonly TransferDriverOptions _options;
    private ulong _current;
    private TransferPhase _phase;
    private TimeSpan _since;

    /// <summary>Prepares it; <see cref="LeaderWorker.Start"/> it.</summary>
    public TransferDriver(
        NodeEnvironment environment, IRaftGroup raft, GroupMachine machine, DirectoryModule directory, IGroupCalls groups, TransferDriverOptions options)
        : base("transfer-driver", environment, raft, machine, groups) => (_directory, _options) = (directory, options);

    /// <inheritdoc/>
    protected override Task WaitForProgressAsync() => _directory.Progress.WaitAsync();

    /// <inheritdoc/>
    protected override ValueTask<TimeSpan> LeadAsync()
    {
        if (_directory.Directory.Transfers.Count == 0)
        {
            return new ValueTask<TimeSpan>(Timeout.InfiniteTimeSpan);
        }

        RangeTransfer transfer = _directory.Directory.Transfers[0];
        if (_current != transfer.Id || _phase != transfer.Phase)
        {
            (_current, _phase, _since) = (transfer.Id, transfer.Phase, Clock.Now);
        }

        return transfer.Phase switch
        {
            TransferPhase.Copying => OrGiveUpAsync(transfer, CopyAsync, _options.CopyTimeout),
            TransferPhase.Switching => OrGiveUpAsync(transfer, SwitchAsync, _options.SwitchTimeout),
            TransferPhase.Committed => FinishAsync(transfer, moved: true),
            _ => FinishAsync(transfer, moved: false),
        };
    }

    private ulong Oldest => _directory.Directory.Transfers.Count > 0 ? _directory.Directory.Transfers[0].Id : 0;

    private async ValueTask<TimeSpan> OrGiveUpAsync(RangeTransfer transfer, Func<RangeTransfer, ValueTask<bool>> step, TimeSpan timeout)
    {
        bool goesOn;
        try
        {
            goesOn = await step(transfer);
        }
        catch (StorageException) when (Clock.Now - _since < timeout)
        {
            return _options.PollInterval;
        }
        catch (StorageException)
        {
            goesOn = false;
        }

        if (!goesOn || Clock.Now - _since >= timeout)
        {
            Environment.Trace.Emit(TraceLevel.Info, "cluster", "transfer-given-up", ("transfer", (long)transfer.Id), ("phase", transfer.Phase.ToString()));
            await SetPhaseAsync(transfer, TransferPhase.Aborted);
        }

        return _options.PollInterval;
    }

    /// <returns>False to give up.</returns>
    private async ValueTask<bool> CopyAsync(RangeTransfer transfer)
    {
        // A group that is not ready for it may be so later: it may have rows to remove first.
        ShardAnswer target = await ProposeToAsync(transfer.Target, new BeginIncomingCommand(transfer.Id, Oldest, transfer.Range, transfer.Source.Value));
        if (target.Status == ShardStatus.Done)
        {
            ShardAnswer source = await ProposeToAsync(transfer.Source, new BeginOutgoingCommand(transfer.Id, Oldest, transfer.Range, transfer.Target.Value));
            target = source;
        }

        if (target.Status == ShardStatus.WrongShard)
        {
            return false;
        }

        TransferStatus status = await AskAsync(transfer);
        if (status is { IsKnown: true, IsCaughtUp: true } && status.Backlog <= _options.BacklogMax)
        {
            // Refused while a bucket of the range is being changed: then again.
            await SetPhaseAsync(transfer, TransferPhase.Switching);
        }

        return status.Backlog < _options.BacklogLimit;
    }

    private async ValueTask<bool> SwitchAsync(RangeTransfer transfer)
    {
        await ProposeToAsync(transfer.Source, new FreezeOutgoingCommand(transfer.Id, Oldest));
        if ((await AskAsync(transfer)).IsReady)
        {
            await SetPhaseAsync(transfer, TransferPhase.Committed);
        }

        return true;
    }

    private async ValueTask<TimeSpan> FinishAsync(RangeTransfer transfer, bool moved)
    {
        if (moved)
        {
            // The source knows what the target needs until it is told the end, which it is after the target.
            TransferStatus status = await AskAsync(transfer);
            if (status.IsKnown)
            {
                await ExpectAsync(transfer.Target, new ActivateIncomingCommand(transfer.Id, Oldest, status.FrozenAt, status.EpochFloor, status.ClosedEpochs));
            }
        }
        else
        {
            await ExpectAsync(transfer.Target, new DropIncomingCommand(transfer.Id, Oldest));
        }

        await ExpectAsync(transfer.Source, new EndOutgoingCommand(transfer.Id, Oldest, moved));
        await ProposeAsync(DirectoryCodec.Encode(new EndTransferCommand(transfer.Id)));
        if (moved)
        {
            Environment.Trace.Mark("range-moved");
        }
        else
        {
            Environment.Trace.Mark("range-move-undone");
        }

        return TimeSpan.Zero;
    }

    private async ValueTask ExpectAsync(GroupId group, ShardCommand command)
    {
        ShardAnswer answer = await ProposeToAsync(group, command);
        if (answer.Status != ShardStatus.Done)
        {
            throw new StorageException(StorageError.Unavailable, "group", -1, $"group {group} refuses {command.GetType().Name}: {answer.Status}");
        }
    }

    private async ValueTask<TransferStatus> AskAsync(RangeTransfer transfer) =>
        ShardQueries.DecodeTransfer((await Groups.AskAsync(transfer.Source, ShardQueries.EncodeTransfer(transfer.Id))).Span);

    private async ValueTask SetPhaseAsync(RangeTransfer transfer, TransferPhase phase) =>
        await ProposeAsync(DirectoryCodec.Encode(new SetTransferPhaseCommand(transfer.Id, phase)));
}
