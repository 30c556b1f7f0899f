using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>What the root group must know of where buckets are, to change them.</summary>
public interface IBucketPlaces
{
    /// <summary>True when groups besides the root group have a part of the range.</summary>
    bool HasOthers(PositionRange range);

    /// <summary>True when the range, or a part of it, is just being handed from one group to another: no change of its buckets may begin.</summary>
    bool IsSwitching(PositionRange range);
}

/// <summary>The root group's part in changes of buckets: it begins them, decides them and remembers how they ended.</summary>
/// <remarks>
/// A change that concerns no other group is decided at once. Otherwise it is written down with the bucket locked; the coordinator (a worker on the leader) has all groups prepare, has it
/// decided here, and tells them. Whoever asked learns the outcome by asking for the change's number. All of it is rows, so any later leader goes on.
/// </remarks>
internal sealed class BucketChanges(MetadataStateMachine machine, BucketLocks locks, IBucketPlaces places)
{
    private const int OutcomesKept = 4096;

    private SortedDictionary<ulong, BucketChange> _pending = [];
    private SortedSet<ulong> _outcomes = [];

    internal IReadOnlyCollection<BucketChange> Pending => _pending.Values;

    /// <summary>True when a change concerns the range.</summary>
    internal bool Concerns(PositionRange range)
    {
        foreach (BucketChange change in _pending.Values)
        {
            if (Positions.OfBucket(change.BucketId).Overlaps(range))
            {
                return true;
            }
        }

        return false;
    }

    internal async ValueTask<Action> LoadAsync(IReadView state)
    {
        var pending = new SortedDictionary<ulong, BucketChange>();
        using (IScan scan = state.Scan(new[] { Tables.BucketChanges }, new[] { (byte)(Tables.BucketChanges + 1) }))
        {
            while (await scan.NextAsync())
            {
                BucketChange change = BucketChange.Decode(scan.Value.Span);
                pending.Add(change.Id, change);
            }
        }

        var outcomes = new SortedSet<ulong>();
        using (IScan scan = state.Scan(new[] { Tables.BucketOutcomes }, new[] { (byte)(Tables.BucketOutcomes + 1) }))
        {
            while (await scan.NextAsync())
            {
                outcomes.Add(new ByteReader(scan.Key.Span[1..]).UInt64BigEndian());
            }
        }

        return () => (_pending, _outcomes) = (pending, outcomes);
    }

    /// <summary>A gateway asks for a change.</summary>
    internal async ValueTask<ShardAnswer> BeginAsync(GroupStep step, IReadView own, MetadataCommand command)
    {
        string name = NameOf(command);
        if (locks.IsLocked(name))
        {
            return new ShardAnswer(ShardStatus.Busy, null);
        }

        Decision decision = await machine.ApplyAsync(own, command, step.Number);
        if (decision.Batch is null || decision.Result.Bucket is not { } bucket)
        {
            return new ShardAnswer(ShardStatus.Done, decision.Result);
        }

        PositionRange range = Positions.OfBucket(bucket.Id);
        if (places.IsSwitching(range))
        {
            return new ShardAnswer(ShardStatus.Busy, null);
        }

        if (!places.HasOthers(range))
        {
            step.Batch = decision.Batch;
            return new ShardAnswer(ShardStatus.Done, decision.Result);
        }

        Put(step, new BucketChange(step.Number, name, bucket.Id, command, IsDecided: false, TookPlace: false, null));
        locks.Lock(step, name, step.Number);
        return new ShardAnswer(ShardStatus.Pending, null) { Value = step.Number };
    }

    /// <summary>The bucket is locked since the change began, so what is decided here is what would have been decided then, but for what other buckets count.</summary>
    internal async ValueTask<ShardAnswer> DecideAsync(GroupStep step, IReadView own, DecideBucketCommand decide)
    {
        if (!_pending.TryGetValue(decide.Change, out BucketChange? change) || change.IsDecided)
        {
            return ShardAnswer.Done;
        }

        CommandResult result;
        WriteBatch? batch = null;
        if (decide.Refusal != MetadataError.None)
        {
            result = new CommandResult { Error = decide.Refusal, Bucket = await ShardReader.FindBucketAsync(own, change.Name) };
        }
        else
        {
            // A new bucket has the number that the groups were told; what is freed is freed now.
            ulong number = change.Command is CreateBucketCommand ? change.Id : step.Number;
            Decision decision = await machine.ApplyAsync(own, change.Command, number);
            (result, batch) = (decision.Result, decision.Batch);
        }

        foreach (WriteOperation operation in batch?.Operations ?? [])
        {
            if (operation.IsDelete)
            {
                step.Batch.Delete(operation.Key);
            }
            else
            {
                step.Batch.Put(operation.Key, operation.Value);
            }
        }

        Put(step, change with { IsDecided = true, TookPlace = batch is not null, Bucket = batch is null || change.MustBeEmpty ? null : result.Bucket });
        Remember(step, change.Id, result);
        return ShardAnswer.Done;
    }

    internal void Forget(GroupStep step, ulong id)
    {
        if (_pending.TryGetValue(id, out BucketChange? change) && change.IsDecided)
        {
            step.Batch.Delete(RowKeys.Numbered(Tables.BucketChanges, id));
            locks.Unlock(step, change.Name);
            step.Then(() => _pending.Remove(id));
        }
    }

    internal static string NameOf(MetadataCommand command) => command switch
    {
        CreateBucketCommand create => create.Name,
        DeleteBucketCommand delete => delete.Name,
        SetVersioningCommand set => set.Bucket,
        SetBucketDocumentCommand set => set.Bucket,
        _ => throw new InvariantViolationException($"no change of a bucket: {command.GetType().Name}"),
    };

    private void Put(GroupStep step, BucketChange change)
    {
        step.Batch.Put(RowKeys.Numbered(Tables.BucketChanges, change.Id), change.Encode());
        step.Then(() => _pending[change.Id] = change);
    }

    private void Remember(GroupStep step, ulong id, CommandResult result)
    {
        var to = new ByteWriter();
        ResultCodec.Encode(result, to);
        step.Batch.Put(RowKeys.Numbered(Tables.BucketOutcomes, id), to.ToArray());
        ulong? oldest = _outcomes.Count >= OutcomesKept ? _outcomes.Min : null;
        if (oldest is { } forgotten)
        {
            step.Batch.Delete(RowKeys.Numbered(Tables.BucketOutcomes, forgotten));
        }

        step.Then(() =>
        {
            _outcomes.Add(id);
            if (oldest is { } old)
            {
                _outcomes.Remove(old);
            }
        });
    }
}
