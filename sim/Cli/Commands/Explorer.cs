using System;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Explores a scenario by the strategy of a name.</summary>
internal static class Explorer
{
    internal static Exploration Explore(SimScenario scenario, string strategy, ulong seed, ExplorationBudget budget, Action<Exploration>? progress) =>
        strategy switch
        {
            "seed" => SeedExplorer.Explore(scenario.Run, seed, budget, prioritised: false, progress),
            "seed-pct" => SeedExplorer.Explore(scenario.Run, seed, budget, prioritised: true, progress),
            _ => CoyoteExplorer.Explore(scenario.Run, CoyoteStrategyOf(strategy), unchecked((uint)seed), budget, progress),
        };

    /// <summary>True when a single seed repeats a single run.</summary>
    internal static bool IsNamedBySeed(string strategy) => strategy.StartsWith("seed", StringComparison.Ordinal);

    private static CoyoteStrategy CoyoteStrategyOf(string strategy) => strategy switch
    {
        "portfolio" => CoyoteStrategy.Portfolio,
        "pct" => CoyoteStrategy.Pct,
        "q-learning" => CoyoteStrategy.QLearning,
        _ => CoyoteStrategy.Random,
    };
}
