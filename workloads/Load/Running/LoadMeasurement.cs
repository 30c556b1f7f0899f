using System;
using System.Collections.Generic;
using System.Linq;
using HdrHistogram;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>What one client measured. Histograms in microseconds, 1 µs to 10 minutes, three digits.</summary>
internal sealed class LoadMeasurement
{
    private const long LatencyUsMax = 600_000_000;

    private readonly OperationMeasurement?[] _operations = new OperationMeasurement?[Enum.GetValues<S3Verb>().Length];
    private readonly object _gate = new();

    /// <summary>Nothing is recorded before this is set.</summary>
    internal volatile bool Measuring;

    /// <summary>Answered operations so far.</summary>
    internal long Answered { get; private set; }

    /// <summary>Failed operations so far.</summary>
    internal long Failed { get; private set; }

    /// <summary>Bytes of bodies so far, in either direction.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Entries of listings so far.</summary>
    internal long Entries { get; private set; }

    /// <summary>Records one operation.</summary>
    /// <param name="verb">What was asked.</param>
    /// <param name="latency">From the intended start.</param>
    /// <param name="bytes">Of the body.</param>
    /// <param name="entries">Of a listing.</param>
    /// <param name="refusal">A refusal that is part of the game; empty for none.</param>
    /// <param name="error">The kind of error; empty for none.</param>
    internal void Record(S3Verb verb, TimeSpan latency, long bytes, int entries, string refusal, string error)
    {
        if (!Measuring)
        {
            return;
        }

        lock (_gate)
        {
            OperationMeasurement target = _operations[(int)verb] ??= new OperationMeasurement();
            if (error.Length > 0)
            {
                Count(target.Errors, error);
                Failed++;
                return;
            }

            if (refusal.Length > 0)
            {
                Count(target.Refusals, refusal);
            }

            target.Latency.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, LatencyUsMax));
            target.Bytes += bytes;
            target.Entries += entries;
            Answered++;
            Bytes += bytes;
            Entries += entries;
        }
    }

    /// <summary>Notes that a request is sent again.</summary>
    internal void Retried(S3Verb verb, string why)
    {
        if (Measuring)
        {
            lock (_gate)
            {
                Count((_operations[(int)verb] ??= new OperationMeasurement()).Retries, why);
            }
        }
    }

    /// <summary>Adds all to a sum by verb.</summary>
    internal void AddTo(OperationMeasurement?[] sums)
    {
        lock (_gate)
        {
            for (int verb = 0; verb < _operations.Length; verb++)
            {
                if (_operations[verb] is { } own)
                {
                    (sums[verb] ??= new OperationMeasurement()).Add(own);
                }
            }
        }
    }

    private static void Count(SortedDictionary<string, long> counts, string kind) => counts[kind] = counts.GetValueOrDefault(kind) + 1;

    internal sealed class OperationMeasurement
    {
        internal LongHistogram Latency { get; } = new(1, LatencyUsMax, 3);

        internal long Bytes { get; set; }

        internal long Entries { get; set; }

        internal SortedDictionary<string, long> Errors { get; } = new(StringComparer.Ordinal);

        internal SortedDictionary<string, long> Refusals { get; } = new(StringComparer.Ordinal);

        internal SortedDictionary<string, long> Retries { get; } = new(StringComparer.Ordinal);

        internal void Add(OperationMeasurement other)
        {
            Latency.Add(other.Latency);
            Bytes += other.Bytes;
            Entries += other.Entries;
            Merge(Errors, other.Errors);
            Merge(Refusals, other.Refusals);
            Merge(Retries, other.Retries);
        }

        private static void Merge(SortedDictionary<string, long> into, SortedDictionary<string, long> from)
        {
            foreach ((string kind, long count) in from.Select(static pair => (pair.Key, pair.Value)))
            {
                into[kind] = into.GetValueOrDefault(kind) + count;
            }
        }
    }
}
