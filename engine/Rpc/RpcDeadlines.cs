using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

/// <summary>The deadlines of all calls of an endpoint, with one sleeper for all of them instead of a timer for each.</summary>
/// <remarks>
/// Calls of one timeout end in the order in which they began, so each timeout has a list of its own, and only the heads of the lists are looked at. Lives on the endpoint's loop.
/// Invariant: while a call is under way, a sleeper wakes at its deadline or before.
/// </remarks>
internal sealed class RpcDeadlines(IClock clock)
{
    private readonly SortedDictionary<TimeSpan, LinkedList<RpcCall>> _byTimeout = [];
    private TimeSpan _wakesAt = TimeSpan.MaxValue;

    internal void Add(RpcCall call)
    {
        if (!_byTimeout.TryGetValue(call.Timeout, out LinkedList<RpcCall>? calls))
        {
            calls = new LinkedList<RpcCall>();
            _byTimeout.Add(call.Timeout, calls);
        }

        TimeSpan due = clock.Now + call.Timeout;
        call.Place = new Place(calls.AddLast(call), due);
        if (due < _wakesAt)
        {
            SleepAsync(due);
        }
    }

    internal void Remove(RpcCall call)
    {
        if (call.Place.Node is not { List: { } calls } node)
        {
            return;
        }

        calls.Remove(node);
        if (calls.Count == 0)
        {
            _byTimeout.Remove(call.Timeout);
        }
    }

    private async void SleepAsync(TimeSpan due)
    {
        _wakesAt = due;
        await clock.DelayAsync(due - clock.Now);

        // Another sleeper, for a deadline that came before, does the work when this one was overtaken.
        if (_wakesAt == due)
        {
            _wakesAt = TimeSpan.MaxValue;
            EndOverdue();
        }
    }

    private void EndOverdue()
    {
        TimeSpan next = TimeSpan.MaxValue;
        var overdue = new List<RpcCall>();
        foreach (LinkedList<RpcCall> calls in _byTimeout.Values)
        {
            LinkedListNode<RpcCall>? at = calls.First;
            for (; at is not null && at.Value.Place.Due <= clock.Now; at = at.Next)
            {
                overdue.Add(at.Value);
            }

            if (at is not null && at.Value.Place.Due < next)
            {
                next = at.Value.Place.Due;
            }
        }

        if (next < _wakesAt)
        {
            SleepAsync(next);
        }

        foreach (RpcCall call in overdue)
        {
            if (!call.HasEnded)
            {
                call.TimeOut();
            }
        }
    }

    /// <summary>Where a call stands and when its time is over.</summary>
    internal readonly record struct Place(LinkedListNode<RpcCall>? Node, TimeSpan Due);
}
