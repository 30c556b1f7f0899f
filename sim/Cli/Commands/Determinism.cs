using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Makes runs twice and compares: whatever the seed does not decide shows itself as a difference.</summary>
internal static class Determinism
{
    /// <summary>The strategy that results of it carry.</summary>
    internal const string Strategy = "twice";

    /// <summary>Makes the runs of so many seeds twice each, several at the same time, and stops at the first difference.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="firstSeed">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="stride">From one seed to the next.</param>
    /// <param name="jobs">Runs at the same time.</param>
    /// <param name="progress">Told now and then how many seeds are done; from any thread, one at a time.</param>
    internal static RunResult Check(SimScenario scenario, ulong firstSeed, long count, ulong stride, int jobs, Action<long>? progress)
    {
        long started = Stopwatch.GetTimestamp();
        var sums = new Sums();
        var differences = new ConcurrentBag<(ulong Seed, string What)>();
        using var shown = new SemaphoreSlim(1);
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = jobs }, (index, loop) =>
        {
            ulong seed = unchecked(firstSeed + ((ulong)index * stride));
            ScenarioRun first = SeedExplorer.Repeat(scenario.Run, seed);
            ScenarioRun second = SeedExplorer.Repeat(scenario.Run, seed);
            if (Difference(seed, first, second) is { } difference)
            {
                differences.Add((seed, difference));
                loop.Stop();
            }

            long done = sums.Add(first, second);
            if (progress is not null && shown.Wait(0))
            {
                progress(done);
                shown.Release();
            }
        });
        (ulong Seed, string What)? worst = differences.IsEmpty ? null : differences.MinBy(static difference => difference.Seed);
        return sums.Result(scenario.Name, firstSeed, worst, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static string? Difference(ulong seed, ScenarioRun first, ScenarioRun second) =>
        first.TraceHash == second.TraceHash && first.Events == second.Events && first.VirtualTime == second.VirtualTime && first.PromiseBroken == second.PromiseBroken
            ? null
            : $"seed {seed} gave trace {first.TraceHash:x16} after {first.Events} steps and then {second.TraceHash:x16} after {second.Events}: something is not decided by the seed";

    /// <summary>Totals of runs made on several threads.</summary>
    private sealed class Sums
    {
        private readonly object _gate = new();
        private readonly HashSet<ulong> _schedules = [];
        private readonly SortedDictionary<string, long> _marks = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, long> _faults = new(StringComparer.Ordinal);
        private long _seeds;
        private long _events;
        private long _requests;
        private TimeSpan _virtual;
        private ulong _hash;

        internal long Add(ScenarioRun first, ScenarioRun second)
        {
            lock (_gate)
            {
                _events += first.Events + second.Events;
                _requests += first.Requests + second.Requests;
                _virtual += first.VirtualTime + second.VirtualTime;
                _schedules.Add(first.TraceHash);
                _hash = unchecked(_hash + TraceHash.Mix(first.TraceHash));
                Count(_marks, first.Marks);
                Count(_faults, first.Faults);
                return ++_seeds;
            }
        }

        internal RunResult Result(string scenario, ulong firstSeed, (ulong Seed, string What)? difference, double seconds) => new()
        {
            Scenario = scenario,
            Seed = difference?.Seed ?? firstSeed,
            Strategy = Strategy,
            Iterations = 2 * _seeds,
            Schedules = _schedules.Count,
            Events = _events,
            Requests = _requests,
            VirtualSeconds = _virtual.TotalSeconds,
            WallSeconds = seconds,
            TraceHash = Results.Hash(_hash),
            Verdict = difference is null ? "clean" : "broken",
            PromiseBroken = difference is null ? null : "repeatable",
            Explanation = difference?.What,
            ReplayCommand = difference is { } broken ? $"{FailureReport.Program} determinism --scenario {scenario} --seed {broken.Seed} --seeds 1" : null,
            Marks = _marks,
            Faults = _faults,
            ScheduleHashes = RunResult.Pack(_schedules),
        };

        private static void Count(SortedDictionary<string, long> sums, IReadOnlyDictionary<string, long> counts)
        {
            foreach ((string name, long count) in counts)
            {
                sums[name] = sums.GetValueOrDefault(name) + count;
            }
        }
    }
}
