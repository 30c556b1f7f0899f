using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A replicated table of texts in the ordered store: commands are <c>key=value</c>, the result is the value before. Snapshots go into the next generation of rows.</summary>
internal sealed class TableMachine : IReplicatedStateMachine
{
    private const byte Table = 0x20;

    private readonly IOrderedStore _store;
    private readonly GroupId _group;
    private readonly TableOptions _options;
    private uint _generation;
    private ulong _state;

    private TableMachine(IOrderedStore store, GroupId group, TableOptions options) => (_store, _group, _options) = (store, group, options);

    public LogIndex AppliedIndex { get; private set; }

    internal static async Task<TableMachine> OpenAsync(IOrderedStore store, GroupId group, TableOptions? options = null)
    {
        var machine = new TableMachine(store, group, options ?? new TableOptions());
        using IReadView view = store.ReadLatest();
        if (await view.GetAsync(machine.Head()) is { } head)
        {
            machine.ReadHead(head.Span);
        }

        foreach ((string key, string value) in await machine.AllAsync())
        {
            machine._state ^= HashOf(key, Encoding.UTF8.GetBytes(value));
        }

        machine.Note();
        return machine;
    }

    public async ValueTask<object?> ApplyAsync(LogIndex index, Term term, ReadOnlyMemory<byte> command)
    {
        Invariant.Check(index > AppliedIndex, "applied in order");
        await _options.WorkAsync();
        string text = Encoding.UTF8.GetString(command.Span);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string key = text[..equals];
        byte[] value = Encoding.UTF8.GetBytes(text[(equals + 1)..]);
        string? before = await GetAsync(key);
        var batch = new WriteBatch();
        batch.Put(Row(_generation, key), value);
        AddHead(batch, _generation, index);
        _store.Apply(batch);
        _state ^= HashOf(key, value) ^ (before is null ? 0 : HashOf(key, Encoding.UTF8.GetBytes(before)));
        AppliedIndex = index;
        Note();
        return before;
    }

    public ISnapshotSource OpenSnapshot() => new Source(this, _store.ReadLatest());

    public ValueTask<ISnapshotInstaller> BeginInstallAsync(LogIndex index, Term term) =>
        new(new Installer(this, index, _generation + 1));

    internal async Task<string?> GetAsync(string key)
    {
        using IReadView view = _store.ReadLatest();
        return await view.GetAsync(Row(_generation, key)) is { } value ? Encoding.UTF8.GetString(value.Span) : null;
    }

    internal async Task<SortedDictionary<string, string>> AllAsync()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using IReadView view = _store.ReadLatest();
        using IScan scan = view.Scan(Row(_generation, ""), Row(_generation + 1, ""));
        while (await scan.NextAsync())
        {
            all.Add(KeyOf(scan.Key.Span), Encoding.UTF8.GetString(scan.Value.Span));
        }

        return all;
    }

    private static ulong HashOf(string key, ReadOnlySpan<byte> value) => StableHash.Compute(value, StableHash.Compute(Encoding.UTF8.GetBytes(key)));

    private void Note()
    {
        if (AppliedIndex.Value > 0)
        {
            _options.States?.Applied(_options.Node, AppliedIndex, _state);
        }
    }

    private static string KeyOf(ReadOnlySpan<byte> row) => Encoding.UTF8.GetString(row[13..]);

    private byte[] Row(uint generation, string key)
    {
        var row = new ByteWriter();
        row.Byte(Table);
        row.UInt64BigEndian(_group.Value);
        row.UInt32BigEndian(generation);
        row.Raw(Encoding.UTF8.GetBytes(key));
        return row.ToArray();
    }

    private byte[] Head()
    {
        var row = new ByteWriter();
        row.Byte(Table + 0x10);
        row.UInt64BigEndian(_group.Value);
        return row.ToArray();
    }

    private void AddHead(WriteBatch batch, uint generation, LogIndex index)
    {
        var head = new ByteWriter();
        head.UInt32(generation);
        head.UInt64(index.Value);
        batch.Put(Head(), head.ToArray());
    }

    private void ReadHead(ReadOnlySpan<byte> head)
    {
        var reader = new ByteReader(head);
        _generation = reader.UInt32();
        AppliedIndex = new LogIndex(reader.UInt64());
    }

    private sealed class Source : ISnapshotSource
    {
        private readonly TableOptions _options;
        private readonly IReadView _view;
        private readonly IScan _scan;
        private readonly Queue<byte> _bytes = new();
        private readonly ByteWriter _sent = new();
        private bool _isAtEnd;

        internal Source(TableMachine machine, IReadView view)
        {
            _options = machine._options;
            _view = view;
            _scan = view.Scan(machine.Row(machine._generation, ""), machine.Row(machine._generation + 1, ""));
        }

        public async ValueTask<int> ReadChunkAsync(Memory<byte> buffer)
        {
            while (_bytes.Count < buffer.Length && !_isAtEnd && !(_options.SendsWholeRows && _bytes.Count > 0))
            {
                if (!await _scan.NextAsync())
                {
                    _isAtEnd = true;
                    break;
                }

                var row = new ByteWriter();
                row.Text(KeyOf(_scan.Key.Span));
                row.Bytes(_scan.Value.Span);
                Add(row.ToArray());
            }

            int count = Math.Min(buffer.Length, _bytes.Count);
            for (int i = 0; i < count; i++)
            {
                buffer.Span[i] = _bytes.Dequeue();
            }

            _sent.Raw(buffer.Span[..count]);
            if (count == 0)
            {
                _options.States?.Sent(StableHash.Compute(_sent.Written));
            }

            return count;
        }

        public void Dispose()
        {
            _scan.Dispose();
            _view.Dispose();
        }

        private void Add(byte[] bytes)
        {
            foreach (byte each in bytes)
            {
                _bytes.Enqueue(each);
            }
        }
    }

    private sealed class Installer(TableMachine machine, LogIndex index, uint generation) : ISnapshotInstaller
    {
        private readonly ByteWriter _bytes = new();
        private ulong _state;

        public ValueTask AddChunkAsync(ReadOnlyMemory<byte> chunk)
        {
            _bytes.Raw(chunk.Span);
            return ValueTask.CompletedTask;
        }

        public async ValueTask FinishAsync(WriteBatch batch)
        {
            machine._options.States?.TakenIn(machine._options.Node, _bytes.Written.Length, StableHash.Compute(_bytes.Written));
            var stale = new WriteBatch();
            using (IReadView view = machine._store.ReadLatest())
            using (IScan scan = view.Scan(machine.Row(generation, ""), machine.Row(generation + 1, "")))
            {
                while (await scan.NextAsync())
                {
                    stale.Delete(scan.Key.ToArray());
                }
            }

            AddRows(stale);
            machine._store.Apply(stale);
            machine.AddHead(batch, generation, index);
        }

        public void Switched()
        {
            (machine._generation, machine.AppliedIndex, machine._state) = (generation, index, _state);
            machine._options.States?.Switched(machine._options.Node, index, _state);
        }

        public ValueTask AbandonAsync() => ValueTask.CompletedTask;

        private void AddRows(WriteBatch to)
        {
            var reader = new ByteReader(_bytes.Written);
            while (reader.Remaining > 0)
            {
                string key = reader.Text();
                byte[] value = reader.Bytes().ToArray();
                to.Put(machine.Row(generation, key), value);
                _state ^= HashOf(key, value);
            }
        }
    }
}

/// <summary>How a table behaves, and who watches it.</summary>
internal sealed record TableOptions
{
    /// <summary>Whose it is.</summary>
    internal string Node { get; init; } = "";

    /// <summary>Who compares it with the other replicas'; null: nobody.</summary>
    internal TableStates? States { get; init; }

    /// <summary>Whether each piece of a snapshot is one row, as far as it fits: so what is lost or comes twice can still be read.</summary>
    internal bool SendsWholeRows { get; init; }

    /// <summary>What a command takes before its effects are there.</summary>
    internal Func<ValueTask> WorkAsync { get; init; } = static () => ValueTask.CompletedTask;
}
