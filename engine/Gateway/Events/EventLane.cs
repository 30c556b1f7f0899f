using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>The way to one target that all shards of a node share: bounded, and counted. On the loop of the deliveries; counts are for any thread.</summary>
/// <param name="target">The target.</param>
/// <param name="messagesMax">Messages on their way at the same time.</param>
internal sealed class EventLane(IEventTarget target, int messagesMax)
{
    private readonly Gate _room = new();
    private readonly List<EventDelivery> _deliveries = [];
    private int _underWay;
    private long _delivered;
    private long _failures;

    internal string Name => target.Name;

    internal EventCounts Counts
    {
        get
        {
            long waiting = 0;
            long dropped = 0;
            lock (_deliveries)
            {
                foreach (EventDelivery delivery in _deliveries)
                {
                    waiting += delivery.Waiting;
                    dropped += delivery.Dropped;
                }
            }

            return new EventCounts(Name, Interlocked.Read(ref _delivered), Interlocked.Read(ref _failures), waiting, dropped);
        }
    }

    internal void Add(EventDelivery delivery)
    {
        lock (_deliveries)
        {
            _deliveries.Add(delivery);
        }
    }

    /// <summary>Ends when no delivery reads rows: <see cref="EventDelivery.EndReadingAsync"/>.</summary>
    internal async ValueTask EndReadingAsync()
    {
        EventDelivery[] deliveries;
        lock (_deliveries)
        {
            deliveries = [.. _deliveries];
        }

        foreach (EventDelivery delivery in deliveries)
        {
            await delivery.EndReadingAsync();
        }
    }

    /// <summary>Sends one message when there is room.</summary>
    /// <returns>Why the target does not have it; null when it has.</returns>
    internal async ValueTask<string?> SendAsync(ReadOnlyMemory<byte> message, int events, CancellationToken cancellation)
    {
        while (_underWay >= messagesMax)
        {
            await _room.WaitAsync();
        }

        cancellation.ThrowIfCancellationRequested();
        _underWay++;
        string? failure;
        try
        {
            failure = await target.SendAsync(message, cancellation);
        }
        finally
        {
            _underWay--;
            _room.Open();
        }

        if (failure is null)
        {
            Interlocked.Add(ref _delivered, events);
        }
        else
        {
            Interlocked.Increment(ref _failures);
        }

        return failure;
    }
}
