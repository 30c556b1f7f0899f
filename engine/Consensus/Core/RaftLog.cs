using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>What the core knows of the log: the term of every entry, as runs of equal terms, and the newest entries themselves.</summary>
/// <remarks>
/// Invariant: the cache holds the entries <see cref="CacheStart"/> to <see cref="Last"/> without a gap, everything that is not durable and committed among them;
/// older ones are in the store. The entries up to <see cref="Start"/> are gone, but the term of that one is known.
/// </remarks>
internal sealed class RaftLog
{
    private readonly List<(LogIndex First, Term Term)> _runs = [];
    private readonly List<RaftEntry> _cache = [];
    private int _head;

    internal RaftLog(LogIndex start, Term startTerm)
    {
        (Start, StartTerm, Last) = (start, startTerm, start);
        CacheStart = start.Next;
    }

    /// <summary>The newest entry that was compacted away; zero in a whole log.</summary>
    internal LogIndex Start { get; private set; }

    internal Term StartTerm { get; private set; }

    internal LogIndex Last { get; private set; }

    internal Term LastTerm => _runs.Count == 0 ? StartTerm : _runs[^1].Term;

    /// <summary>The oldest entry in memory; one after the last when there is none.</summary>
    internal LogIndex CacheStart { get; private set; }

    internal long CacheBytes { get; private set; }

    /// <summary>The term of an entry; null when it is not in the log (nor the one before its start).</summary>
    internal Term? TermAt(LogIndex index)
    {
        if (index < Start || index > Last)
        {
            return null;
        }

        if (index == Start)
        {
            return StartTerm;
        }

        int low = 0;
        int high = _runs.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_runs[middle].First <= index)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _runs[low].Term;
    }

    internal bool Matches(LogIndex index, Term term) => TermAt(index) == term;

    /// <summary>Adds the entry after the last.</summary>
    internal void Append(RaftEntry entry)
    {
        NoteTerm(entry.Index, entry.Term);
        _cache.Add(entry);
        CacheBytes += entry.SizeBytes;
    }

    /// <summary>Removes everything after <paramref name="last"/>.</summary>
    internal void TruncateAfter(LogIndex last)
    {
        Invariant.Check(last >= Start && last <= Last, "truncation within the log");
        while (_runs.Count > 0 && _runs[^1].First > last)
        {
            _runs.RemoveAt(_runs.Count - 1);
        }

        Last = last;
        while (_cache.Count > _head && _cache[^1].Index > last)
        {
            CacheBytes -= _cache[^1].SizeBytes;
            _cache.RemoveAt(_cache.Count - 1);
        }

        if (CacheStart > last.Next)
        {
            CacheStart = last.Next;
        }
    }

    /// <summary>An entry that is in memory.</summary>
    internal bool TryGet(LogIndex index, out RaftEntry entry)
    {
        if (index < CacheStart || index > Last)
        {
            entry = default;
            return false;
        }

        entry = _cache[_head + (int)(index.Value - CacheStart.Value)];
        return true;
    }

    /// <summary>Entries from <paramref name="first"/> on, at least one, together not above <paramref name="bytesMax"/> otherwise. All must be in memory.</summary>
    internal RaftEntry[] Take(LogIndex first, LogIndex last, long bytesMax)
    {
        Invariant.Check(first >= CacheStart && last <= Last && first <= last, "entries in memory");
        int from = _head + (int)(first.Value - CacheStart.Value);
        int most = (int)(last.Value - first.Value) + 1;
        int count = 1;
        long bytes = _cache[from].SizeBytes;
        while (count < most && bytes + _cache[from + count].SizeBytes <= bytesMax)
        {
            bytes += _cache[from + count].SizeBytes;
            count++;
        }

        return [.. _cache.GetRange(from, count)];
    }

    /// <summary>Forgets the oldest entries in memory while they take more than <paramref name="bytesMax"/>, none after <paramref name="upTo"/>.</summary>
    internal void Evict(long bytesMax, LogIndex upTo)
    {
        while (CacheBytes > bytesMax && CacheStart <= upTo && CacheStart <= Last)
        {
            DropOldest();
        }
    }

    /// <summary>Forgets the entries up to <paramref name="start"/>.</summary>
    internal void Compact(LogIndex start)
    {
        if (start <= Start)
        {
            return;
        }

        Term term = TermAt(start) ?? throw new InvariantViolationException($"compaction to {start}, beyond the end of the log");
        while (CacheStart <= start && CacheStart <= Last)
        {
            DropOldest();
        }

        while (_runs.Count > 1 && _runs[1].First <= start.Next)
        {
            _runs.RemoveAt(0);
        }

        if (start == Last)
        {
            _runs.Clear();
            CacheStart = start.Next;
        }

        (Start, StartTerm) = (start, term);
    }

    /// <summary>Replaces the log by an empty one after <paramref name="start"/>.</summary>
    internal void Reset(LogIndex start, Term term)
    {
        _runs.Clear();
        _cache.Clear();
        _head = 0;
        CacheBytes = 0;
        (Start, StartTerm, Last) = (start, term, start);
        CacheStart = start.Next;
    }

    /// <summary>The newest entry not after <paramref name="index"/> whose term is not above <paramref name="term"/>: where two logs may still agree.</summary>
    internal (LogIndex Index, Term Term) FindAtMost(LogIndex index, Term term)
    {
        if (index > Last)
        {
            index = Last;
        }

        for (int run = _runs.Count - 1; run >= 0; run--)
        {
            if (_runs[run].First <= index && _runs[run].Term <= term)
            {
                return (index, _runs[run].Term);
            }

            if (_runs[run].First <= index)
            {
                index = _runs[run].First.Previous;
            }
        }

        return (LogIndex.Min(index, Start), StartTerm);
    }

    private void NoteTerm(LogIndex index, Term term)
    {
        Invariant.Check(index == Last.Next, "entries are appended one after another");
        Invariant.Check(term >= LastTerm, "terms never fall along a log");
        if (_runs.Count == 0 || _runs[^1].Term != term)
        {
            _runs.Add((index, term));
        }

        Last = index;
    }

    private void DropOldest()
    {
        CacheBytes -= _cache[_head].SizeBytes;
        _cache[_head] = default;
        _head++;
        CacheStart = CacheStart.Next;
        if (_head > 64 && _head * 2 > _cache.Count)
        {
            _cache.RemoveRange(0, _head);
            _head = 0;
        }
    }
}
