using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Tells one target of the events of one shard: the oldest first, one message after another, each until the target has it; only then are its events removed.</summary>
/// <remarks>
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
    private ulong _seen;
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
            EventPage page = await _outbox.ReadAsync(_lane.Name, _lane.Name == EventTargetName.EventBridge ? 1 : _eventsMax);
            Note(page);
            if (page.Events.Count == 0)
            {
                _seen = page.Stamp;
                return Timeout.InfiniteTimeSpan;
            }

            int count = 1;
            ReadOnlyMemory<byte> message = _lane.Name == EventTargetName.EventBridge
                ? EventBridgeMessage.Of(page.Events[0], _region)
                : EventMessage.Of(page.Events, _region, _options.MessageBytes, out count);
            if (await _lane.SendAsync(message, count, _stopping) is { } refusal)
            {
                return Failed("not-taken", refusal);
            }

            await _outbox.RemoveAsync(_lane.Name, page.Events[count - 1].Place);
            _done += count;
            _failuresInARow = 0;
            _eventsMax = int.Min(_eventsMax * 2, _options.MessageEventsMax);
            return TimeSpan.Zero;
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException)
        {
            return Failed("failed", failure.Message);
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

    private void Note(EventPage page)
    {
        Interlocked.Exchange(ref _waiting, page.Waiting);
        Interlocked.Exchange(ref _dropped, page.Dropped);
    }

    private TimeSpan Failed(string what, string reason)
    {
        // A target that is down for hours is told of once, and again each time that it has been back.
        if (_failuresInARow == 0)
        {
            _trace.Emit(TraceLevel.Warning, "events", what, ("target", _lane.Name), ("shard", _outbox.Name), ("error", reason));
        }

        const int DoublingsMax = 16;
        TimeSpan rest = _options.RetryDelayMin * (1 << int.Min(_failuresInARow, DoublingsMax));
        _failuresInARow++;
        _failures++;
        _eventsMax = 1;
        return rest < _options.RetryDelayMax ? rest : _options.RetryDelayMax;
    }
}
