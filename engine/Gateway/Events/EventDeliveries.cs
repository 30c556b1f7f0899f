using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Tells targets of the events of a node's shards: one worker for each target and shard, so that a dead target holds up no other. Any thread.</summary>
/// <remarks>Source: decisions/0012-events.md.</remarks>
public sealed class EventDeliveries
{
    private readonly NodeEnvironment _environment;
    private readonly EventOptions _options;
    private readonly string _region;
    private readonly CancellationTokenSource _stopping;
    private readonly List<EventLane> _lanes;
    private readonly List<Task> _looksForForgotten = [];
    private readonly ILoop? _loop;

    /// <summary>Prepares it; it works on a loop of its own, if there are targets.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="options">Whom to tell, and how.</param>
    /// <param name="region">What messages call the region.</param>
    public EventDeliveries(NodeEnvironment environment, EventOptions options, string region)
        : this(environment, options, region, new CancellationTokenSource())
    {
    }

    private EventDeliveries(NodeEnvironment environment, EventOptions options, string region, CancellationTokenSource stopping)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Targets.Count, EventOptions.TargetsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MessageEventsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MessagesInFlightMax, 1);
        (_environment, _options, _region, _stopping) = (environment, options, region, stopping);
        _lanes = [.. options.Targets.Select(target => new EventLane(target, options.MessagesInFlightMax))];
        _loop = _lanes.Count > 0 ? environment.Spawner.CreateLoop("events") : null;
    }

    /// <summary>There is somebody to tell.</summary>
    public bool HasTargets => _lanes.Count > 0;

    /// <summary>What became of events, in order of the targets.</summary>
    public IReadOnlyList<EventCounts> Counts => [.. _lanes.Select(static lane => lane.Counts)];

    /// <summary>Tells of the events of a shard too, from now on.</summary>
    public void Attach(IEventOutbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        foreach (EventLane lane in _lanes)
        {
            var delivery = new EventDelivery(_environment, outbox, lane, _options, _region, _stopping.Token);
            lane.Add(delivery);
            _environment.Spawner.Spawn(_loop!, delivery.Name, () => delivery.RunAsync(_stopping.Token));
        }

        if (HasTargets)
        {
            _environment.Spawner.Spawn(_loop!, $"events-forgotten-{outbox.Name}", () =>
            {
                Task look = TraceForgottenAsync(outbox);
                _looksForForgotten.Add(look);
                return look;
            });
        }
    }

    /// <summary>Warns of events of a shard that nobody tells, as this node has no target of their name (any more).</summary>
    public async Task TraceForgottenAsync(IEventOutbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        try
        {
            foreach ((string target, long waiting) in await outbox.ListAsync())
            {
                if (!_lanes.Exists(lane => lane.Name == target))
                {
                    _environment.Trace.Emit(TraceLevel.Warning, "events", "forgotten", ("target", target), ("shard", outbox.Name), ("waiting", waiting));
                }
            }
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException)
        {
            // Nothing depends on it.
            _environment.Trace.Emit(TraceLevel.Warning, "events", "forgotten-unknown", ("shard", outbox.Name), ("error", failure.Message));
        }
    }

    /// <summary>Ends it. Messages on their way are given up, and their events told after the next start. When this has ended no rows are being read, so that the shards may be closed.</summary>
    public async Task StopAsync()
    {
        _stopping.Cancel();
        if (_loop is not null)
        {
            await _loop.CallAsync(
                static async self =>
                {
                    await self.EndReadingAsync();
                    return true;
                },
                this);
        }
    }

    private async ValueTask EndReadingAsync()
    {
        foreach (EventLane lane in _lanes)
        {
            await lane.EndReadingAsync();
        }

        foreach (Task look in _looksForForgotten)
        {
            await look;
        }
    }
}
