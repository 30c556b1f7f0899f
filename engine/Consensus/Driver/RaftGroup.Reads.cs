using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <content>Reads: those of one turn share a question to the leader, then wait until the machine is there.</content>
public sealed partial class RaftGroup
{
    private readonly List<TaskCompletionSource<ReadOutcome>> _readsNew = [];
    private readonly SortedDictionary<ulong, ReadBatch> _readsAsked = [];
    private readonly SortedDictionary<(LogIndex Index, ulong Context), ReadBatch> _readsApplying = [];

    // Unique over the lives of the node: an answer to a question of an earlier life is nobody's.
    private ulong _readContext;
    private int _readCount;

    /// <inheritdoc/>
    public Task<ReadOutcome> ReadIndexAsync()
    {
        Invariant.Check(_host.Loop.IsCurrent, "a group belongs to one loop");
        if (_failure is not null || IsStopped)
        {
            return Task.FromResult(new ReadOutcome(ReadStatus.NotLeader, default, LeaderNode));
        }

        if (_readCount >= _host.Options.ReadsMax)
        {
            return Task.FromResult(new ReadOutcome(ReadStatus.Overloaded, default, null));
        }

        if (_core.LeaseLeft(Now) > System.TimeSpan.Zero && Applied == _core.Commit)
        {
            // The common case costs nothing: the lease holds and everything is applied.
            EmitRead("read-begin", 0, Applied);
            EmitRead("read-end", 0, Applied);
            return Task.FromResult(new ReadOutcome(ReadStatus.Ok, Applied, null));
        }

        var read = new TaskCompletionSource<ReadOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _readCount++;
        _readsNew.Add(read);
        _host.Wake(this);
        return read.Task;
    }

    private void AskReads()
    {
        if (_readsNew.Count == 0)
        {
            return;
        }

        ulong context = unchecked(++_readContext);
        _readsAsked.Add(context, new ReadBatch(context, [.. _readsNew]));
        _readsNew.Clear();
        EmitRead("read-begin", context, default);
        _core.ReadIndex(context, Now);
    }

    private void TakeReadPoint(ReadPoint point)
    {
        if (!_readsAsked.Remove(point.Context, out ReadBatch? batch))
        {
            return;
        }

        if (point.Failed)
        {
            End(batch, new ReadOutcome(ReadStatus.NotLeader, default, LeaderNode));
        }
        else if (point.Index <= Applied)
        {
            EmitRead("read-end", batch.Context, point.Index);
            End(batch, new ReadOutcome(ReadStatus.Ok, Applied, null));
        }
        else
        {
            _readsApplying.Add((point.Index, point.Context), batch);
        }
    }

    private void CompleteReads()
    {
        while (_readsApplying.Count > 0)
        {
            ((LogIndex Index, ulong Context) at, ReadBatch batch) = First(_readsApplying);
            if (at.Index > Applied)
            {
                return;
            }

            _readsApplying.Remove(at);
            EmitRead("read-end", at.Context, at.Index);
            End(batch, new ReadOutcome(ReadStatus.Ok, Applied, null));
        }
    }

    private static KeyValuePair<TKey, ReadBatch> First<TKey>(SortedDictionary<TKey, ReadBatch> batches)
        where TKey : notnull
    {
        using SortedDictionary<TKey, ReadBatch>.Enumerator first = batches.GetEnumerator();
        first.MoveNext();
        return first.Current;
    }

    /// <summary>A question, its answer, or the entries up to it may have been lost: nobody waits for ever.</summary>
    private void TickReads()
    {
        EndSilent(_readsAsked, _host.Options.ElectionTicks);
        EndSilent(_readsApplying, 4 * _host.Options.ElectionTicks);
    }

    private void EndSilent<TKey>(SortedDictionary<TKey, ReadBatch> batches, int ticksMax)
        where TKey : notnull
    {
        if (batches.Count == 0)
        {
            return;
        }

        foreach ((TKey key, ReadBatch batch) in new List<KeyValuePair<TKey, ReadBatch>>(batches))
        {
            if (++batch.Ticks > ticksMax)
            {
                batches.Remove(key);
                End(batch, new ReadOutcome(ReadStatus.TimedOut, default, LeaderNode));
            }
        }
    }

    private void EndReads()
    {
        var failed = new ReadOutcome(ReadStatus.NotLeader, default, LeaderNode);
        foreach (ReadBatch batch in _readsAsked.Values)
        {
            End(batch, failed);
        }

        foreach (ReadBatch batch in _readsApplying.Values)
        {
            End(batch, failed);
        }

        End(new ReadBatch(0, [.. _readsNew]), failed);
        _readsAsked.Clear();
        _readsApplying.Clear();
        _readsNew.Clear();
    }

    private void End(ReadBatch batch, ReadOutcome outcome)
    {
        _readCount -= batch.Reads.Length;
        foreach (TaskCompletionSource<ReadOutcome> read in batch.Reads)
        {
            read.SetResult(outcome);
        }
    }

    private void EmitRead(string name, ulong context, LogIndex index) =>
        Emit(TraceLevel.Debug, name, ("read", unchecked((long)context)), ("index", (long)index.Value));

    private sealed class ReadBatch(ulong context, TaskCompletionSource<ReadOutcome>[] reads)
    {
        internal ulong Context => context;

        internal TaskCompletionSource<ReadOutcome>[] Reads => reads;

        internal int Ticks { get; set; }
    }
}
