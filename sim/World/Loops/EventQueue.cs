using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>Events by time, then by the order in which they were added. A binary heap in one array.</summary>
internal sealed class EventQueue
{
    private Entry[] _heap = new Entry[64];
    private long _sequence;

    internal int Count { get; private set; }

    internal long FirstAt => _heap[0].At;

    internal void Add(long at, SimEvent what)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, _heap.Length * 2);
        }

        var entry = new Entry(at, _sequence++, what);
        int slot = Count++;
        while (slot > 0)
        {
            int parent = (slot - 1) >> 1;
            if (!entry.IsBefore(_heap[parent]))
            {
                break;
            }

            _heap[slot] = _heap[parent];
            slot = parent;
        }

        _heap[slot] = entry;
    }

    internal SimEvent First => _heap[0].What;

    internal SimEvent Take()
    {
        SimEvent first = _heap[0].What;
        Entry last = _heap[--Count];
        _heap[Count] = default;
        int slot = 0;
        while (true)
        {
            int child = (slot * 2) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _heap[child + 1].IsBefore(_heap[child]))
            {
                child++;
            }

            if (!_heap[child].IsBefore(last))
            {
                break;
            }

            _heap[slot] = _heap[child];
            slot = child;
        }

        if (Count > 0)
        {
            _heap[slot] = last;
        }

        return first;
    }

    internal IEnumerable<SimEvent> All()
    {
        for (int index = 0; index < Count; index++)
        {
            yield return _heap[index].What;
        }
    }

    private readonly record struct Entry(long At, long Sequence, SimEvent What)
    {
        internal bool IsBefore(in Entry other) => At < other.At || (At == other.At && Sequence < other.Sequence);
    }
}
