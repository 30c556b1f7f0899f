using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>How long to explore. It ends with whichever comes first; at least one run is made.</summary>
/// <param name="Iterations">Runs at most; null: no limit.</param>
/// <param name="Time">Real time at most; null: no limit.</param>
public readonly record struct ExplorationBudget(long? Iterations, TimeSpan? Time);

/// <summary>A run that broke a promise, and how to repeat it.</summary>
/// <param name="Run">What came of it.</param>
/// <param name="Iteration">Counted from 0.</param>
/// <param name="Seed">The seed that repeats it; null when only the answers do.</param>
/// <param name="Answers">The answers that repeat it.</param>
public sealed record ExplorationFailure(ScenarioRun Run, long Iteration, ulong? Seed, IReadOnlyList<int> Answers);

/// <summary>What an exploration saw.</summary>
public sealed class Exploration
{
    private readonly HashSet<ulong> _schedules = [];
    private readonly SortedDictionary<string, long> _marks = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _faults = new(StringComparer.Ordinal);
    private ulong _hash;

    /// <summary>Runs made.</summary>
    public long Iterations { get; private set; }

    /// <summary>Different runs among them, by trace hash.</summary>
    public long Schedules => _schedules.Count;

    /// <summary>Steps of all runs.</summary>
    public long Events { get; private set; }

    /// <summary>Virtual time of all runs.</summary>
    public TimeSpan VirtualTime { get; private set; }

    /// <summary>Real time that it took.</summary>
    public TimeSpan WallTime { get; internal set; }

    /// <summary>A hash over the trace hashes of all runs; their order does not matter, so that shards can be put together.</summary>
    public ulong TraceHash => _hash;

    /// <summary>The trace hashes of all different runs.</summary>
    public IReadOnlyCollection<ulong> ScheduleHashes => _schedules;

    /// <summary>Faults that happened, by kind, over all runs.</summary>
    public IReadOnlyDictionary<string, long> Faults => _faults;

    /// <summary>Requests that clients made, over all runs.</summary>
    public long Requests { get; private set; }

    /// <summary>Marks reached, over all runs.</summary>
    public IReadOnlyDictionary<string, long> Marks => _marks;

    /// <summary>The first broken promise; null: clean.</summary>
    public ExplorationFailure? Failure { get; internal set; }

    internal void Add(ScenarioRun run)
    {
        Iterations++;
        Events += run.Events;
        VirtualTime += run.VirtualTime;
        _schedules.Add(run.TraceHash);
        _hash = unchecked(_hash + ObjectStore.Sim.Trace.TraceHash.Mix(run.TraceHash));
        Requests += run.Requests;
        foreach ((string mark, long count) in run.Marks)
        {
            _marks[mark] = _marks.GetValueOrDefault(mark) + count;
        }

        foreach ((string kind, long count) in run.Faults)
        {
            _faults[kind] = _faults.GetValueOrDefault(kind) + count;
        }
    }
}
