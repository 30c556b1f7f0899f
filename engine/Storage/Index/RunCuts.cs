using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Storage;

/// <summary>Where the runs that a merge writes end. Told every row in order.</summary>
/// <param name="apart">Runs of the level that is written that stay as they are, in key order.</param>
/// <param name="deeper">Runs of deeper levels, each level in key order.</param>
/// <param name="nextLevel">The level below the one that is written.</param>
/// <param name="options">Limits.</param>
internal sealed class RunCuts(List<RunInfo> apart, IReadOnlyList<RunInfo> deeper, int nextLevel, OrderedStoreOptions options)
{
    private readonly long _reachMax = options.RunBytes * options.RunReachMax;
    private int _apart;
    private int _below;
    private long _reach;

    /// <summary>Whether the run that is being written must end before this row: it never reaches over one that stays, and over a bounded part of the next level.</summary>
    /// <param name="key">Of the row.</param>
    /// <param name="sizeBytes">What the run has; 0 when none is being written.</param>
    internal bool MustEnd(ReadOnlySpan<byte> key, long sizeBytes)
    {
        bool isPast = false;
        while (_apart < apart.Count && IsBefore(apart[_apart], key))
        {
            isPast = true;
            _apart++;
        }

        while (_below < deeper.Count && deeper[_below].Level == nextLevel && IsBefore(deeper[_below], key))
        {
            _reach += deeper[_below].LengthBytes;
            _below++;
        }

        bool mustEnd = isPast || sizeBytes >= options.RunBytes || _reach >= _reachMax;
        _reach = mustEnd || sizeBytes == 0 ? 0 : _reach;
        return mustEnd;
    }

    private static bool IsBefore(RunInfo run, ReadOnlySpan<byte> key) => run.Largest.AsSpan().SequenceCompareTo(key) < 0;
}
