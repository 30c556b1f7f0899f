using System;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Explores a scenario by the strategy of a name.</summary>
internal static class Explorer
{
    /// <summary>Explores what a shard has to; null when that is nothing.</summary>
    internal static Exploration? Explore(SimScenario scenario, string strategy, ulong seed, ExplorationBudget budget, Shard shard, Action<Exploration>? progress)
    {
        ExplorationBudget share = budget with { Iterations = shard.Share(budget.Iterations) };
        if (share.Iterations == 0)
        {
            return null;
        }

        // Coyote's strategies have no runs to take turns at: each shard is an exploration of its own.
        ulong first = shard.FirstSeed(seed);
        return strategy switch
        {
            "seed" => SeedExplorer.Explore(scenario.Run, first, share, prioritised: false, progress, (ulong)shard.Count),
            "seed-pct" => SeedExplorer.Explore(scenario.Run, first, share, prioritised: true, progress, (ulong)shard.Count),
            _ => CoyoteExplorer.Explore(scenario.Run, CoyoteStrategyOf(strategy), unchecked((uint)first), share, progress),
        };
    }

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
