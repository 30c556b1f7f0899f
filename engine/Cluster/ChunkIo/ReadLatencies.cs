using System;

namespace ObjectStore.Engine.Cluster;

/// <summary>How long reads of shards took lately: how long to wait before asking others. Lives on one loop.</summary>
/// <remarks>Source: Dean and Barroso, "The Tail at Scale", CACM 56(2), 2013 (hedged requests after a high percentile).</remarks>
internal sealed class ReadLatencies(ChunkIoOptions options)
{
    private const int Kept = 256;
    private const int Fresh = 32;

    private readonly long[] _ticks = new long[Kept];
    private long _count;
    private TimeSpan _delay = options.HedgeMax;

    /// <summary>How long to wait.</summary>
    internal TimeSpan HedgeDelay => _delay;

    internal void Add(TimeSpan took)
    {
        _ticks[_count++ % Kept] = took.Ticks;
        if (_count % Fresh == 0)
        {
            var sorted = _ticks.AsSpan(0, (int)long.Min(_count, Kept)).ToArray();
            Array.Sort(sorted);
            var quantile = TimeSpan.FromTicks(sorted[(int)((sorted.Length - 1) * options.HedgeQuantile)]);
            _delay = quantile < options.HedgeMin ? options.HedgeMin : quantile > options.HedgeMax ? options.HedgeMax : quantile;
        }
    }
}
