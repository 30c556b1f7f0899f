using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The replicated state of one group on one node: rows in the node's ordered store, changed by modules, one command after another.</summary>
/// <remarks>
/// Invariants: the rows of the current generation, its header included, are a function of the commands applied; effects, applied index and counter are one batch. A snapshot is
/// taken in as another generation and becomes the state in one batch; rows of other generations are removed in the background, however often that is interrupted.
/// Lives on the loop that owns the store. Source: decisions/0007-cluster.md.
/// </remarks>
public sealed class GroupMachine : IReplicatedStateMachine
{
    private readonly IOrderedStore _store;
    private readonly ulong _group;
    private readonly SortedDictionary<byte, IGroupModule> _modules = [];
    private readonly GenerationCleaner _cleaner;
    private KeySpace _space;
    private Generations _generations;
    private GroupHeader _header;

    private GroupMachine(IOrderedStore store, ulong group, IReadOnlyList<IGroupModule> modules, GenerationCleaner cleaner)
    {
        (_store, _group, _cleaner) = (store, group, cleaner);
        _space = new KeySpace(group, Generations.First.Current);
        foreach (IGroupModule module in modules)
        {
            _modules.Add(module.CommandKind, module);
        }
    }

    /// <summary>Opens a group's state, or an empty one. Call on <paramref name="loop"/>.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="loop">Owns <paramref name="store"/>.</param>
    /// <param name="store">Holds the rows; may hold those of other groups.</param>
    /// <param name="group">Which group.</param>
    /// <param name="modules">Decide its commands. The same on every replica.</param>
    /// <exception cref="StorageException">A row could not be read, or is damaged.</exception>
    public static async ValueTask<GroupMachine> OpenAsync(
        NodeEnvironment environment, ILoop loop, IOrderedStore store, GroupId group, IReadOnlyList<IGroupModule> modules)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(modules);
        Invariant.Check(loop.IsCurrent, "a group is opened on its own loop");
        var machine = new GroupMachine(store, group.Value, modules, new GenerationCleaner(environment, store, group.Value));
        try
        {
            await machine.LoadAsync();
        }
        catch (MalformedDataException damage)
        {
            throw Damaged(damage);
        }

        machine._cleaner.Keep(machine._generations.Current, installing: null);
        environment.Spawner.Spawn(loop, $"group-{group}-cleaner", machine._cleaner.RunAsync);
        return machine;
    }

    /// <summary>The group.</summary>
    public GroupId Group => new(_group);

    /// <inheritdoc/>
    public LogIndex AppliedIndex => _header.Applied;

    /// <summary>Number of the newest command: reads of the state see everything up to it.</summary>
    public ulong Number => GroupHeader.NumberOf(_header.Counter, _group);

    /// <summary>The group's rows as they are now. A replica may be behind: ask <see cref="IRaftGroup.ReadIndexAsync"/> first where that matters.</summary>
    public IReadView Read() => _space.View(_store.ReadLatest());

    /// <summary>The module with that first byte.</summary>
    public TModule Module<TModule>(byte kind)
        where TModule : IGroupModule => (TModule)_modules[kind];

    /// <inheritdoc/>
    public async ValueTask<object?> ApplyAsync(LogIndex index, Term term, ReadOnlyMemory<byte> command)
    {
        Invariant.Check(index > _header.Applied, "a command is applied once, in order");

        // What is committed must be applied: it may use the space that is kept for freeing space.
        await _store.WaitForRoomAsync(freesSpace: true);
        var header = new GroupHeader(index, _header.Counter + 1);
        using IReadView latest = Read();
        var step = new GroupStep(latest, GroupHeader.NumberOf(header.Counter, _group));
        object? result;
        try
        {
            result = await ModuleOf(command).ApplyAsync(step, command);
        }
        catch (MalformedDataException damage)
        {
            throw Damaged(damage);
        }

        // Nothing is awaited from here on.
        header = header with { Counter = ulong.Max(header.Counter, step.RaisedTo >> GroupHeader.GroupBits) };
        var batch = new WriteBatch();
        _space.Add(batch, step.Batch);
        batch.Put(_space.KeyOf(GroupHeader.Key), header.Encode());
        _store.Apply(batch);
        _header = header;
        step.Finish();
        return result;
    }

    /// <inheritdoc/>
    public ISnapshotSource OpenSnapshot() => new GroupSnapshotSource(Read());

    /// <inheritdoc/>
    public async ValueTask<ISnapshotInstaller> BeginInstallAsync(LogIndex index, Term term)
    {
        _generations = _generations with { Newest = checked(_generations.Newest + 1) };
        var batch = new WriteBatch();
        batch.Put(Generations.KeyOf(_group), _generations.Encode());
        await _store.WaitForRoomAsync(freesSpace: true);
        _store.Apply(batch);
        _cleaner.Keep(_generations.Current, _generations.Newest);
        return new GroupInstaller(this, _store, new KeySpace(_group, _generations.Newest), index);
    }

    /// <summary>Prepares the switch to a generation that holds a whole state.</summary>
    internal async ValueTask<Action> PrepareSwitchAsync(KeySpace space, GroupHeader header, WriteBatch batch)
    {
        Invariant.Check(space.Generation == _generations.Newest, "only the newest installation counts");
        var puts = new List<Action>(_modules.Count);
        using (IReadView state = space.View(_store.ReadLatest()))
        {
            foreach (IGroupModule module in _modules.Values)
            {
                puts.Add(await module.LoadAsync(state));
            }
        }

        Generations generations = _generations with { Current = space.Generation };
        batch.Put(Generations.KeyOf(_group), generations.Encode());
        batch.Put(space.KeyOf(GroupHeader.Key), header.Encode());
        return () =>
        {
            (_space, _header, _generations) = (space, header, generations);
            foreach (Action put in puts)
            {
                put();
            }

            _cleaner.Keep(generations.Current, installing: null);
        };
    }

    internal void Abandoned(KeySpace space)
    {
        if (space.Generation == _generations.Newest)
        {
            _cleaner.Keep(_generations.Current, installing: null);
        }
    }

    private async ValueTask LoadAsync()
    {
        using IReadView whole = _store.ReadLatest();
        ReadOnlyMemory<byte>? row = await whole.GetAsync(Generations.KeyOf(_group));
        _generations = row is { } value ? Generations.Decode(value.Span) : Generations.First;
        _space = new KeySpace(_group, _generations.Current);
        using IReadView state = Read();
        ReadOnlyMemory<byte>? header = await state.GetAsync(GroupHeader.Key);
        _header = header is { } found ? GroupHeader.Decode(found.Span) : default;
        foreach (IGroupModule module in _modules.Values)
        {
            Action put = await module.LoadAsync(state);
            put();
        }
    }

    private IGroupModule ModuleOf(ReadOnlyMemory<byte> command) =>
        !command.IsEmpty && _modules.TryGetValue(command.Span[0], out IGroupModule? module)
            ? module
            : throw new MalformedDataException("command of no known kind");

    private static StorageException Damaged(MalformedDataException damage) => new(StorageError.Corrupt, "rows of a group", -1, damage.Message);
}
