using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Consensus;

/// <summary>All Raft groups of a node: one loop, one store, one clock. Belongs to the loop that owns the store: call it from there only.</summary>
/// <remarks>
/// A turn: messages, ticks and proposals have changed the cores; the pump takes what comes of it from each core, sends what may go at once (all groups' messages
/// to a node in one frame), and queues the rest for the writer, which puts the entries of all groups into one batch of the store. When that is durable the
/// messages that depend on it go, and the cores are told. Nothing waits for the disk but what has to.
/// </remarks>
public sealed class RaftHost
{
    private static readonly TimeSpan FullRetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly SortedDictionary<GroupId, RaftGroup> _groups = [];
    private readonly List<RaftGroup> _dirty = [];
    private readonly Signal _pumpWake = new();
    private readonly LogWriter _writer;
    private readonly Outbox _outbox;

    /// <summary>A host without groups; starts its work on the loop.</summary>
    /// <param name="environment">The seams; the network is not used, frames go through <paramref name="transport"/>.</param>
    /// <param name="loop">The loop that owns the store; call from it.</param>
    /// <param name="store">Where logs and machines live.</param>
    /// <param name="self">This node's peer in all its groups; see <see cref="PeerId.OfStore"/>.</param>
    /// <param name="transport">To other nodes.</param>
    /// <param name="options">Times and bounds.</param>
    /// <param name="keyPrefix">Where the log's rows are in the store; empty for table 21 (hexadecimal).</param>
    /// <exception cref="ArgumentException">Nobody as <paramref name="self"/>, or options that cannot work.</exception>
    public RaftHost(
        NodeEnvironment environment,
        ILoop loop,
        IOrderedStore store,
        PeerId self,
        IRaftTransport transport,
        RaftHostOptions options,
        ReadOnlyMemory<byte> keyPrefix = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfEqual(self, PeerId.None);
        Invariant.Check(loop.IsCurrent, "a host is made on its loop");
        (Environment, Loop, Store, Self, Options) = (environment, loop, store, self, options);
        _outbox = new Outbox(transport);
        Log = new RaftLogStore(store, keyPrefix.Length == 0 ? new byte[] { 0x21 } : keyPrefix);
        _writer = new LogWriter(this);
        environment.Spawner.Spawn(loop, "raft-pump", PumpAsync);
        environment.Spawner.Spawn(loop, "raft-write", _writer.RunAsync);
        environment.Spawner.Spawn(loop, "raft-tick", TickAsync);
    }

    /// <summary>This node's peer.</summary>
    public PeerId Self { get; }

    /// <summary>Times and bounds.</summary>
    public RaftHostOptions Options { get; }

    /// <summary>The open groups, in order.</summary>
    public IReadOnlyCollection<RaftGroup> Groups => _groups.Values;

    /// <summary>Why nothing is written any more; null while all is well. Then every group has failed, and the node should be started again.</summary>
    public StorageException? Failure { get; private set; }

    /// <summary>Called when a message comes for a group that is not open here: which, and the node that sent it. Who wants to take part creates the group.</summary>
    public Action<GroupId, NodeId>? UnknownGroup { get; set; }

    internal NodeEnvironment Environment { get; }

    internal ILoop Loop { get; }

    internal IOrderedStore Store { get; }

    internal RaftLogStore Log { get; }

    internal LogWriter Writer => _writer;

    internal int SnapshotsSending { get; set; }

    /// <summary>An open group; null when there is none.</summary>
    public RaftGroup? Find(GroupId group) => _groups.GetValueOrDefault(group);

    /// <summary>Takes a frame that another node's transport was given.</summary>
    /// <param name="from">The sending node.</param>
    /// <param name="frame">Belongs to the host from now on. What is not well formed is dropped.</param>
    public void Receive(NodeId from, ReadOnlyMemory<byte> frame)
    {
        Invariant.Check(Loop.IsCurrent, "a host belongs to one loop");
        if (Failure is not null)
        {
            return;
        }

        try
        {
            Outbox.Read(frame, (group, message) => Take(from, group, message));
        }
        catch (MalformedDataException wrong)
        {
            Environment.Trace.Emit(TraceLevel.Warning, "raft", "malformed", ("from", from.Value), ("reason", wrong.Message));
            Environment.Trace.Mark("raft-malformed");
        }
    }

    /// <summary>Creates a group on this node and opens it. On return it is durable.</summary>
    /// <param name="id">Not zero; not here yet.</param>
    /// <param name="membership">The first membership, the same on all its voters; or <see cref="RaftMembership.Empty"/> to wait until a leader takes this node in.</param>
    /// <param name="machine">New: it has applied nothing.</param>
    /// <exception cref="ArgumentException">The group is here already, or the membership is joint or without this node.</exception>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<RaftGroup> CreateGroupAsync(GroupId id, RaftMembership membership, IReplicatedStateMachine machine)
    {
        ArgumentNullException.ThrowIfNull(membership);
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentOutOfRangeException.ThrowIfEqual(id.Value, 0UL, nameof(id));
        if (membership.IsJoint || (!membership.IsEmpty && (!membership.Contains(Self) || membership.Voters.Count == 0)))
        {
            throw new ArgumentException("a first membership names this node and voters, and is not joint", nameof(membership));
        }

        if (_groups.ContainsKey(id) || await Log.LoadAsync(id, Options) is not null)
        {
            throw new ArgumentException($"group {id} is here already", nameof(id));
        }

        RaftHardState removed = await Log.ReadRemovedAsync(id);
        await Store.WaitForRoomAsync();
        var batch = new WriteBatch();
        Log.AddState(batch, id, removed with { Commit = default }, default);
        Log.AddStart(batch, id, default, default, membership);
        await Store.Apply(batch).Durable;
        RaftGroup group = await OpenGroupAsync(id, machine);
        if (membership.Voters.Count > 0 && membership.Voters[0].Peer == Self)
        {
            group.CampaignNow();
        }

        return group;
    }

    /// <summary>The groups whose logs are in the store, open or not.</summary>
    public async Task<IReadOnlyList<GroupId>> ListGroupsAsync() => await Log.ListAsync();

    /// <summary>Opens a group that is in the store.</summary>
    /// <param name="id">Which.</param>
    /// <param name="machine">Its machine, in the state that the store holds.</param>
    /// <exception cref="ArgumentException">It is open, or not in the store.</exception>
    /// <exception cref="StorageException">The log is damaged, or does not reach back to what the machine has applied.</exception>
    public async Task<RaftGroup> OpenGroupAsync(GroupId id, IReplicatedStateMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        LoadedLog loaded = await Log.LoadAsync(id, Options) ?? throw new ArgumentException($"group {id} is not in the store", nameof(id));
        if (_groups.ContainsKey(id))
        {
            throw new ArgumentException($"group {id} is open", nameof(id));
        }

        var group = new RaftGroup(this, id, machine, loaded);
        _groups.Add(id, group);
        group.Start();
        return group;
    }

    /// <summary>Stops a group on this node and removes its log. The machine's rows are the caller's to remove, after this.</summary>
    /// <remarks>Take the peer out of the membership first. Term and vote stay, so that the peer may be taken in again.</remarks>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task RemoveGroupAsync(GroupId id)
    {
        if (_groups.Remove(id, out RaftGroup? group))
        {
            await group.StopAsync();
        }

        if (await Log.LoadAsync(id, Options) is { } found)
        {
            await Log.RemoveAsync(id, found.Saved.State);
        }
    }

    internal void Wake(RaftGroup group)
    {
        if (!group.IsDirty)
        {
            group.IsDirty = true;
            _dirty.Add(group);
            _pumpWake.Set();
        }
    }

    internal void Post(NodeId to, GroupId group, RaftMessage message) => _outbox.Add(to, group, message);

    internal void Flush() => _outbox.Flush();

    /// <summary>The store takes no more: nothing that was promised can be kept from here on.</summary>
    internal void Fail(StorageException failure)
    {
        if (Failure is not null)
        {
            return;
        }

        Failure = failure;
        Environment.Trace.Emit(TraceLevel.Error, "raft", "store-failed", ("reason", failure.Message));
        foreach (RaftGroup group in _groups.Values)
        {
            group.Fail(failure.Message);
        }
    }

    private void Take(NodeId from, GroupId id, RaftMessage message)
    {
        if (message.To != Self)
        {
            // For a peer that lived on this node before its disk was wiped.
            Environment.Trace.Mark("raft-wrong-peer");
            return;
        }

        if (_groups.TryGetValue(id, out RaftGroup? group))
        {
            group.Receive(from, message);
        }
        else
        {
            UnknownGroup?.Invoke(id, from);
        }
    }

    private async Task PumpAsync()
    {
        // The event loop of messages and proposals; ends with the node.
        while (true)
        {
            await _pumpWake.WaitAsync();
            for (int i = 0; i < _dirty.Count; i++)
            {
                _dirty[i].IsDirty = false;
                _dirty[i].Pump();
            }

            _dirty.Clear();
            _outbox.Flush();
        }
    }

    private async Task TickAsync()
    {
        // The event loop of time; ends with the node or when the store has failed.
        while (Failure is null)
        {
            await Environment.Clock.DelayAsync(Options.TickInterval);
            foreach (RaftGroup group in _groups.Values)
            {
                group.Tick();
            }
        }
    }

    /// <summary>Waits for room, however full the disk is. False when the store has failed.</summary>
    internal async ValueTask<bool> WaitForRoomAsync()
    {
        while (Failure is null)
        {
            try
            {
                await Store.WaitForRoomAsync(freesSpace: true);
                return true;
            }
            catch (StorageException full) when (full.Error == StorageError.Full)
            {
                await Environment.Clock.DelayAsync(FullRetryDelay);
            }
            catch (StorageException failure)
            {
                Fail(failure);
            }
        }

        return false;
    }
}
