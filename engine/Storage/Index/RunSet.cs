using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>The live runs at one moment. Immutable; views hold it so that its files stay.</summary>
/// <remarks>
/// Invariant: level 0 is ordered newest first and its runs may overlap; every deeper level is ordered by key and its runs do not. A row of a lower
/// level is newer than any row of the same key in a deeper one.
/// </remarks>
internal sealed class RunSet
{
    internal const int LevelCount = 7;

    private readonly Action<Run> _unused;
    private int _references = 1;

    internal RunSet(IReadOnlyList<Run> runs, Action<Run> unused)
    {
        _unused = unused;
        var levels = new List<Run>[LevelCount];
        for (int i = 0; i < LevelCount; i++)
        {
            levels[i] = [];
        }

        foreach (Run run in runs)
        {
            run.References++;
            levels[run.Info.Level].Add(run);
        }

        levels[0].Sort(static (left, right) => right.Info.Number.CompareTo(left.Info.Number));
        for (int i = 1; i < LevelCount; i++)
        {
            levels[i].Sort(static (left, right) => left.Info.Smallest.AsSpan().SequenceCompareTo(right.Info.Smallest));
            CheckApart(levels[i]);
        }

        Levels = Array.ConvertAll(levels, static level => level.ToArray());
    }

    /// <summary>By level, 0 to 6.</summary>
    internal Run[][] Levels { get; }

    internal RunSet Hold()
    {
        _references++;
        return this;
    }

    internal void Release()
    {
        if (--_references > 0)
        {
            return;
        }

        foreach (Run[] level in Levels)
        {
            foreach (Run run in level)
            {
                if (--run.References == 0)
                {
                    _unused(run);
                }
            }
        }
    }

    /// <summary>Whether it has this very run.</summary>
    internal bool Contains(Run run) => Array.IndexOf(Levels[run.Info.Level], run) >= 0;

    internal List<Run> ToList()
    {
        var all = new List<Run>();
        foreach (Run[] level in Levels)
        {
            all.AddRange(level);
        }

        return all;
    }

    /// <summary>Newest row of a key, a deletion included; null when no run knows the key.</summary>
    internal async ValueTask<FoundRow?> GetAsync(ReadOnlyMemory<byte> key, ulong hash)
    {
        foreach (Run run in Levels[0])
        {
            if (run.Info.Covers(key.Span) && await run.GetAsync(key, hash) is { } row)
            {
                return row;
            }
        }

        for (int level = 1; level < LevelCount; level++)
        {
            int index = Find(Levels[level], key.Span);
            if (index >= 0 && await Levels[level][index].GetAsync(key, hash) is { } row)
            {
                return row;
            }
        }

        return null;
    }

    /// <summary>Adds one source per level-0 run and per deeper level that meets the range, newest first.</summary>
    internal void AddCursors(List<Cursor> cursors, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        foreach (Run run in Levels[0])
        {
            if (Meets(run, from, to))
            {
                cursors.Add(new RunCursor([run]));
            }
        }

        for (int level = 1; level < LevelCount; level++)
        {
            Run[] runs = Levels[level];
            if (runs.Length > 0 && Meets(runs[0], default, to) && Meets(runs[^1], from, default))
            {
                cursors.Add(new RunCursor(runs));
            }
        }
    }

    internal static long SizeBytes(IReadOnlyList<Run> runs)
    {
        long total = 0;
        for (int i = 0; i < runs.Count; i++)
        {
            total += runs[i].Info.LengthBytes;
        }

        return total;
    }

    private static void CheckApart(List<Run> level)
    {
        for (int i = 1; i < level.Count; i++)
        {
            Invariant.Check(level[i - 1].Info.Largest.AsSpan().SequenceCompareTo(level[i].Info.Smallest) < 0, "runs of one level overlap");
        }
    }

    private static bool Meets(Run run, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) =>
        run.Info.Largest.AsSpan().SequenceCompareTo(from) >= 0
        && (to.IsEmpty || run.Info.Smallest.AsSpan().SequenceCompareTo(to) < 0);

    private static int Find(Run[] runs, ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = runs.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (runs[middle].Info.Largest.AsSpan().SequenceCompareTo(key) < 0)
            {
                low = middle + 1;
            }
            else if (runs[middle].Info.Smallest.AsSpan().SequenceCompareTo(key) > 0)
            {
                high = middle - 1;
            }
            else
            {
                return middle;
            }
        }

        return -1;
    }
}
