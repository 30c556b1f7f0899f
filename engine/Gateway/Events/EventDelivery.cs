using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Tells one target of the events of one shard: the oldest first, one message after another, each until the target has it; only then are its events removed.</summary>
/// <remarks>
/// EventBridge takes one event a message: some of a page are on their way at the same time, and those before the first that was not taken are removed together.
/// Between shards, and when a message is repeated, events may come in another order: their sequencers tell. After a failure a single event is sent, so that a target is not overwhelmed; then more and more.
/// Units of progress: events. On one loop.
/// </remarks>
internal sealed class EventDelivery : Worker
{
    private readonly IEventOutbox _outbox;
    private readonly EventLane _lane;
    private readonly EventOptions _options;
    private readonly string _region;
    private readonly ITrace _trace;
    private readonly CancellationToken _stopping;
    private int _eventsMax;
    private int _failuresInARow;
    private string _failedAt = "";
    private EventPlace _toldUpTo;
    private Task _reading = Task.CompletedTask;
    private ulong _seen;
    private long? _droppedBefore;
    private bool _isDropping;
    private long _done;
    private long _failures;
    private long _waiting;
    private long _dropped;

    internal EventDelivery(NodeEnvironment environment, IEventOutbox outbox, EventLane lane, EventOptions options, string region, CancellationToken stopping)
        : base($"events-{outbox.Name}-{lane.Name}", environment.Clock)
    {
        (_outbox, _lane, _options, _region, _trace, _stopping) = (outbox, lane, options, region, environment.Trace, stopping);
        _eventsMax = options.MessageEventsMax;
    }

    /// <inheritdoc/>
    public override WorkerProgress Progress => new(_done, _done + Waiting, _failures, 0);

    /// <summary>Events that wait, as they were looked at last; 0 where another node tells them. Any thread.</summary>
    internal long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Events that were dropped as too many waited, likewise.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        try
        {
            Task<EventPage> reading = _outbox.ReadAsync(_lane.Name, _eventsMax);
            _reading = reading;
            EventPage page = await reading;
            Note(page);
            if (page.Events.Count == 0)
            {
                // What failed is gone, or another node's: the next failure is a new one.
                (_seen, _failuresInARow) = (page.Stamp, 0);
                return Timeout.InfiniteTimeSpan;
            }

            string? refusal = null;
            if (page.Events[0].Place.IsAfter(_toldUpTo))
            {
                (int told, refusal) = await SendAsync(page.Events);
                if (told == 0)
                {
                    return Failed("not-taken", refusal!);
                }

                _toldUpTo = page.Events[told - 1].Place;
                _done += told;
            }

            // Should this fail, the next step comes here again and tells nothing twice.
            await _outbox.RemoveAsync(_lane.Name, _toldUpTo);
            _failuresInARow = 0;
            if (refusal is not null)
            {
                return Failed("not-taken", refusal);
            }

            _eventsMax = int.Min(_eventsMax * 2, _options.MessageEventsMax);
            return TimeSpan.Zero;
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException)
        {
            return Failed("failed", failure.Message);
        }
    }

    /// <summary>Ends when no rows are being read: who stops the worker first may close the shard then. On the worker's loop.</summary>
    internal async ValueTask EndReadingAsync()
    {
        try
        {
            await _reading;
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException)
        {
            // The step that reads says so.
        }
    }

    /// <summary>Waits for what may be new; a failure waits for its time.</summary>
    protected override async ValueTask RestAsync(TimeSpan rest, CancellationToken cancellation)
    {
        if (rest == Timeout.InfiniteTimeSpan)
        {
            await _outbox.WaitAsync(_seen);
        }
        else if (rest > TimeSpan.Zero)
        {
            await Clock.DelayAsync(rest, cancellation);
        }
    }

    /// <summary>Sends the oldest of some events.</summary>
    /// <returns>How many the target has, from the oldest on; and why it does not have the next, if it was sent.</returns>
    private async ValueTask<(int Told, string? Refusal)> SendAsync(IReadOnlyList<WaitingEvent> events)
    {
        if (_lane.Name == EventTargetName.EventBridge)
        {
            return await SendEachAsync(events);
        }

        ReadOnlyMemory<byte> message = EventMessage.Of(events, _region, _options.MessageBytes, out int count);
        string? refusal = await _lane.SendAsync(message, count, _stopping);
        return (refusal is null ? count : 0, refusal);
    }

    private async ValueTask<(int Told, string? Refusal)> SendEachAsync(IReadOnlyList<WaitingEvent> events)
    {
        string?[] refusals = new string?[events.Count];
        int sent = 0;
        bool isRefused = false;

        async Task SendSomeAsync()
        {
            // After the first that is not taken none is begun: it may be down.
            while (!isRefused && sent < events.Count)
            {
                int at = sent++;
                refusals[at] = await _lane.SendAsync(EventBridgeMessage.Of(events[at], _region), 1, _stopping);
                isRefused |= refusals[at] is not null;
            }
        }

        await Task.WhenAll(Enumerable.Range(0, int.Min(_options.MessagesInFlightMax, events.Count)).Select(_ => SendSomeAsync()));
        int told = Array.FindIndex(refusals, static refusal => refusal is not null);
        return told < 0 ? (sent, null) : (told, refusals[told]);
    }

    private void Note(EventPage page)
    {
        if (page.IsLed)
        {
            // Told of when it begins, and not with each page: a target that is too slow may lose events for hours.
            bool wasDropping = _isDropping;
            _isDropping = page.Dropped > (_droppedBefore ?? page.Dropped);
            if (_isDropping && !wasDropping)
            {
                _trace.Emit(TraceLevel.Warning, "events", "dropped", ("target", _lane.Name), ("shard", _outbox.Name), ("dropped", page.Dropped), ("waiting", page.Waiting));
            }

            _droppedBefore = page.Dropped;
        }

        Interlocked.Exchange(ref _waiting, page.Waiting);
        Interlocked.Exchange(ref _dropped, page.Dropped);
    }

    private TimeSpan Failed(string what, string reason)
    {
        // A target that is down for hours is told of once, and again each time that it has been back.
        if (_failuresInARow == 0 || what != _failedAt)
        {
            _trace.Emit(TraceLevel.Warning, "events", what, ("target", _lane.Name), ("shard", _outbox.Name), ("error", reason));
        }

        _failedAt = what;
        _failures++;
        _eventsMax = 1;
        return Backoff.Rest(_options.RetryDelayMin, _options.RetryDelayMax, _failuresInARow++);
    }
}
