using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The events that wait in one shard, for whoever delivers them: reads in order, tells, removes. Any thread.</summary>
/// <remarks>Only what can no longer be lost is shown. A crash between telling and removing shows it again: events are told at least once.</remarks>
public interface IEventOutbox
{
    /// <summary>Names the shard, for traces.</summary>
    string Name { get; }

    /// <summary>The oldest events of a target.</summary>
    /// <param name="target">Its name.</param>
    /// <param name="eventsMax">At most so many.</param>
    /// <exception cref="StorageException">Rows cannot be read now.</exception>
    Task<EventPage> ReadAsync(string target, int eventsMax);

    /// <summary>Removes the events of a target up to a place; returns when that is durable.</summary>
    /// <exception cref="StorageException">It is not known whether they are removed; they may be told again.</exception>
    Task RemoveAsync(string target, EventPlace upTo);

    /// <summary>For which targets events wait here, and how many, whichever node tells them.</summary>
    /// <exception cref="StorageException">Rows cannot be read now.</exception>
    Task<IReadOnlyList<KeyValuePair<string, long>>> ListAsync();

    /// <summary>Ends when there may be more to see here than when a page of that <see cref="EventPage.Stamp"/> was read; at once if that is so already.</summary>
    Task WaitAsync(ulong stamp);
}

/// <summary>Events that wait.</summary>
/// <param name="Stamp">For <see cref="IEventOutbox.WaitAsync"/>.</param>
/// <param name="IsLed">This node is the one that tells them; where it is not, the rest is empty.</param>
/// <param name="Waiting">How many wait for the target.</param>
/// <param name="Dropped">How many were ever dropped in this shard, as too many waited for the target.</param>
/// <param name="Events">The oldest, in order.</param>
public sealed record EventPage(ulong Stamp, bool IsLed, long Waiting, long Dropped, IReadOnlyList<WaitingEvent> Events)
{
    /// <summary>Reads the oldest events of a target from a state.</summary>
    internal static async ValueTask<EventPage> ReadAsync(IReadView state, ulong stamp, string target, int eventsMax)
    {
        EventQueueRow queue = await EventQueue.FindAsync(state, target);
        var events = new List<WaitingEvent>();
        if (queue.Count > 0)
        {
            using IScan scan = state.Scan(RowKeys.Event(target, queue.First), RowKeys.AfterEvents(target));
            while (events.Count < eventsMax && await scan.NextAsync())
            {
                events.Add(EventFormV1.ReadEvent(scan.Value.Span) with { Place = RowKeys.EventPlaceOf(scan.Key.Span) });
            }
        }

        return new EventPage(stamp, IsLed: true, queue.Count, queue.Dropped, events);
    }
}

/// <summary>Counts what may be new in an outbox, and lets waiters look again. For use on one loop.</summary>
public sealed class EventStamp
{
    private readonly Kernel.Gate _gate = new();

    /// <summary>Grows with all that may be new.</summary>
    public ulong Value { get; private set; }

    /// <summary>There may be something new.</summary>
    public void Advance()
    {
        Value++;
        _gate.Open();
    }

    /// <summary>Ends when it is another one than <paramref name="seen"/>.</summary>
    public async ValueTask WaitAsync(ulong seen)
    {
        while (Value == seen)
        {
            await _gate.WaitAsync();
        }
    }
}
