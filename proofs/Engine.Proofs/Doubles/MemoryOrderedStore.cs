using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Doubles;

/// <summary>An <see cref="IOrderedStore"/> in memory: every state is a persistent sorted set. Durability comes at once, or on demand with <see cref="Hold"/>.</summary>
public sealed class MemoryOrderedStore : IOrderedStore
{
    private readonly List<(ulong Sequence, ImmutableSortedSet<Row> Rows, TaskCompletionSource Done)> _pending = [];
    private ImmutableSortedSet<Row> _latest = ImmutableSortedSet<Row>.Empty.WithComparer(RowComparer.Instance);
    private ImmutableSortedSet<Row> _durable;
    private StorageException? _fault;

    public MemoryOrderedStore() => _durable = _latest;

    /// <summary>When true, batches become durable only by <see cref="MakeDurable"/>.</summary>
    public bool Hold { get; set; }

    /// <summary>Views not disposed yet.</summary>
    public int OpenViews { get; private set; }

    public ulong AppliedSequence { get; private set; }

    public ulong DurableSequence { get; private set; }

    public CommitTicket Apply(WriteBatch batch)
    {
        if (_fault is not null)
        {
            throw _fault;
        }

        ImmutableSortedSet<Row>.Builder rows = _latest.ToBuilder();
        foreach (WriteOperation operation in batch.Operations)
        {
            Invariant.Check(
                operation.Key.Length is > 0 and <= IOrderedStore.KeySizeBytesMax && operation.Value.Length <= IOrderedStore.ValueSizeBytesMax,
                "key or value outside the limits");
            var row = new Row(operation.Key.ToArray(), operation.Value.ToArray());
            rows.Remove(row);
            if (!operation.IsDelete)
            {
                rows.Add(row);
            }
        }

        _latest = rows.ToImmutable();
        AppliedSequence++;
        if (!Hold && _pending.Count == 0)
        {
            _durable = _latest;
            DurableSequence = AppliedSequence;
            return new CommitTicket(AppliedSequence, Task.CompletedTask);
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending.Add((AppliedSequence, _latest, done));
        return new CommitTicket(AppliedSequence, done.Task);
    }

    public IReadView ReadLatest() => new View(this, _latest, AppliedSequence);

    public IReadView ReadDurable() => new View(this, _durable, DurableSequence);

    /// <summary>Makes the oldest <paramref name="batches"/> waiting batches durable and completes their tickets.</summary>
    public void MakeDurable(int batches = int.MaxValue)
    {
        int count = Math.Min(batches, _pending.Count);
        for (int i = 0; i < count; i++)
        {
            (DurableSequence, _durable, TaskCompletionSource done) = _pending[i];
            done.SetResult();
        }

        _pending.RemoveRange(0, count);
    }

    /// <summary>The store that recovery finds after a crash: the durable state plus the first <paramref name="survivors"/> waiting batches.</summary>
    public MemoryOrderedStore AfterCrash(int survivors = 0)
    {
        int count = Math.Min(survivors, _pending.Count);
        ImmutableSortedSet<Row> rows = count == 0 ? _durable : _pending[count - 1].Rows;
        ulong sequence = count == 0 ? DurableSequence : _pending[count - 1].Sequence;
        return new MemoryOrderedStore { _latest = rows, _durable = rows, AppliedSequence = sequence, DurableSequence = sequence };
    }

    /// <summary>Fails every waiting and later batch.</summary>
    public void Poison()
    {
        _fault = new StorageException(StorageError.Poisoned, "memory", -1, "poisoned by the test");
        foreach ((_, _, TaskCompletionSource done) in _pending)
        {
            done.SetException(_fault);
        }

        _pending.Clear();
    }

    private sealed record Row(byte[] Key, byte[] Value);

    private sealed class RowComparer : IComparer<Row>
    {
        internal static readonly RowComparer Instance = new();

        public int Compare(Row? x, Row? y) => x!.Key.AsSpan().SequenceCompareTo(y!.Key);
    }

    private sealed class View : IReadView
    {
        private readonly MemoryOrderedStore _store;
        private readonly ImmutableSortedSet<Row> _rows;
        private bool _closed;

        internal View(MemoryOrderedStore store, ImmutableSortedSet<Row> rows, ulong sequence)
        {
            (_store, _rows, Sequence) = (store, rows, sequence);
            _store.OpenViews++;
        }

        public ulong Sequence { get; }

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key)
        {
            Invariant.Check(!_closed, "view used after disposal");
            bool found = _rows.TryGetValue(new Row(key.ToArray(), []), out Row row);
            // Not `found ? row.Value : null`: a null array converts to memory of no bytes.
            return new ValueTask<ReadOnlyMemory<byte>?>(found ? row.Value : default(ReadOnlyMemory<byte>?));
        }

        public IScan Scan(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to)
        {
            Invariant.Check(!_closed, "view used after disposal");
            return new Scanner(_rows, from, to.ToArray());
        }

        public void Dispose()
        {
            if (!_closed)
            {
                _closed = true;
                _store.OpenViews--;
            }
        }
    }

    private sealed class Scanner : IScan
    {
        private readonly ImmutableSortedSet<Row> _rows;
        private readonly byte[] _to;
        private int _next;
        private Row? _current;

        internal Scanner(ImmutableSortedSet<Row> rows, ReadOnlyMemory<byte> from, byte[] to)
        {
            (_rows, _to) = (rows, to);
            _next = IndexOf(from);
        }

        public ReadOnlyMemory<byte> Key => _current!.Key;

        public ReadOnlyMemory<byte> Value => _current!.Value;

        public ValueTask<bool> NextAsync()
        {
            if (_next >= _rows.Count || (_to.Length > 0 && _rows[_next].Key.AsSpan().SequenceCompareTo(_to) >= 0))
            {
                return new ValueTask<bool>(false);
            }

            _current = _rows[_next++];
            return new ValueTask<bool>(true);
        }

        public void SkipTo(ReadOnlyMemory<byte> key) => _next = Math.Max(_next, IndexOf(key));

        public void Dispose()
        {
        }

        private int IndexOf(ReadOnlyMemory<byte> key)
        {
            int index = _rows.IndexOf(new Row(key.ToArray(), []));
            return index >= 0 ? index : ~index;
        }
    }
}
