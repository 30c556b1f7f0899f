using System;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metrics;

/// <summary>Latencies in buckets that double from 64 microseconds to 34 seconds, and one for all above. Any thread; constant memory.</summary>
/// <remarks>A reader sees each bucket whole but not all buckets at one moment: totals may lag by the additions in flight.</remarks>
public sealed class LatencyHistogram
{
    /// <summary>Buckets with an upper bound; one more has none.</summary>
    public const int BoundCount = 20;

    private const long FirstBoundMicroseconds = 64;

    private readonly long[] _counts = new long[BoundCount + 1];
    private long _sumMicroseconds;

    /// <summary>Upper bound of a bucket, itself included.</summary>
    public static double BoundSeconds(int bucket)
    {
        Invariant.Check(bucket is >= 0 and < BoundCount, "a bucket with a bound");
        return (FirstBoundMicroseconds << bucket) / 1e6;
    }

    /// <summary>Sum of all recorded latencies.</summary>
    public double SumSeconds => Interlocked.Read(ref _sumMicroseconds) / 1e6;

    /// <summary>Adds one. Negative counts as zero.</summary>
    public void Record(TimeSpan latency)
    {
        long microseconds = Math.Max(0, latency.Ticks / TimeSpan.TicksPerMicrosecond);
        int bucket = 0;
        while (bucket < BoundCount && microseconds > FirstBoundMicroseconds << bucket)
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _sumMicroseconds, microseconds);
    }

    /// <summary>How many fell into a bucket; bucket <see cref="BoundCount"/> is the one without a bound.</summary>
    public long Count(int bucket) => Interlocked.Read(ref _counts[bucket]);
}
