using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>The choices of one client. Each step has labels of its own, so that a run without one of them leaves the others as they were (see <see cref="Shrinker"/>).</summary>
internal sealed class ClientDraws(IChoices choices, string client) : IDraws, IChoices
{
    /// <summary>One step in so many is left out, also when nothing is shrunk.</summary>
    private const int SkipOneIn = 12;

    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(2);
    private readonly Dictionary<string, string> _labels = [];
    private int _step;

    /// <inheritdoc cref="IChoices.Next"/>
    public int Next(int bound, string what)
    {
        if (!_labels.TryGetValue(what, out string? label))
        {
            label = $"{client}.{_step}.{what}";
            _labels.Add(what, label);
        }

        return choices.Next(bound, label);
    }

    /// <summary>Does so many steps, but those that are left out.</summary>
    internal async Task RunAsync(int steps, Func<Task> step)
    {
        for (int count = 0; count < steps; count++)
        {
            if (NextStep())
            {
                await step();
            }
        }
    }

    /// <summary>How long a program stands still between two things that it does.</summary>
    internal TimeSpan Pause() => this.Microseconds(PauseMax, "pause");

    /// <summary>Goes to the next step; false when the client does nothing in it.</summary>
    internal bool NextStep()
    {
        _step++;
        _labels.Clear();
        return choices.Next(SkipOneIn, client + ".act?") != 0;
    }
}
