using System;
using System.Collections.Generic;
using System.Linq;
using HdrHistogram;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>What one worker measured. Histograms in microseconds, 1 µs to 10 minutes, three digits.</summary>
internal sealed class LoadMeasurement
{
    private const long LatencyUsMax = 600_000_000;

    private readonly OperationMeasurement[] _operations = [.. Enum.GetValues<LoadOperation>().Select(_ => new OperationMeasurement())];

    /// <summary>Nothing is recorded before this is set.</summary>
    internal volatile bool Measuring;

    internal OperationMeasurement this[LoadOperation operation] => _operations[(int)operation];

    internal void Record(LoadOperation operation, TimeSpan latency, long bytes, string error)
    {
        if (!Measuring)
        {
            return;
        }

        OperationMeasurement target = _operations[(int)operation];
        lock (target)
        {
            if (error.Length > 0)
            {
                target.Errors[error] = target.Errors.GetValueOrDefault(error) + 1;
                return;
            }

            target.Latency.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, LatencyUsMax));
            target.Bytes += bytes;
        }
    }

    /// <summary>Answered operations so far.</summary>
    internal long Answered => _operations.Sum(operation => operation.Latency.TotalCount);

    /// <summary>Failed operations so far.</summary>
    internal long Failed => _operations.Sum(operation =>
    {
        lock (operation)
        {
            return operation.Errors.Values.Sum();
        }
    });

    internal sealed class OperationMeasurement
    {
        internal LongHistogram Latency { get; } = new(1, LatencyUsMax, 3);

        internal long Bytes { get; set; }

        internal SortedDictionary<string, long> Errors { get; } = new(StringComparer.Ordinal);

        internal void Add(OperationMeasurement other)
        {
            lock (other)
            {
                Latency.Add(other.Latency);
                Bytes += other.Bytes;
                foreach ((string error, long count) in other.Errors)
                {
                    Errors[error] = Errors.GetValueOrDefault(error) + count;
                }
            }
        }
    }
}
