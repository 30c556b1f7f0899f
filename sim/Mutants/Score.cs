using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Sim.Mutants;

/// <summary>What became of one planted bug.</summary>
public sealed record Score
{
    /// <summary>Its class.</summary>
    public required string Class { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its number in the build: value of <see cref="EngineCopy.Switch"/>.</summary>
    public required int Number { get; init; }

    /// <summary>One line about it.</summary>
    public required string Title { get; init; }

    /// <summary>The promise that it breaks, in words.</summary>
    public required string Breaks { get; init; }

    /// <summary>Who answered what was left open.</summary>
    public required string Strategy { get; init; }

    /// <summary>Schedules within which it must be found.</summary>
    public required long Budget { get; init; }

    /// <summary>One for each independent exploration.</summary>
    public required IReadOnlyList<Detection> Detections { get; init; }

    /// <summary>Processor time of all explorations, in seconds.</summary>
    public double ProcessorSeconds { get; init; }

    /// <summary>A seed that showed it and that the engine without it does not survive either, and what that run said; null: none.</summary>
    public string? AlsoWithoutIt { get; init; }

    /// <summary>Whether some run came through a body that holds it; what was found did in any case.</summary>
    public bool Ran { get; init; }

    /// <summary>The first run that showed it, made small; null when that was not asked for.</summary>
    public Counterexample? Smallest { get; init; }

    /// <summary>Explorations that found it.</summary>
    public int FoundCount => Detections.Count(static one => one.Found);

    /// <summary>Whether each exploration found it within the budget.</summary>
    public bool Found => Detections.Count > 0 && FoundCount == Detections.Count;

    /// <summary>Schedules to detection: the middle one; an exploration that did not find it counts as infinitely many (null).</summary>
    public long? Median => Rank(0.5);

    /// <summary>Schedules to detection: 95 of a hundred explorations need no more (nearest rank).</summary>
    public long? P95 => Rank(0.95);

    /// <summary>Promises that were seen broken, the most frequent first.</summary>
    public IReadOnlyList<string> Promises =>
    [
        .. Detections.Where(static one => one.Found).GroupBy(static one => one.Promise!).OrderByDescending(static group => group.Count())
            .ThenBy(static group => group.Key, StringComparer.Ordinal).Select(static group => group.Key),
    ];

    private long? Rank(double share)
    {
        if (Detections.Count == 0)
        {
            return null;
        }

        long[] sorted = [.. Detections.Select(static one => one.Found ? one.Schedules : long.MaxValue).Order()];
        long value = sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
        return value == long.MaxValue ? null : value;
    }
}
