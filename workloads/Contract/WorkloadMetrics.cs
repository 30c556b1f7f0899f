using System;
using System.Collections.Generic;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Contract;

/// <summary>How many requests ended how. Thread-safe.</summary>
public sealed class WorkloadMetrics
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly object _gate = new();

    /// <summary>By <c>verb outcome</c>, in ordinal order; outcomes are <c>ok</c>, <c>unknown</c> and error codes.</summary>
    public IReadOnlyDictionary<string, long> Counts
    {
        get
        {
            lock (_gate)
            {
                return new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Counts one request.</summary>
    public void Count(S3Verb verb, S3Result? result)
    {
        string name = $"{verb} {(result is null ? "unknown" : result.Ok ? "ok" : result.Code)}";
        lock (_gate)
        {
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
        }
    }
}
