using System;
using ObjectStore.Sim.Consensus;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Raft's cores alone: the states of consensus itself, reached in a thousandth of the work of <see cref="RaftScenario"/>, which drives the same cores over real stores.</summary>
internal sealed record CoreScenario
{
    /// <summary>One line for people.</summary>
    internal required string Description { get; init; }

    /// <summary>What may happen.</summary>
    internal required CoreLifeOptions Life { get; init; }

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Description, Run);

    private ScenarioRun Run(ScenarioContext context) => context.Execute(
        new SimOptions { TimeLimit = TimeSpan.FromHours(1), StepLimit = 100_000 },
        world => world.Run(() => new CoreLife(world, Life).RunAsync()));
}
