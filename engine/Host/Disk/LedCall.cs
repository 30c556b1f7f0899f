using System;
using System.Threading;

namespace ObjectStore.Engine.Host;

/// <summary>The blocking call that a thread makes itself once it has left a loop: what its turn in the loop began need not wait until another thread has woken up.</summary>
/// <remarks>
/// For threads that come into a loop for a while (<see cref="HostLoop"/>) and wait for what they brought. They leave when nothing waits there, as a rule because all that is left to do is this very
/// call. The loop is free while it is made, and what awaited it goes on as after a call of a disk thread. When the loop has more work, or the thread has what it came for, the call goes to the disk's threads.
/// One of these keeps it while that work is little: it would wake another for what it comes to itself.
/// Invariants: a thread has one at most, and makes it or passes it on before it goes back to where it came from; apart from the disk's threads, one thread of the process at a time leads
/// (<see cref="Leaders"/>), for it may be one that others need.
/// Source: Schmidt, O'Ryan, Kircher, Pyarali, "Leader/Followers", PLoP 2000.
/// </remarks>
internal static class LedCall
{
    /// <summary>Threads other than those of disks that are kept from their own work by a call: the pool needs as many more than there are processors.</summary>
    internal const int Leaders = 1;

    private static int _leaders;

    [ThreadStatic]
    private static bool _mayLeave;

    [ThreadStatic]
    private static (IoThreads Threads, IoOperation Operation)? _left;

    /// <summary>A call waits for the current thread.</summary>
    internal static bool IsLeft => _left is not null;

    /// <summary>From now on, until the loop is left or more is taken from it, its code may leave a call.</summary>
    internal static void Open() => _mayLeave = true;

    /// <summary>Leaves a call to the current thread.</summary>
    /// <returns>False when the thread takes none or has one, and while another one leads, or this one: it would never get back.</returns>
    internal static bool TryLeave(IoThreads threads, IoOperation operation)
    {
        if (!_mayLeave || _left is not null || !TryBecomeLeader())
        {
            return false;
        }

        _left = (threads, operation);
        return true;
    }

    /// <summary>Gives the call to the disk's threads, if there is one: the current thread has other things to do.</summary>
    /// <param name="mayKeep">These are few: a thread of the disk makes the call itself after them.</param>
    internal static void PassOn(bool mayKeep)
    {
        _mayLeave = false;
        if (!(mayKeep && IoThreads.IsDiskThread) && Take() is { } call)
        {
            call.Threads.TakeOver(call.Operation);
            BeLeaderNoMore();
        }
    }

    /// <summary>Makes the call, if there is one. A disk thread makes it when it is done with what it is doing.</summary>
    /// <param name="mayMake">Whether the thread has nothing better to do; else it passes the call on.</param>
    internal static void Close(bool mayMake)
    {
        _mayLeave = false;
        if (IoThreads.IsDiskThread)
        {
            return;
        }

        if (!mayMake)
        {
            PassOn(mayKeep: false);
        }
        else if (Take() is { } call)
        {
            call.Threads.Lead(call.Operation);
            BeLeaderNoMore();
        }
    }

    /// <summary>Takes the call that was left, if there is one.</summary>
    internal static (IoThreads Threads, IoOperation Operation)? Take()
    {
        (IoThreads Threads, IoOperation Operation)? call = _left;
        _left = null;
        return call;
    }

    private static bool TryBecomeLeader()
    {
        if (IoThreads.IsDiskThread)
        {
            return true;
        }

        bool isOne = Interlocked.Increment(ref _leaders) <= Leaders;
        if (!isOne)
        {
            Interlocked.Decrement(ref _leaders);
        }

        return isOne;
    }

    private static void BeLeaderNoMore()
    {
        if (!IoThreads.IsDiskThread)
        {
            Interlocked.Decrement(ref _leaders);
        }
    }
}
