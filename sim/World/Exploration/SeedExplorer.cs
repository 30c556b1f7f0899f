using System;
using System.Diagnostics;

namespace ObjectStore.Sim.World;

/// <summary>Explores by seeds, one after another: the fast way, and the one whose runs are named by a number.</summary>
public static class SeedExplorer
{
    /// <summary>Runs seeds from <paramref name="firstSeed"/> on until the budget is used or a promise is broken.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="firstSeed">The seed of the first run; the next is one more.</param>
    /// <param name="budget">How long.</param>
    /// <param name="prioritised">Whether loops are scheduled by priorities (see <see cref="PriorityChoices"/>) rather than evenly.</param>
    /// <param name="progress">Called after each run.</param>
    /// <param name="stride">From one seed to the next, so that shards take turns.</param>
    public static Exploration Explore(
        Scenario scenario, ulong firstSeed, ExplorationBudget budget, bool prioritised = false, Action<Exploration>? progress = null, ulong stride = 1)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var seen = new Exploration();
        long started = Stopwatch.GetTimestamp();
        for (ulong seed = firstSeed; seen.Failure is null; seed = unchecked(seed + stride))
        {
            ScenarioRun run = Repeat(scenario, seed, prioritised);
            seen.Add(run);
            if (run.PromiseBroken is not null)
            {
                var recording = new RecordingChoices(Choices(seed, prioritised));
                scenario(new ScenarioContext(recording));
                seen.Failure = new ExplorationFailure(run, seen.Iterations - 1, seed, recording.Answers);
            }

            seen.WallTime = Stopwatch.GetElapsedTime(started);
            progress?.Invoke(seen);
            if (seen.Iterations >= budget.Iterations || seen.WallTime >= budget.Time)
            {
                break;
            }
        }

        return seen;
    }

    /// <summary>Makes the run of one seed.</summary>
    public static ScenarioRun Repeat(Scenario scenario, ulong seed, bool prioritised = false)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return scenario(new ScenarioContext(Choices(seed, prioritised)));
    }

    /// <summary>The choices that a seed stands for.</summary>
    public static IChoices Choices(ulong seed, bool prioritised = false) =>
        prioritised ? new PriorityChoices(new SeededChoices(seed)) : new SeededChoices(seed);

    /// <summary>Makes the run of one seed twice and compares: anything that the choices do not decide shows itself as a difference.</summary>
    /// <returns>Null when both are equal, else what differs.</returns>
    public static string? CheckRepeatable(Scenario scenario, ulong seed)
    {
        ScenarioRun first = Repeat(scenario, seed);
        ScenarioRun second = Repeat(scenario, seed);
        return first.TraceHash == second.TraceHash && first.Events == second.Events && first.VirtualTime == second.VirtualTime
            ? null
            : $"seed {seed} gave trace {first.TraceHash:x16} after {first.Events} steps and then {second.TraceHash:x16} after {second.Events}: something is not decided by the seed";
    }
}
