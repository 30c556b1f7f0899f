using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Sim.Checking;

/// <summary>Decides whether a history is linearizable: whether each operation can be given one moment between its call and its return so that
/// the model explains every answer. An operation of unknown outcome may take effect at any moment after its call, or never.</summary>
/// <remarks>
/// Depth-first search with just-in-time linearization: an operation is placed only when one must return that is not placed yet, and then only operations
/// that do not commute with it are tried before it. A read is placed as soon as it is legal, for it changes nothing. Configurations that were left without
/// success are remembered; one that used more of the unknown operations than a remembered one is worse and left at once.
/// Sources: Wing and Gong, JPDC 1993; Lowe, "Testing for linearizability", CCPE 2017; Horn and Kroening, FORTE 2015.
/// </remarks>
public static class LinearizabilityChecker
{
    /// <summary>Checks a history part by part; the first broken part is reported.</summary>
    /// <param name="model">What is promised.</param>
    /// <param name="entries">The history in the order of calls.</param>
    /// <param name="stepsMax">Budget of model steps.</param>
    public static LinearizabilityReport<TOperation, TResult> Check<TState, TOperation, TResult>(
        ISequentialModel<TState, TOperation, TResult> model,
        IReadOnlyList<HistoryEntry<TOperation, TResult>> entries,
        long stepsMax = 20_000_000)
        where TState : class, IEquatable<TState>
        where TResult : class
    {
        ArgumentNullException.ThrowIfNull(model);
        long steps = 0;
        bool undecided = false;
        LinearizabilityReport<TOperation, TResult>? broken = null;
        foreach (IReadOnlyList<HistoryEntry<TOperation, TResult>> part in model.Partition(entries))
        {
            var search = new LinearizationSearch<TState, TOperation, TResult>(model, part, stepsMax - steps);
            LinearizabilityReport<TOperation, TResult> report = search.Run();
            steps += report.Steps;
            undecided |= report.Verdict == Verdict.Undecided;
            if (report.Verdict == Verdict.Broken && (broken is null || report.Unplaceable!.Return < broken.Unplaceable!.Return))
            {
                broken = report;
            }
        }

        return broken is not null
            ? broken with { Steps = steps }
            : new LinearizabilityReport<TOperation, TResult> { Verdict = undecided ? Verdict.Undecided : Verdict.Linearizable, Steps = steps };
    }
}

/// <summary>The search in one part of a history.</summary>
internal sealed class LinearizationSearch<TState, TOperation, TResult>
    where TState : class, IEquatable<TState>
    where TResult : class
{
    private const int StatesKept = 3;
    private readonly ISequentialModel<TState, TOperation, TResult> _model;
    private readonly HistoryEntry<TOperation, TResult>[] _entries;
    private readonly (int Entry, bool IsReturn)[] _events;
    private readonly bool[] _isRead;
    private readonly bool[] _placed;
    private readonly int[] _unknownSlot;
    private readonly int _unknownWords;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly Stack<(int Entry, TState Before)> _trail = new();
    private readonly Stack<Fork> _forks = new();
    private readonly Dictionary<Configuration, List<ulong[]>> _left = [];
    private readonly long _stepsMax;
    private readonly List<TState> _furthestStates = [];
    private readonly ulong[] _unknownPlaced;
    private readonly bool[] _inClosure;
    private TState _state;
    private ulong _placedHash;
    private int _event;
    private int _furthest = -1;
    private long _steps;

    internal LinearizationSearch(
        ISequentialModel<TState, TOperation, TResult> model, IReadOnlyList<HistoryEntry<TOperation, TResult>> entries, long stepsMax)
    {
        _model = model;
        _stepsMax = stepsMax;
        _state = model.Initial;
        // A read that never returned says nothing.
        _entries = [.. entries.Where(entry => entry.Result is not null || !model.IsRead(entry.Operation, null))];
        int count = _entries.Length;
        _isRead = [.. _entries.Select(entry => model.IsRead(entry.Operation, entry.Result))];
        _placed = new bool[count];
        _inClosure = new bool[count];
        _unknownSlot = new int[count];
        int unknown = 0;
        var order = new List<(long Position, int Entry, bool IsReturn)>(count * 2);
        for (int index = 0; index < count; index++)
        {
            order.Add((_entries[index].Call, index, false));
            _unknownSlot[index] = _entries[index].Result is null ? unknown++ : -1;
            if (_entries[index].Result is not null)
            {
                order.Add((_entries[index].Return, index, true));
            }
        }

        order.Sort(static (left, right) => left.Position.CompareTo(right.Position));
        _events = [.. order.Select(static item => (item.Entry, item.IsReturn))];
        _unknownWords = (unknown + 63) / 64;
        _unknownPlaced = new ulong[_unknownWords];
        // Pending operations form a ring through the sentinel at the end, in the order of calls.
        _next = new int[count + 1];
        _previous = new int[count + 1];
        _next[count] = _previous[count] = count;
    }

    private int Sentinel => _entries.Length;

    internal LinearizabilityReport<TOperation, TResult> Run()
    {
        while (true)
        {
            if (Advance())
            {
                return new LinearizabilityReport<TOperation, TResult> { Verdict = Verdict.Linearizable, Steps = _steps };
            }

            NoteFurthest();
            if (_steps > _stepsMax)
            {
                return new LinearizabilityReport<TOperation, TResult> { Verdict = Verdict.Undecided, Steps = _steps };
            }

            if (!OpenFork() && !Backtrack())
            {
                return Broken();
            }
        }
    }

    /// <summary>Takes events until a return of something that is not placed yet. True at the end of the history.</summary>
    private bool Advance()
    {
        while (_event < _events.Length)
        {
            (int entry, bool isReturn) = _events[_event];
            if (!isReturn)
            {
                Link(entry);
                _event++;
                if (_isRead[entry])
                {
                    PlaceIfLegal(entry);
                }
            }
            else if (_placed[entry])
            {
                Unlink(entry);
                _event++;
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Goes on with the first way to get past this return, and keeps the others for later. False when there is none that was not tried before.</summary>
    private bool OpenFork()
    {
        int returning = _events[_event].Entry;
        List<(int Entry, TState Next)> ways = Ways(returning);
        if (ways.Count == 0 || (ways.Count > 1 && WasLeft()))
        {
            return false;
        }

        if (ways.Count == 1)
        {
            Place(ways[0].Entry, ways[0].Next);
            return true;
        }

        _forks.Push(new Fork(_event, _trail.Count, ways));
        Take(_forks.Peek());
        return true;
    }

    private bool Backtrack()
    {
        while (_forks.Count > 0)
        {
            Fork fork = _forks.Peek();
            Rewind(fork);
            if (++fork.Taken < fork.Ways.Count)
            {
                Take(fork);
                return true;
            }

            _forks.Pop();
        }

        return false;
    }

    private void Take(Fork fork)
    {
        (int entry, TState next) = fork.Ways[fork.Taken];
        Place(entry, next);
    }

    /// <summary>What may be placed next: the returning operation itself first, then writes that could matter to it, those of unknown outcome last.</summary>
    private List<(int Entry, TState Next)> Ways(int returning)
    {
        var ways = new List<(int Entry, TState Next)>(2);
        if (Legal(returning, out TState next))
        {
            ways.Add((returning, next));
        }

        List<int> closure = Closure(returning);
        foreach (bool unknown in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (int entry in closure)
            {
                // An effect that changes nothing need not be placed now.
                if (!_isRead[entry] && _unknownSlot[entry] >= 0 == unknown && Legal(entry, out next)
                    && !(unknown && ReferenceEquals(next, _state)))
                {
                    ways.Add((entry, next));
                }
            }
        }

        if (ways.Count > 1 && _entries[returning].OrderHint is { } own)
        {
            // What listings showed to be older goes first; a stable sort keeps the rest as it was.
            ways = [.. ways.OrderBy(way => _entries[way.Entry].OrderHint is { } other && other < own ? other : own)];
        }

        return ways;
    }

    /// <summary>Pending operations that are linked to the returning one by a chain of conflicts.</summary>
    private List<int> Closure(int returning)
    {
        var closure = new List<int>();
        if (_next[Sentinel] == returning && _next[returning] == Sentinel)
        {
            return closure;
        }

        var frontier = new Queue<int>();
        frontier.Enqueue(returning);
        _inClosure[returning] = true;
        while (frontier.TryDequeue(out int reached))
        {
            for (int entry = _next[Sentinel]; entry != Sentinel; entry = _next[entry])
            {
                if (!_placed[entry] && !_inClosure[entry] && !(_isRead[entry] && _isRead[reached])
                    && _model.Conflict(_entries[entry].Operation, _entries[reached].Operation))
                {
                    _inClosure[entry] = true;
                    frontier.Enqueue(entry);
                    closure.Add(entry);
                }
            }
        }

        _inClosure[returning] = false;
        foreach (int entry in closure)
        {
            _inClosure[entry] = false;
        }

        closure.Sort();
        return closure;
    }

    private bool Legal(int entry, out TState next)
    {
        _steps++;
        return _model.TryStep(_state, _entries[entry].Operation, _entries[entry].Result, out next);
    }

    private void PlaceIfLegal(int entry)
    {
        if (Legal(entry, out TState next))
        {
            Mark(entry, next);
        }
    }

    private void Place(int entry, TState next)
    {
        bool changed = !ReferenceEquals(next, _state);
        Mark(entry, next);
        if (!changed)
        {
            return;
        }

        for (int pending = _next[Sentinel]; pending != Sentinel; pending = _next[pending])
        {
            if (_isRead[pending] && !_placed[pending])
            {
                PlaceIfLegal(pending);
            }
        }
    }

    private void Mark(int entry, TState next)
    {
        _trail.Push((entry, _state));
        Flip(entry);
        _state = next;
    }

    private void Flip(int entry)
    {
        _placed[entry] = !_placed[entry];
        int slot = _unknownSlot[entry];
        if (slot >= 0)
        {
            _unknownPlaced[slot >> 6] ^= 1UL << (slot & 63);
        }
        else
        {
            _placedHash ^= Scatter(entry);
        }
    }

    private void Rewind(Fork fork)
    {
        while (_trail.Count > fork.TrailCount)
        {
            (int entry, TState before) = _trail.Pop();
            Flip(entry);
            _state = before;
        }

        while (_event > fork.Event)
        {
            (int entry, bool isReturn) = _events[--_event];
            if (isReturn)
            {
                Relink(entry);
            }
            else
            {
                Unlink(entry);
            }
        }
    }

    private void Link(int entry)
    {
        int last = _previous[Sentinel];
        _next[last] = entry;
        _previous[entry] = last;
        _next[entry] = Sentinel;
        _previous[Sentinel] = entry;
    }

    private void Unlink(int entry)
    {
        _next[_previous[entry]] = _next[entry];
        _previous[_next[entry]] = _previous[entry];
    }

    /// <summary>Undoes the newest <see cref="Unlink"/> (Knuth's dancing links).</summary>
    private void Relink(int entry)
    {
        _next[_previous[entry]] = entry;
        _previous[_next[entry]] = entry;
    }

    /// <summary>True when this configuration, or a better one, was tried before; else it is remembered.</summary>
    private bool WasLeft()
    {
        var here = new Configuration(_event, _placedHash, _state);
        if (!_left.TryGetValue(here, out List<ulong[]>? tried))
        {
            _left[here] = [(ulong[])_unknownPlaced.Clone()];
            return false;
        }

        foreach (ulong[] used in tried)
        {
            bool better = true;
            for (int word = 0; word < _unknownWords && better; word++)
            {
                better = (used[word] & ~_unknownPlaced[word]) == 0;
            }

            if (better)
            {
                return true;
            }
        }

        tried.Add((ulong[])_unknownPlaced.Clone());
        return false;
    }

    private void NoteFurthest()
    {
        if (_event > _furthest)
        {
            _furthest = _event;
            _furthestStates.Clear();
        }

        if (_event == _furthest && _furthestStates.Count < StatesKept && !_furthestStates.Contains(_state))
        {
            _furthestStates.Add(_state);
        }
    }

    private LinearizabilityReport<TOperation, TResult> Broken()
    {
        HistoryEntry<TOperation, TResult> unplaceable = _entries[_events[_furthest].Entry];
        return new LinearizabilityReport<TOperation, TResult>
        {
            Verdict = Verdict.Broken,
            Steps = _steps,
            Unplaceable = unplaceable,
            Involved = [.. _entries.Where(entry => entry.Call < unplaceable.Return && _model.Conflict(entry.Operation, unplaceable.Operation))],
            States = [.. _furthestStates.Select(state => _model.Describe(state, unplaceable.Operation)).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>SplitMix64's finalizer: sets of placed operations are told apart by the exclusive or of these.</summary>
    private static ulong Scatter(int entry)
    {
        unchecked
        {
            ulong value = ((ulong)entry + 1) * 0x9E3779B97F4A7C15UL;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }

    private sealed class Fork(int atEvent, int trailCount, List<(int Entry, TState Next)> ways)
    {
        internal int Event { get; } = atEvent;

        internal int TrailCount { get; } = trailCount;

        internal List<(int Entry, TState Next)> Ways { get; } = ways;

        internal int Taken { get; set; }
    }

    private readonly record struct Configuration(int Event, ulong Placed, TState State);
}
