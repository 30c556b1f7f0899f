using System;
using System.Collections.Generic;
using System.Threading;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Contract;

/// <summary>How many requests ended how. Thread-safe.</summary>
public sealed class WorkloadMetrics
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _problems = new(StringComparer.Ordinal);
    private readonly object _gate = new();
    private readonly long[] _ok = new long[Enum.GetValues<S3Verb>().Length];

    /// <summary>By <c>verb outcome</c>, in ordinal order; outcomes are <c>ok</c>, <c>unknown</c> and error codes.</summary>
    public IReadOnlyDictionary<string, long> Counts
    {
        get
        {
            lock (_gate)
            {
                var counts = new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
                foreach (S3Verb verb in Enum.GetValues<S3Verb>())
                {
                    if (Volatile.Read(ref _ok[(int)verb]) is > 0 and long count)
                    {
                        counts[$"{verb} ok"] = count;
                    }
                }

                return counts;
            }
        }
    }

    /// <summary>Counts one request.</summary>
    public void Count(S3Verb verb, S3Result? result)
    {
        if (result is { Ok: true })
        {
            Interlocked.Increment(ref _ok[(int)verb]);
            return;
        }

        string name = $"{verb} {(result is null ? "unknown" : result.Code)}";
        lock (_gate)
        {
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
        }
    }

    /// <summary>What workloads found wrong themselves, by kind: an answer that is well-formed and cannot be true.</summary>
    public IReadOnlyDictionary<string, long> Problems
    {
        get
        {
            lock (_gate)
            {
                return new SortedDictionary<string, long>(_problems, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Reports such an answer.</summary>
    public void Report(string problem)
    {
        lock (_gate)
        {
            _problems[problem] = _problems.GetValueOrDefault(problem) + 1;
        }
    }
}
