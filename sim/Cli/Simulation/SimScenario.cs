using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A scenario by name.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Run">One run: a function of the choices.</param>
internal sealed record SimScenario(string Name, string Description, Scenario Run)
{
    /// <summary>How many runs of a single node one run costs, about: a fixed set makes so many times fewer.</summary>
    internal int Cost { get; init; } = 1;
}
