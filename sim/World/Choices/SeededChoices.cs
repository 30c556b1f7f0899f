using System;

namespace ObjectStore.Sim.World;

/// <summary>Choices drawn from a seed. The fast way to explore, and to repeat a run in any process.</summary>
public sealed class SeededChoices(ulong seed) : IChoices
{
    private SplitMix _random = new(seed);

    /// <summary>What the run is repeated by.</summary>
    public ulong Seed { get; } = seed;

    /// <inheritdoc/>
    public int Next(int bound, string what)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return bound == 1 ? 0 : _random.Next(bound);
    }
}
