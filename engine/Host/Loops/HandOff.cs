using System;
using System.Threading;

namespace ObjectStore.Engine.Host;

/// <summary>Work for a loop: what, and with what.</summary>
/// <param name="Work">An <see cref="Action{T}"/> of object or a <see cref="SendOrPostCallback"/>.</param>
/// <param name="State">Its argument.</param>
public readonly record struct HandedWork(Delegate Work, object? State);

/// <summary>The hand-off into a loop: many threads put, one takes everything at once.</summary>
/// <remarks>
/// Putters append to one array under a short lock; the taker swaps it for an empty one. It spins for some microseconds before it sleeps, because the next disk
/// completion usually comes soon after the last. Invariant: work is taken in the order in which its puts took the lock, each once; a taker sleeps only while nothing was put.
/// The lock is a plain object: Coyote explores its interleavings (proofs/Systematic), which it cannot with System.Threading.Lock.
/// </remarks>
public sealed class HandOff
{
    private const int SpinsBeforeSleep = 40;
    private const int InitialCapacity = 256;

    private readonly object _gate = new();
    private HandedWork[] _queue = new HandedWork[InitialCapacity];
    private int _queued;
    private bool _asleep;

    /// <summary>Puts work. Any thread; never waits for the taker.</summary>
    public void Put(HandedWork work)
    {
        lock (_gate)
        {
            if (_queued == _queue.Length)
            {
                Array.Resize(ref _queue, _queued * 2);
            }

            _queue[_queued++] = work;
            if (_asleep)
            {
                _asleep = false;
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Takes all that was put, waiting for something. One taker.</summary>
    /// <param name="batch">An array of the taker's with no work in it (null at first), exchanged for one with what was put at the front.</param>
    /// <returns>How much.</returns>
    public int Take(ref HandedWork[]? batch)
    {
        for (int spins = 0; spins < SpinsBeforeSleep && Volatile.Read(ref _queued) == 0; spins++)
        {
            Thread.SpinWait(20);
        }

        lock (_gate)
        {
            while (_queued == 0)
            {
                _asleep = true;
                Monitor.Wait(_gate);
            }

            int count = _queued;
            (_queue, batch) = (batch ?? new HandedWork[InitialCapacity], _queue);
            _queued = 0;
            return count;
        }
    }
}
