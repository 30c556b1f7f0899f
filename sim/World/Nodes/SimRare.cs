using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>Switches some of the rare points on for a run, and lets those fire now and then (swarm testing: Groce et al., ISSTA'12).</summary>
public sealed class SimRare(IChoices choices, int activePerMillion, int firesPerMillion) : IRare
{
    private readonly SortedDictionary<string, bool> _active = new(StringComparer.Ordinal);

    /// <summary>The points asked for so far, and whether each is on in this run.</summary>
    public IReadOnlyDictionary<string, bool> Points => _active;

    /// <inheritdoc/>
    public bool Happens(string point)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (activePerMillion == 0)
        {
            return false;
        }

        if (!_active.TryGetValue(point, out bool active))
        {
            active = choices.Chance(activePerMillion, "rare.active");
            _active.Add(point, active);
        }

        return active && choices.Chance(firesPerMillion, "rare.fires");
    }
}
