using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Consensus;

/// <summary>How large the log is, coarsely: where each further step of it ended. Tells where to cut so that a given size is kept.</summary>
/// <param name="keptBytes">What will be kept, in bytes: a step is an eighth of it, so that a log of twice as much always has where to cut.</param>
/// <param name="keptEntries">As <paramref name="keptBytes"/>, in entries.</param>
internal sealed class LogSizes(long keptBytes, long keptEntries)
{
    private const int StepEntriesMax = 256;
    private const int StepBytesMax = 64 * 1024;

    private readonly long _stepBytes = Math.Clamp(keptBytes / 8, 1, StepBytesMax);
    private readonly ulong _stepEntries = (ulong)Math.Clamp(keptEntries / 8, 1, StepEntriesMax);
    private readonly List<(LogIndex Last, long Bytes)> _steps = [];
    private long _openBytes;
    private LogIndex _openFirst;

    internal long Bytes { get; private set; }

    internal void Add(LogIndex index, int bytes)
    {
        while (_steps.Count > 0 && _steps[^1].Last >= index)
        {
            // Replaced entries: their step is open again, its size about right.
            Bytes -= _openBytes;
            _openBytes = _steps[^1].Bytes;
            _steps.RemoveAt(_steps.Count - 1);
            _openFirst = _steps.Count == 0 ? default : _steps[^1].Last.Next;
        }

        if (_openBytes == 0)
        {
            _openFirst = index;
        }

        _openBytes += bytes;
        Bytes += bytes;
        if (_openBytes >= _stepBytes || index.Value - _openFirst.Value + 1 >= _stepEntries)
        {
            _steps.Add((index, _openBytes));
            _openBytes = 0;
        }
    }

    /// <summary>The last entry that may go when <paramref name="bytes"/>, or <paramref name="entries"/>, up to <paramref name="end"/> are kept, whichever is less; zero for none.</summary>
    internal LogIndex CutKeeping(long bytes, long entries, LogIndex end)
    {
        long kept = _openBytes;
        for (int i = _steps.Count - 1; i >= 0; i--)
        {
            if (kept >= bytes || end.Value - _steps[i].Last.Value >= (ulong)entries)
            {
                return _steps[i].Last;
            }

            kept += _steps[i].Bytes;
        }

        return default;
    }

    /// <summary>The log was cut up to there.</summary>
    internal void Cut(LogIndex start)
    {
        int count = 0;
        while (count < _steps.Count && _steps[count].Last <= start)
        {
            Bytes -= _steps[count].Bytes;
            count++;
        }

        _steps.RemoveRange(0, count);
    }

    internal void Clear()
    {
        _steps.Clear();
        (_openBytes, Bytes, _openFirst) = (0, 0, default);
    }
}
