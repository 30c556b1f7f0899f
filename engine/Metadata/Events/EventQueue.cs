using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Rows of events that wait: added in the batch of the change that they are of, removed once they are told.</summary>
/// <remarks>
/// Invariant: the count in a target's row of <see cref="Tables.EventQueues"/> is that of its rows in <see cref="Tables.Events"/>, and it is at most
/// <see cref="MetadataLimits.EventsWaitingMax"/>, or falls, after each command that adds to them: the oldest make room for the newest, so that no write ever fails or waits for whom it is told.
/// Source: decisions/0012-events.md.
/// </remarks>
internal static class EventQueue
{
    /// <summary>
    /// Most rows that one command deletes of one target, so that no command takes long: other commands wait meanwhile, and its batch is held in memory. It is above what one command adds, so what is too much still goes, if by
    /// several commands. A part of the format of the log, see <see cref="MetadataLimits.EventsWaitingMax"/>.
    /// </summary>
    internal const int DeletionsMax = 1000;

    /// <summary>Adds what a command tells.</summary>
    internal static async ValueTask AddAsync(Transition transition, IReadOnlyList<ToldEvent> told)
    {
        foreach (string target in told.Select(static one => one.Target).Distinct(StringComparer.Ordinal))
        {
            await AddAsync(transition, target, told);
        }
    }

    /// <summary>Removes a target's events up to a place, at most <see cref="DeletionsMax"/>. Those that are gone by now, as too many waited, are no error.</summary>
    internal static async ValueTask<CommandResult> RemoveAsync(Transition transition, RemoveEventsCommand command)
    {
        EventQueueRow queue = await FindAsync(transition.State, command.Target);
        (long removed, EventPlace first) = await DeleteAsync(transition, command.Target, queue.First, command.UpTo.Next, DeletionsMax);
        if (removed > 0)
        {
            Put(transition, command.Target, queue with { Count = checked(queue.Count - removed), First = first });
        }

        return new CommandResult();
    }

    /// <summary>What waits for a target.</summary>
    internal static async ValueTask<EventQueueRow> FindAsync(IReadView state, string target) =>
        await state.GetAsync(RowKeys.EventQueue(target)) is { } row ? EventFormV1.ReadQueue(row.Span) : default;

    /// <summary>Targets for which events wait, and how many.</summary>
    internal static async ValueTask<IReadOnlyList<KeyValuePair<string, long>>> ListAsync(IReadView state)
    {
        var waiting = new List<KeyValuePair<string, long>>();
        using IScan scan = state.Scan(new[] { Tables.EventQueues }, new[] { (byte)(Tables.EventQueues + 1) });
        while (await scan.NextAsync())
        {
            long count = EventFormV1.ReadQueue(scan.Value.Span).Count;
            if (count > 0)
            {
                waiting.Add(KeyValuePair.Create(RowKeys.TargetOfQueue(scan.Key.Span), count));
            }
        }

        return waiting;
    }

    private static async ValueTask AddAsync(Transition transition, string target, IReadOnlyList<ToldEvent> told)
    {
        long added = 0;
        for (int i = 0; i < told.Count; i++)
        {
            if (told[i].Target == target)
            {
                transition.Batch.Put(RowKeys.Event(target, new EventPlace(transition.Sequence, (uint)i)), EventFormV1.Encode(told[i].Event));
                added++;
            }
        }

        EventQueueRow queue = await FindAsync(transition.State, target);
        EventPlace first = queue.Count == 0 ? new EventPlace(transition.Sequence, 0) : queue.First;
        long tooMany = checked(queue.Count + added - transition.Limits.EventsWaitingMax);
        long dropped = 0;
        if (tooMany > 0)
        {
            // What this command adds is no row of the state yet, so it stays.
            var end = new EventPlace(transition.Sequence, 0);
            (dropped, first) = await DeleteAsync(transition, target, first, end, long.Min(tooMany, DeletionsMax));
        }

        Put(transition, target, new EventQueueRow(checked(queue.Count + added - dropped), first, checked(queue.Dropped + dropped)));
    }

    /// <summary>Deletes the oldest events from a place on, and tells how many these are and where the rest is to be looked for.</summary>
    private static async ValueTask<(long Count, EventPlace First)> DeleteAsync(Transition transition, string target, EventPlace from, EventPlace end, long max)
    {
        long count = 0;
        EventPlace first = from;
        using IScan scan = transition.State.Scan(RowKeys.Event(target, from), RowKeys.Event(target, end));
        while (count < max && await scan.NextAsync())
        {
            byte[] key = scan.Key.ToArray();
            transition.Batch.Delete(key);
            first = RowKeys.EventPlaceOf(key).Next;
            count++;
        }

        return (count, first);
    }

    private static void Put(Transition transition, string target, EventQueueRow queue) => transition.Batch.Put(RowKeys.EventQueue(target), EventFormV1.Encode(queue));
}

/// <summary>An event, and who is told.</summary>
internal readonly record struct ToldEvent(string Target, WaitingEvent Event);
