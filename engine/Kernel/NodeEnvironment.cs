namespace ObjectStore.Engine.Kernel;

/// <summary>All that a node sees of the world. Built by <c>engine/Host</c> over real things and by <c>sim/World</c> over fakes.</summary>
/// <param name="Clock">Time.</param>
/// <param name="Network">Frames to other nodes.</param>
/// <param name="Disk">This node's disk (one per disk store).</param>
/// <param name="Entropy">Randomness.</param>
/// <param name="Spawner">Loops and background work.</param>
/// <param name="Trace">The log.</param>
/// <param name="Rare">Rare-but-legal behaviour, simulation only.</param>
public sealed record NodeEnvironment(
    IClock Clock,
    INetwork Network,
    IDisk Disk,
    IEntropy Entropy,
    ISpawner Spawner,
    ITrace Trace,
    IRare Rare);
