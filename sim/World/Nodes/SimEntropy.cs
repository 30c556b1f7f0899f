using System;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.World;

/// <summary>Randomness from a seed, so that a run can be repeated.</summary>
public sealed class SimEntropy(ulong seed) : IEntropy
{
    private SplitMix _random = new(TraceHash.Mix(seed));

    /// <inheritdoc/>
    public ulong NextUInt64() => _random.Next();

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => _random.Fill(destination);

    /// <summary>A source of its own for a part; it depends on the seed and the label, not on what was drawn before.</summary>
    public SimEntropy Fork(string label) => new(unchecked(TraceHash.Mix(seed + 1) ^ TraceHash.OfText(label)));
}
