using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>A group's part in changes of buckets that it shares with others: between preparing and the decision nobody reads or writes the bucket here.</summary>
/// <remarks>
/// Two-phase commit with the root group as the coordinator, whose decision is in its log: a participant that has prepared waits however long it takes.
/// Source: Gray, "Notes on Data Base Operating Systems", 1978, section 5.8.3.3.
/// </remarks>
internal sealed class BucketLocks
{
    private readonly ClosedNumbers _over = new(0x09);
    private SortedDictionary<string, ulong> _locks = new(StringComparer.Ordinal);

    internal bool IsLocked(string bucket) => _locks.Count > 0 && _locks.ContainsKey(bucket);

    internal async ValueTask<Action> LoadAsync(IReadView state)
    {
        Action over = await _over.LoadAsync(state);
        var locks = new SortedDictionary<string, ulong>(StringComparer.Ordinal);
        using IScan scan = state.Scan(new[] { Tables.BucketLocks }, new[] { (byte)(Tables.BucketLocks + 1) });
        while (await scan.NextAsync())
        {
            locks.Add(Encoding.UTF8.GetString(scan.Key.Span[1..]), RowFormat.DecodeNumber(scan.Value.Span));
        }

        return () =>
        {
            over();
            _locks = locks;
        };
    }

    internal void Lock(GroupStep step, string name, ulong change)
    {
        step.Batch.Put(RowKeys.Named(Tables.BucketLocks, name), RowFormat.Encode(change));
        step.Then(() => _locks[name] = change);
    }

    internal void Unlock(GroupStep step, string name)
    {
        step.Batch.Delete(RowKeys.Named(Tables.BucketLocks, name));
        step.Then(() => _locks.Remove(name));
    }

    /// <summary>A participant prepares.</summary>
    /// <param name="step">The command's step.</param>
    /// <param name="own">The rows of the group's own ranges.</param>
    /// <param name="prepare">The command.</param>
    internal async ValueTask<ShardAnswer> PrepareAsync(GroupStep step, IReadView own, PrepareBucketCommand prepare)
    {
        if (prepare.Change < prepare.OldestChange || _over.IsClosed(prepare.Change))
        {
            return new ShardAnswer(ShardStatus.WrongShard, null);
        }

        _over.Close(step, prepare.OldestChange, []);
        if (_locks.TryGetValue(prepare.Name, out ulong holder) && holder != prepare.Change)
        {
            return new ShardAnswer(ShardStatus.Busy, null);
        }

        if (prepare.MustBeEmpty && await BucketCommands.HasRowsAsync(own, Tables.Objects, prepare.BucketId))
        {
            return new ShardAnswer(ShardStatus.Done, new CommandResult { Error = MetadataError.BucketNotEmpty });
        }

        Lock(step, prepare.Name, prepare.Change);
        return new ShardAnswer(ShardStatus.Done, new CommandResult());
    }

    /// <summary>A participant learns the decision.</summary>
    /// <returns>The garbage row that was added, when uploads of a deleted bucket are to be freed.</returns>
    internal async ValueTask<WriteBatch?> FinishAsync(GroupStep step, IReadView own, FinishBucketCommand finish)
    {
        bool isFirst = !_over.IsClosed(finish.Change) && finish.Change >= finish.OldestChange;
        _over.Close(step, finish.OldestChange, [finish.Change]);
        if (!isFirst)
        {
            return null;
        }

        if (_locks.TryGetValue(finish.Name, out ulong holder) && holder == finish.Change)
        {
            Unlock(step, finish.Name);
        }

        if (!finish.TookPlace)
        {
            return null;
        }

        if (finish.Bucket is { } bucket)
        {
            step.Batch.Put(RowKeys.Bucket(bucket.Name), RowFormat.Encode(bucket));
            return null;
        }

        step.Batch.Delete(RowKeys.Bucket(finish.Name));
        if (!await BucketCommands.HasRowsAsync(own, Tables.Uploads, finish.BucketId))
        {
            return null;
        }

        var garbage = new WriteBatch();
        garbage.Put(RowKeys.Garbage(step.Number, 0), RowFormat.Encode(new GarbageRow(GarbageKind.BucketUploads, default, finish.BucketId, 0)));
        return garbage;
    }
}
