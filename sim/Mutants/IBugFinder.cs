using System.Collections.Generic;

namespace ObjectStore.Sim.Mutants;

/// <summary>What to look for and how.</summary>
/// <param name="Bug">Number of the active bug; 0: none.</param>
/// <param name="Scenarios">Explored one after the other.</param>
/// <param name="Strategy">Who answers what is left open.</param>
/// <param name="Schedules">At most, for each exploration.</param>
/// <param name="Sequences">Independent explorations.</param>
public sealed record DetectionTask(int Bug, IReadOnlyList<string> Scenarios, string Strategy, long Schedules, int Sequences);

/// <summary>What came of a task.</summary>
/// <param name="Detections">One for each exploration.</param>
/// <param name="ProcessorSeconds">Processor time of all.</param>
/// <param name="Ran">Whether a body that holds the active bug was run.</param>
public sealed record Explored(IReadOnlyList<Detection> Detections, double ProcessorSeconds, bool Ran);

/// <summary>Explores with one bug active.</summary>
public interface IBugFinder
{
    /// <summary>All explorations of a task.</summary>
    Explored Explore(DetectionTask task);

    /// <summary>Makes the runs of some seeds, and tells those that broke something.</summary>
    IReadOnlyList<Detection> Repeat(int bug, string scenario, string strategy, IReadOnlyList<ulong> seeds);

    /// <summary>Makes a run that breaks a promise as small as it gets in a minute; null when it could not be made again.</summary>
    Counterexample? Shrink(int bug, string scenario, string strategy, ulong seed);
}
