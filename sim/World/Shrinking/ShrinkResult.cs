using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>What is left of a failing run.</summary>
/// <param name="Answers">The answers that repeat it; trailing zeros are left out.</param>
/// <param name="Run">What comes of it: the same promise broken.</param>
/// <param name="Before">What came of the run that it was made from.</param>
/// <param name="IsMinimal">True: no request and no fault can be taken away alone, as far as was tried. False: time ran out first.</param>
/// <param name="Runs">Runs that were made to find it.</param>
/// <param name="Time">Real time that it took.</param>
public sealed record ShrinkResult(IReadOnlyList<int> Answers, ScenarioRun Run, ScenarioRun Before, bool IsMinimal, long Runs, TimeSpan Time)
{
    /// <summary>How much happens in a run: requests of clients, and faults, crashes among them.</summary>
    public static long EventsOf(ScenarioRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        long events = run.Requests;
        foreach (long count in run.Faults.Values)
        {
            events += count;
        }

        return events;
    }
}

/// <summary>How long to shrink and with what.</summary>
/// <param name="Time">Real time at most.</param>
/// <param name="Jobs">Runs at the same time; 0: as many as there are processors.</param>
public readonly record struct ShrinkBudget(TimeSpan Time, int Jobs = 0);
