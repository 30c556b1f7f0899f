using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Clients that run a workload against one node while a fault plan happens to it; then everything is read back and the history is checked.</summary>
internal sealed record NodeScenario
{
    private const int ThinkMicrosecondsMax = 3_000;

    /// <summary>What the clients do.</summary>
    internal required IWorkload Workload { get; init; }

    /// <summary>What goes wrong.</summary>
    internal FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>Clients at the same time.</summary>
    internal int ClientCount { get; init; } = 3;

    /// <summary>Steps of each client.</summary>
    internal int StepCount { get; init; } = 10;

    /// <summary>Whether the node is stopped in order at the end and everything is read once more.</summary>
    internal bool StopsInOrder { get; init; } = true;

    /// <summary>Whether everything is deleted at the end, and nothing may be left of it. Only for plans after which the store serves.</summary>
    internal bool Drains { get; init; }

    /// <summary>Whether somebody outside is told of events. Then the bucket has versioning, and no version is deleted.</summary>
    internal bool Tells { get; init; }

    /// <summary>The disk.</summary>
    internal SimDiskOptions Disk { get; init; } = new();

    /// <summary>Rare-but-legal behaviour: how many of a million points are on in a run.</summary>
    internal int RareActivePerMillion { get; init; } = 300_000;

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Workload.Description, Run);

    private ScenarioRun Run(ScenarioContext context) =>
        context.Execute(new SimOptions { Disk = Disk, RareActivePerMillion = RareActivePerMillion, TimeLimit = TimeSpan.FromHours(1), StepLimit = 5_000_000 }, world => world.Run(() => DriveAsync(world)));

    private async Task DriveAsync(SimWorld world)
    {
        FaultPlan plan = FaultAtlas.Draw(Faults, world.Choices);
        FaultExpectation expected = FaultAtlas.Expect(plan);
        EventWitness? witness = Tells ? new EventWitness(world) : null;
        var node = new NodeRunner(world, world.CreateNode("node", Disk.WithDrawnPace(world.Choices)), OptionsOf(witness))
        {
            MayFailToStart = expected == FaultExpectation.NeverWrong
                || plan.ReadFailsPerMillion + plan.WriteFailsPerMillion + plan.SyncFailsPerMillion + plan.FillCountMax > 0,
        };
        await node.StartAsync();
        var clients = new RecordedClients(world, [node], Workload) { BodiesMayBreakOff = expected == FaultExpectation.NeverWrong || plan.ReadFailsPerMillion > 0 };
        await clients.PrepareAsync("node");
        await (witness?.ConfigureAsync(call => node.Machine.CallAsync(() => call(node.Node!.Metadata))) ?? Task.CompletedTask);
        List<Task> running = clients.Start(
            ClientCount, StepCount, plan.Link, static draws => TimeSpan.FromMicroseconds(1 + draws.Next(ThinkMicrosecondsMax, "think")));
        var driver = new FaultDriver(world, node.Machine, plan, node.StartAsync);
        try
        {
            await driver.RunAsync();
            await Task.WhenAll(running);
            node.MayFailToStart = expected == FaultExpectation.NeverWrong;
            if (Drains && expected == FaultExpectation.Serves && node.Node is not null)
            {
                await StoreAudit.RestAsync(world, node);
            }

            await PowerCycleAsync(world, node);
            WorkloadSession reader = clients.NewReader();
            await Workload.ReadBackAsync(reader);
            if (StopsInOrder)
            {
                await node.StopAsync();
                await node.StartAsync();
                await Workload.ReadBackAsync(reader);
            }

            await (witness?.CheckAsync(query => node.Machine.CallAsync(() => node.Node!.Metadata.QueryAsync(query)), () => node.Node!.Events.Counts.Sum(static counts => counts.Waiting)) ?? Task.CompletedTask);
        }
        catch (StorageException) when (expected == FaultExpectation.NeverWrong)
        {
            await Task.WhenAll(running);
            world.Trace.Mark("damaged-store-refused");
        }

        clients.EmitCounts();
        clients.Check(pagesMayEndEarly: false, isDurable: Faults.CrashAtEnd, isCalm: Faults == FaultPlan.None, servesSince: expected == FaultExpectation.Serves ? "all faults are healed" : null);
        if (Drains && expected == FaultExpectation.Serves)
        {
            await StoreAudit.DrainAsync(world, node, clients.NewPreparing());
        }
    }

    private static NodeOptions OptionsOf(EventWitness? witness)
    {
        NodeOptions small = SimNodeOptions.Small(RecordedClients.AccessKey, RecordedClients.SecretKey);
        return witness is null ? small : small with { Gateway = small.Gateway with { Events = witness.Options } };
    }

    private async Task PowerCycleAsync(SimWorld world, NodeRunner node)
    {
        if (Faults.CrashAtEnd)
        {
            world.Fault("crash", node.Machine.Name);
            node.Machine.Crash();
        }

        if (node.Gateway is null)
        {
            await node.StartAsync();
        }
    }
}
