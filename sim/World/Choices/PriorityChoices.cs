using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>Runs the ready loop of highest priority, and at a few drawn steps puts the one that would run behind all others.</summary>
/// <remarks>
/// Finds bugs that need a few orderings and much unfairness. Source: Burckhardt et al., A Randomized Scheduler with Probabilistic Guarantees of
/// Finding Bugs (PCT), ASPLOS'10. Now and then a step is drawn evenly, so that a loop that waits for another by asking again does not run for ever.
/// </remarks>
public sealed class PriorityChoices(IChoices inner, int changesPerMillion = 1_000, int fairPerMillion = 20_000) : IChoices, IStepChooser
{
    private readonly Dictionary<int, long> _priorities = [];
    private long _lowest;

    /// <inheritdoc/>
    public int Next(int bound, string what) => inner.Next(bound, what);

    /// <inheritdoc/>
    public int NextStep(ReadOnlySpan<int> ids)
    {
        if (inner.Chance(fairPerMillion, "step.fair"))
        {
            return inner.Next(ids.Length, "step");
        }

        int best = Best(ids);
        if (inner.Chance(changesPerMillion, "step.change"))
        {
            _priorities[ids[best]] = --_lowest;
            best = Best(ids);
        }

        return best;
    }

    private int Best(ReadOnlySpan<int> ids)
    {
        int best = 0;
        for (int index = 1; index < ids.Length; index++)
        {
            if (Priority(ids[index]) > Priority(ids[best]))
            {
                best = index;
            }
        }

        return best;
    }

    private long Priority(int id)
    {
        if (!_priorities.TryGetValue(id, out long priority))
        {
            priority = inner.Next(1 << 20, "step.priority");
            _priorities.Add(id, priority);
        }

        return priority;
    }
}
