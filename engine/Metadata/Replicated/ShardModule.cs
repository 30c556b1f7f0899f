using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The metadata of a group: the state machine of one node, decided again on every replica, with what a cluster adds to it.</summary>
/// <remarks>
/// Added: the ranges that the group decides for, and their moves; its part in changes of buckets that it shares with other groups; the table of blobs that the rows name, for repair;
/// doomed blobs, whose shards are deleted after the command that freed them; and gateways' closed epochs, so that what a dead gateway left behind can be told from what is about to be named.
/// The root group has the bucket table and the identities; what it does not find is not there. Other groups have copies of the buckets in their ranges.
/// </remarks>
public sealed partial class ShardModule : IGroupModule
{
    private readonly MetadataStateMachine _machine;
    private readonly ClosedNumbers _epochs = new(0x02);
    private readonly RangeTransfers _ranges;
    private readonly BucketLocks _locks = new();
    private readonly BucketChanges? _changes;
    private readonly ulong _life;

    // States come here the moment they are opened, so one that was opened before the last change of a bucket is never asked to use this.
    private BucketCache _buckets = new(since: 0);

    // For listings over several groups: the number of the last change of each bucket since the state was loaded.
    private readonly SortedDictionary<ulong, ulong> _changedAt = [];
    private ulong _loads;

    /// <summary>Makes the module.</summary>
    /// <param name="limits">The same on every replica.</param>
    /// <param name="life">A random number of this process: tells its answers about changes from those of others.</param>
    /// <param name="root">In the root group: where buckets are. Null in all others.</param>
    public ShardModule(MetadataLimits limits, ulong life, IBucketPlaces? root)
    {
        _machine = new MetadataStateMachine(limits, BlobTable.DoomAsync);
        _life = life;
        _ranges = new RangeTransfers(root is not null);
        _changes = root is null ? null : new BucketChanges(_machine, _locks, root);
    }

    /// <inheritdoc/>
    public byte CommandKind => ShardCommandCodec.CommandKind;

    /// <summary>Set when there may be something to reclaim; the reclaimer of this replica waits for it.</summary>
    public Signal Garbage { get; } = new();

    /// <summary>Opened when ranges, transfers or changes of buckets have come further; workers of this replica wait for it.</summary>
    public Gate Progress { get; } = new();

    /// <summary>Advances when there may be events to tell; whoever tells them on this replica waits for it.</summary>
    public EventStamp Events { get; } = new();

    /// <summary>What the ranges weigh, as this replica sees it; no part of the state.</summary>
    public LoadMeter Meter { get; } = new();

    /// <summary>The group's ranges.</summary>
    public Holdings Holdings => _ranges.Holdings;

    /// <summary>Changes of buckets under way; in the root group only.</summary>
    public IReadOnlyCollection<BucketChange> PendingChanges => _changes?.Pending ?? [];

    internal OutgoingTransfer? Outgoing => _ranges.Outgoing;

    internal ClosedNumbers ClosedEpochs => _epochs;

    /// <summary>True when the group takes no commands of that epoch any more.</summary>
    public bool IsClosed(ulong gatewayEpoch) => _epochs.IsClosed(gatewayEpoch);

    /// <summary>True when a change of a bucket under way concerns the range. In the root group.</summary>
    public bool IsChanging(PositionRange range) => _changes?.Concerns(range) ?? false;

    /// <inheritdoc/>
    public async ValueTask<Action> LoadAsync(IReadView state)
    {
        Action epochs = await _epochs.LoadAsync(state);
        Action ranges = await _ranges.LoadAsync(state);
        Action locks = await _locks.LoadAsync(state);
        Action? changes = _changes is null ? null : await _changes.LoadAsync(state);
        return () =>
        {
            epochs();
            ranges();
            locks();
            changes?.Invoke();
            _buckets = new BucketCache(since: 0);
            _loads++;
            _changedAt.Clear();
            Garbage.Set();
            Events.Advance();
            Progress.Open();
        };
    }

    /// <inheritdoc/>
    public void EncodeResult(object? result, ByteWriter to) => ShardAnswerCodec.Encode((ShardAnswer)result!, to);

    /// <inheritdoc/>
    public async ValueTask<object?> ApplyAsync(GroupStep step, ReadOnlyMemory<byte> command)
    {
        ArgumentNullException.ThrowIfNull(step);
        object? result = await DecideAsync(step, ShardCommandCodec.Decode(command.Span));
        if (BucketCache.IsEndedBy(step.Batch))
        {
            step.Then(() => _buckets = new BucketCache(since: 0));
        }

        return result;
    }

    private async ValueTask<object?> DecideAsync(GroupStep step, ShardCommand decoded)
    {
        switch (decoded)
        {
            case ExecuteCommand execute:
                return await ExecuteAsync(step, execute);
            case ReportLoadCommand:
                return ShardAnswer.Done with { Loads = Meter.Loads };
            default:
                break;
        }

        step.Then(Progress.Open);
        switch (decoded)
        {
            case CloseEpochsCommand close:
                _epochs.Close(step, close.Floor, close.Epochs);
                return ShardAnswer.Done;
            case ForgetDoomedCommand forget:
                foreach (BlobId blob in forget.Blobs)
                {
                    BlobTable.Forget(step.Batch, blob);
                }

                return ShardAnswer.Done;
            case TransferCommand transfer:
                return await TransferAsync(step, transfer);
            case CleanRangesCommand clean:
                return await RangeCleaning.ApplyAsync(step, _ranges, clean.RowsMax, keepsBuckets: _changes is not null);
            case PrepareBucketCommand prepare:
                return await _locks.PrepareAsync(step, Own(step), prepare);
            case FinishBucketCommand finish:
                await FinishAsync(step, finish);
                return ShardAnswer.Done;
            case DecideBucketCommand decide when _changes is not null:
                step.Then(Garbage.Set);
                ShardAnswer decided = await _changes.DecideAsync(step, Own(step), decide);
                KeepBucketGarbage(step);
                return decided;
            case ForgetBucketCommand forget when _changes is not null:
                _changes.Forget(step, forget.Change);
                return ShardAnswer.Done;
            default:
                return new ShardAnswer(ShardStatus.WrongShard, null);
        }
    }

    private async ValueTask<ShardAnswer> ExecuteAsync(GroupStep step, ExecuteCommand execute)
    {
        if (_epochs.IsClosed(execute.GatewayEpoch))
        {
            return new ShardAnswer(ShardStatus.EpochClosed, null);
        }

        switch (execute.Command)
        {
            case RemoveEventsCommand or ReclaimCommand:
                return Settle(step, await _machine.ApplyAsync(step.State, execute.Command, step.Number), isReclaim: execute.Command is ReclaimCommand);
            case CreateBucketCommand or DeleteBucketCommand or SetVersioningCommand or SetBucketDocumentCommand:
                step.Then(Garbage.Set);
                step.Then(Progress.Open);
                if (_changes is null)
                {
                    return new ShardAnswer(ShardStatus.WrongShard, null);
                }

                ShardAnswer begun = await _changes.BeginAsync(step, Own(step), execute.Command);
                KeepBucketGarbage(step);
                return begun;
            case SetIdentityCommand or RemoveIdentityCommand:
                return _changes is null
                    ? new ShardAnswer(ShardStatus.WrongShard, null)
                    : Settle(step, await _machine.ApplyAsync(step.State, execute.Command, step.Number), isReclaim: false);
            default:
                return await ExecuteOnKeyAsync(step, execute.Command);
        }
    }

    private async ValueTask<ShardAnswer> ExecuteOnKeyAsync(GroupStep step, MetadataCommand command)
    {
        (string name, string key) = CommandPlace.Of(command) ?? throw new InvariantViolationException($"no such command: {command.GetType().Name}");
        IReadView own = _buckets.Over(Own(step));
        ShardStatus status = await CheckAsync(own, name, key);
        if (status != ShardStatus.Done)
        {
            return new ShardAnswer(status, null);
        }

        Decision decision = await _machine.ApplyAsync(own, command, step.Number);
        Meter.Touch(decision.Result.Bucket, key);
        if (decision.Batch is { } batch && decision.Result.Bucket is { } bucket)
        {
            ReadOnlyMemory<byte> position = Positions.Of(bucket.Id, key);
            if (CommandPlace.NamedBy(command) is { } data)
            {
                BlobTable.AddAll(batch, data, position);
            }

            step.Then(() => _changedAt[bucket.Id] = step.Number);
            if (_ranges.Outgoing is { } outgoing && outgoing.Forwards(position))
            {
                step.Batch = batch;
                _ranges.Keep(step, Copy(batch));
            }
        }

        return Settle(step, decision, isReclaim: false);
    }

    /// <summary>Whether this group decides for a key of a bucket, and now.</summary>
    private async ValueTask<ShardStatus> CheckAsync(IReadView state, string name, string key)
    {
        if (_locks.IsLocked(name))
        {
            return ShardStatus.Busy;
        }

        if (_ranges.Holdings.IsEverything)
        {
            return ShardStatus.Done;
        }

        Holdings holdings = _ranges.Holdings;
        if (await ShardReader.FindBucketAsync(state, name) is not { } bucket)
        {
            // The root group says so with authority; of another group's buckets this one may know nothing.
            return _changes is null ? ShardStatus.WrongShard : ShardStatus.Done;
        }

        return RangeTransfers.Check(holdings, Positions.Of(bucket.Id, key));
    }

    private ShardAnswer Settle(GroupStep step, Decision decision, bool isReclaim)
    {
        if (decision.Batch is { } batch)
        {
            step.Batch = batch;
            if (decision.AddsGarbage || isReclaim)
            {
                step.Then(Garbage.Set);
            }

            if (decision.AddsEvents)
            {
                step.Then(Events.Advance);
            }
        }

        return new ShardAnswer(ShardStatus.Done, decision.Result);
    }

    private async ValueTask<ShardAnswer> TransferAsync(GroupStep step, TransferCommand transfer)
    {
        if (transfer is ActivateIncomingCommand activate && _ranges.Incoming?.Id == activate.Transfer)
        {
            step.RaiseNumber(activate.Number);
            _epochs.Close(step, activate.EpochFloor, activate.ClosedEpochs);
            step.Then(_changedAt.Clear);
            step.Then(() => _loads++);
        }

        step.Then(Garbage.Set);
        return await _ranges.ApplyAsync(step, transfer);
    }

    private async ValueTask FinishAsync(GroupStep step, FinishBucketCommand finish)
    {
        step.Then(() => _changedAt[finish.BucketId] = step.Number);
        if (await _locks.FinishAsync(step, Own(step), finish) is { } garbage)
        {
            step.Then(Garbage.Set);
            step.Batch.Put(garbage.Operations[0].Key, garbage.Operations[0].Value);
            KeepBucketGarbage(step);
        }
    }

    /// <summary>The target of a range may have taken uploads in whose bucket is deleted now: it has to free them too.</summary>
    private void KeepBucketGarbage(GroupStep step)
    {
        if (_ranges.Outgoing is not { } outgoing)
        {
            return;
        }

        foreach (WriteOperation operation in step.Batch.Operations)
        {
            if (!operation.IsDelete && operation.Key.Span[0] == Tables.Garbage
                && RowFormat.DecodeGarbage(operation.Value.Span) is { Kind: GarbageKind.BucketUploads } uploads
                && outgoing.Range.Overlaps(Positions.OfBucket(uploads.Number)))
            {
                var garbage = new WriteBatch();
                garbage.Put(operation.Key, operation.Value);
                _ranges.Keep(step, garbage);
                return;
            }
        }
    }

    private IReadView Own(GroupStep step) => SliceView.OfOwn(step.State, _ranges.Holdings);

    private static WriteBatch Copy(WriteBatch batch)
    {
        var copy = new WriteBatch();
        foreach (WriteOperation operation in batch.Operations)
        {
            if (operation.IsDelete)
            {
                copy.Delete(operation.Key);
            }
            else
            {
                copy.Put(operation.Key, operation.Value);
            }
        }

        return copy;
    }
}
