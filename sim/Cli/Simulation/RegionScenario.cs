using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Clients that run a workload against a region of several nodes in zones while troubles happen to it; then it must converge, everything is read back, and the history is checked.</summary>
internal sealed record RegionScenario
{
    /// <summary>What the clients do.</summary>
    internal required IWorkload Workload { get; init; }

    /// <summary>What goes wrong.</summary>
    internal RegionFaultPlan Faults { get; init; } = RegionFaultPlan.None;

    /// <summary>The region.</summary>
    internal RegionShape Shape { get; init; } = new();

    /// <inheritdoc cref="NodeScenario.Tells"/>
    internal bool Tells { get; init; }

    /// <summary>Clients at the same time.</summary>
    internal int ClientCount { get; init; } = 4;

    /// <summary>Steps of each client.</summary>
    internal int StepCount { get; init; } = 15;

    /// <summary>Longest rest of a client before a step.</summary>
    internal TimeSpan ThinkMax { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc cref="SimScenario.Cost"/>
    internal int Cost { get; init; } = 10;

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Workload.Description, Run) { Cost = Cost };

    private ScenarioRun Run(ScenarioContext context) =>
        context.Execute(
            new SimOptions { RareActivePerMillion = 300_000, TimeLimit = TimeSpan.FromDays(2), StepLimit = 20_000_000 },
            world => world.Run(() => DriveAsync(world)));

    private async Task DriveAsync(SimWorld world)
    {
        EventWitness? witness = Tells ? new EventWitness(world) : null;
        var region = new SimRegion(world, witness is null ? Shape : Shape with { Events = witness.Options });
        await region.StartAsync();
        var clients = new RecordedClients(world, region.Nodes, Workload);
        await clients.PrepareAsync("region");
        await (witness?.ConfigureAsync(call => region.Nodes[0].CallMetadataAsync(call)) ?? Task.CompletedTask);
        List<Task> running = clients.Start(
            ClientCount, StepCount, LinkFaults.None, draws => TimeSpan.FromMilliseconds(1 + draws.Next((int)ThinkMax.TotalMilliseconds, "think")));
        var driver = new RegionFaultDriver(world, region.Members, Faults, region.StartAsync, region.IsWholeAsync);
        await driver.RunAsync();
        await Task.WhenAll(running);
        await region.ConvergeAsync("all troubles are over");
        await RegionAudit.CheckAsync(world, region);
        await Workload.ReadBackAsync(clients.NewReader());
        await (witness?.CheckAsync(query => region.Nodes[0].CallMetadataAsync(metadata => metadata.QueryAsync(query)), () => region.Nodes.Sum(static node => node.EventsWaiting)) ?? Task.CompletedTask);
        clients.EmitCounts();
        region.Raft.Check();
        clients.Check(pagesMayEndEarly: true, isDurable: true, isCalm: Faults == RegionFaultPlan.None, servesSince: "all troubles are over");
    }
}
