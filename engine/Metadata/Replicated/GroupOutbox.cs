using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The events that wait in a group, as one of its replicas sees them. Only the leader tells them.</summary>
/// <remarks>A replica that leads no more, and does not know it yet, may tell once more what the new leader tells.</remarks>
public sealed class GroupOutbox : IEventOutbox
{
    private readonly NodeEnvironment _environment;
    private readonly ILoop _loop;
    private readonly IRaftGroup _group;
    private readonly GroupMachine _machine;
    private readonly EventStamp _events;
    private readonly Gate _changes = new();

    // The stamp when leadership changed last.
    private ulong _changedAt;

    /// <summary>Prepares it.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="loop">Of the store, which owns the replica.</param>
    /// <param name="group">The replica.</param>
    /// <param name="machine">Its state.</param>
    /// <param name="shard">Its metadata.</param>
    public GroupOutbox(NodeEnvironment environment, ILoop loop, IRaftGroup group, GroupMachine machine, ShardModule shard)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(shard);
        (_environment, _loop, _group, _machine, _events) = (environment, loop, group, machine, shard.Events);
        Name = $"group-{group.Id}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Looks again whenever leadership changes. On the loop of the store; ends with the node.</summary>
    public async Task WatchAsync()
    {
        while (true)
        {
            _events.Advance();
            _changedAt = _events.Value;
            _changes.Open();
            await _group.WaitForChangeAsync();
        }
    }

    /// <inheritdoc/>
    public Task<EventPage> ReadAsync(string target, int eventsMax)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _loop.CallAsync(static call => call.Self.ReadOnLoopAsync(call.Target, call.Max), (Self: this, Target: target, Max: eventsMax));
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string target, EventPlace upTo)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _loop.CallAsync(static call => call.Self.RemoveOnLoopAsync(call.Target, call.UpTo), (Self: this, Target: target, UpTo: upTo));
    }

    /// <inheritdoc/>
    public Task WaitAsync(ulong stamp) => _loop.CallAsync(
        static call => call.Self.WaitOnLoopAsync(call.Stamp), (Self: this, Stamp: stamp));

    /// <inheritdoc/>
    public Task<IReadOnlyList<KeyValuePair<string, long>>> ListAsync() => _loop.CallAsync(
        static async self =>
        {
            using IReadView state = self._machine.Read();
            return await EventQueue.ListAsync(state);
        },
        this);

    private async ValueTask<EventPage> ReadOnLoopAsync(string target, int eventsMax)
    {
        // Before anything is awaited: what comes later must count as unseen.
        ulong stamp = _events.Value;
        if (!_group.IsLeader)
        {
            return new EventPage(stamp, IsLed: false, 0, 0, []);
        }

        using IReadView state = _machine.Read();
        return await EventPage.ReadAsync(state, stamp, target, eventsMax);
    }

    private async ValueTask<bool> WaitOnLoopAsync(ulong stamp)
    {
        // Events are the business of whoever leads: elsewhere only a change of that is new.
        while (!_group.IsLeader && _changedAt <= stamp)
        {
            await _changes.WaitAsync();
        }

        await _events.WaitAsync(stamp);
        return true;
    }

    private async ValueTask<bool> RemoveOnLoopAsync(string target, EventPlace upTo)
    {
        var to = new ByteWriter();
        ShardCommandCodec.Encode(new ExecuteCommand(0, new RemoveEventsCommand(target, upTo) { NowUtc = _environment.Clock.UtcNow }), to);
        ProposalOutcome outcome = await _group.ProposeAsync(to.WrittenMemory, freesSpace: true);
        return outcome.Status == ProposalStatus.Applied
            ? true
            : throw new StorageException(StorageError.Unavailable, "group", -1, $"group {_group.Id} did not take the removal of events: {outcome.Status}");
    }
}
