using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <content>Events that wait to be told.</content>
public sealed partial class MetadataShard
{
    private readonly EventStamp _events = new();

    /// <summary>The events that wait here. Any thread.</summary>
    public IEventOutbox Events => new Outbox(this);

    private sealed class Outbox(MetadataShard shard) : IEventOutbox
    {
        public string Name => "shard";

        public Task<EventPage> ReadAsync(string target, int eventsMax)
        {
            ArgumentNullException.ThrowIfNull(target);
            return shard._loop.CallAsync(static call => call.Shard.ReadEventsAsync(call.Target, call.Max), (Shard: shard, Target: target, Max: eventsMax));
        }

        public Task RemoveAsync(string target, EventPlace upTo)
        {
            ArgumentNullException.ThrowIfNull(target);
            return shard.ExecuteAsync(new RemoveEventsCommand(target, upTo) { NowUtc = shard._environment.Clock.UtcNow });
        }

        public Task<IReadOnlyList<KeyValuePair<string, long>>> ListAsync() => shard._loop.CallAsync(
            static async shard =>
            {
                using IReadView state = shard._store.ReadDurable();
                return await EventQueue.ListAsync(state);
            },
            shard);

        public Task WaitAsync(ulong stamp) => shard._loop.CallAsync(
            static async call =>
            {
                await call.Shard._events.WaitAsync(call.Stamp);
                return true;
            },
            (Shard: shard, Stamp: stamp));
    }

    private async ValueTask<EventPage> ReadEventsAsync(string target, int eventsMax)
    {
        // Before anything is awaited: what comes later must count as unseen.
        ulong stamp = _events.Value;
        await _lastDurable;
        using IReadView state = _store.ReadDurable();
        return await EventPage.ReadAsync(state, stamp, target, eventsMax);
    }
}
