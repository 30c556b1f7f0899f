using System;
using System.Threading;

namespace ObjectStore.Engine.Host;

/// <summary>Work for a loop: what, and with what.</summary>
/// <param name="Work">An <see cref="Action{T}"/> of object or a <see cref="SendOrPostCallback"/>.</param>
/// <param name="State">Its argument.</param>
public readonly record struct HandedWork(Delegate Work, object? State);

/// <summary>The hand-off into a loop: many threads put, whoever owns the loop takes everything at once.</summary>
/// <remarks>
/// Putters append to one array under a short lock; the owner swaps it for an empty one. A thread that finds the loop free may own it for a while (<see cref="PutOwning"/>)
/// and so saves two changes of thread, which cost more than most work of a loop; else the loop's own thread does (<see cref="Take"/>).
/// Invariants: one owner at a time; work is taken in the order in which its puts took the lock, each once; the loop's thread sleeps only while nothing was put or another owns the loop.
/// The lock is a plain object: Coyote explores its interleavings (proofs/Systematic), which it cannot with System.Threading.Lock.
/// Source: Hendler, Incze, Shavit, Tzafrir, "Flat Combining and the Synchronization-Parallelism Tradeoff", SPAA 2010.
/// </remarks>
public sealed class HandOff
{
    private const int InitialCapacity = 256;

    private readonly object _gate = new();
    private HandedWork[] _queue = new HandedWork[InitialCapacity];
    private int _queued;
    private bool _isOwned;
    private bool _asleep;
    private bool _isEnded;

    /// <summary>Puts work. Any thread; never waits for the owner.</summary>
    public void Put(HandedWork work)
    {
        lock (_gate)
        {
            Append(work);
            if (!_isOwned)
            {
                Wake();
            }
        }
    }

    /// <summary>Puts work, and owns the loop if nobody does. Any thread that owns no loop.</summary>
    /// <returns>True when the caller now owns the loop: it must call <see cref="TakeMore"/> until that returns 0, or <see cref="Release"/>.</returns>
    public bool PutOwning(HandedWork work)
    {
        lock (_gate)
        {
            Append(work);
            if (_isOwned || _isEnded)
            {
                return false;
            }

            return _isOwned = true;
        }
    }

    /// <summary>For the loop's own thread: gives up ownership if it had it, waits for work and owns the loop.</summary>
    /// <param name="batch">The owner's array with no work in it (null at first), exchanged for one with what was put at the front.</param>
    /// <param name="isOwner">Whether the caller owns the loop now.</param>
    /// <returns>How much was taken; 0 when the hand-off has ended.</returns>
    public int Take(ref HandedWork[]? batch, bool isOwner)
    {
        lock (_gate)
        {
            _isOwned &= !isOwner;
            while (_isOwned || (_queued == 0 && !_isEnded))
            {
                _asleep = true;
                Monitor.Wait(_gate);
            }

            _asleep = false;
            _isOwned = _queued > 0;
            return Swap(ref batch);
        }
    }

    /// <summary>For an owner: takes what was put since, or gives up the loop when that is nothing.</summary>
    /// <returns>How much; 0 when the caller owns the loop no more.</returns>
    public int TakeMore(ref HandedWork[]? batch)
    {
        lock (_gate)
        {
            if (_queued == 0)
            {
                GiveUp();
                return 0;
            }

            return Swap(ref batch);
        }
    }

    /// <summary>For an owner: leaves what was put since to the loop's own thread.</summary>
    public void Release()
    {
        lock (_gate)
        {
            GiveUp();
        }
    }

    /// <summary>Lets <see cref="Take"/> end when nothing is left.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            Wake();
        }
    }

    private void Append(HandedWork work)
    {
        if (_queued == _queue.Length)
        {
            Array.Resize(ref _queue, _queued * 2);
        }

        _queue[_queued++] = work;
    }

    private void GiveUp()
    {
        _isOwned = false;
        if (_queued > 0 || _isEnded)
        {
            Wake();
        }
    }

    private int Swap(ref HandedWork[]? batch)
    {
        int count = _queued;
        (_queue, batch) = (batch ?? new HandedWork[InitialCapacity], _queue);
        _queued = 0;
        return count;
    }

    private void Wake()
    {
        if (_asleep)
        {
            _asleep = false;
            Monitor.Pulse(_gate);
        }
    }
}
