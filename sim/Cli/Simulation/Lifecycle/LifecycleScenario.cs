using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Node;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation.Lifecycle;

/// <summary>A client whose objects are subject to lifecycle rules, through very many days: what rules ask for is done in time, and nothing else is.</summary>
internal sealed record LifecycleScenario
{
    private const int MoreDaysAtTheEnd = 3;

    /// <summary>Of eight draws the last two are a crash: this one in the next walk, the other one now.</summary>
    private const int CrashOfEight = 6;

    private static readonly TimeSpan WithinAWalk = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan ServerRetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>One line for people.</summary>
    internal required string Description { get; init; }

    /// <summary>Length of the days that rules count.</summary>
    internal TimeSpan Day { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Time after a midnight in which what is due must be done.</summary>
    internal TimeSpan Grace { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Between two looks at rules.</summary>
    internal TimeSpan PollInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Steps of the client.</summary>
    internal int StepCount { get; init; } = 40;

    /// <summary>Rules count so many days at most.</summary>
    internal int DaysMax { get; init; } = 3;

    /// <summary>Days between two steps at most.</summary>
    internal int GapDaysMax { get; init; } = 2;

    /// <summary>Whether the node loses power now and then.</summary>
    internal bool Crashes { get; init; }

    /// <summary>The region that takes the place of the node; null for none.</summary>
    internal RegionShape? Region { get; init; }

    /// <summary>What goes wrong in a region.</summary>
    internal RegionFaultPlan RegionFaults { get; init; } = RegionFaultPlan.None;

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Description, Run) { Cost = Region is null ? 3 : 20 };

    private ScenarioRun Run(ScenarioContext context) => context.Execute(
        new SimOptions { RareActivePerMillion = 200_000, TimeLimit = TimeSpan.FromDays(100_000), StepLimit = 20_000_000 },
        world => world.Run(() => Region is null ? DriveNodeAsync(world) : DriveRegionAsync(world, Region)));

    private async Task DriveNodeAsync(SimWorld world)
    {
        var node = new NodeRunner(world, world.CreateNode("node", new SimDiskOptions().WithDrawnPace(world.Choices)), NodeOptionsOf(DrawPaces(world.Choices)));
        await node.StartAsync();
        LifecycleClient client = NewClient(world, call => node.Machine.CallAsync(() => call(node.Node!.Metadata)));
        await client.PrepareAsync();
        await client.RunAsync(draws => Crashes ? LosePowerAsync(world, node, client, draws) : Task.CompletedTask);
        await world.Clock.DelayAsync(MoreDaysAtTheEnd * Day);
        await client.CompareAsync();
        await node.StopAsync();
        await node.StartAsync();
        await client.CompareAsync();
        Note(world, client);
    }

    private async Task DriveRegionAsync(SimWorld world, RegionShape shape)
    {
        var region = new SimRegion(world, shape with { Lifecycle = DrawPaces(world.Choices) });
        await region.StartAsync();
        LifecycleClient client = NewClient(world, call => CallAnyAsync(world, region, call));
        await client.PrepareAsync();
        client.BeTroubled();
        Task running = client.RunAsync(static _ => Task.CompletedTask);
        await new RegionFaultDriver(world, region.Members, RegionFaults, region.StartAsync, region.IsWholeAsync).RunAsync();
        await running;
        await region.ConvergeAsync("all troubles are over");
        client.BeCalm();
        await world.Clock.DelayAsync(MoreDaysAtTheEnd * Day);
        await client.CompareAsync();
        region.Raft.Check();
        Note(world, client);
    }

    private static async Task<object> CallAnyAsync(SimWorld world, SimRegion region, Func<IMetadataShard, Task<object>> call)
    {
        // Ends when all troubles are over at the latest.
        while (true)
        {
            RegionRunner runner = region.Nodes[world.Choices.Next(region.Nodes.Count, "client.server")];
            if (runner.IsServing)
            {
                return await runner.CallMetadataAsync(call);
            }

            await world.Clock.DelayAsync(ServerRetryDelay);
        }
    }

    private LifecycleClient NewClient(SimWorld world, Func<Func<IMetadataShard, Task<object>>, Task<object>> store) =>
        new(world, store, this, isVersioned: world.Choices.Next(2, "versioned") == 1);

    private static void Note(SimWorld world, LifecycleClient client)
    {
        world.Trace.Emit(TraceLevel.Info, "run", "lifecycle", ("done", client.DoneCount));
        if (client.DoneCount > 0)
        {
            world.Trace.Mark("lifecycle-acted");
        }
    }

    private async Task LosePowerAsync(SimWorld world, NodeRunner node, LifecycleClient client, ClientDraws draws)
    {
        int when = draws.Next(8, "crash?");
        if (when < CrashOfEight)
        {
            return;
        }

        if (when == CrashOfEight)
        {
            await world.Clock.DelayAsync(Moments.UntilMidnight(world.Clock.UtcNow, Day) + draws.Microseconds(WithinAWalk, "crash.within"));
        }

        world.Fault("crash", node.Machine.Name);
        node.Machine.Crash();
        await node.StartAsync();
        client.BeCalm();
        await client.CompareAsync();
    }

    private LifecycleOptions DrawPaces(IChoices choices) => new()
    {
        Day = Day,
        PollInterval = PollInterval,
        PageEntries = choices.OneOf("lifecycle.page", 2, 5, 50),
        ConcurrencyMax = choices.OneOf("lifecycle.concurrency", 2, 1, 8),
    };

    // What else a node does by the second is slowed down, or years of it would take hours.
    private NodeOptions NodeOptionsOf(LifecycleOptions lifecycle)
    {
        NodeOptions small = SimNodeOptions.Small(RecordedClients.AccessKey, RecordedClients.SecretKey);
        return small with
        {
            Gateway = small.Gateway with { Lifecycle = lifecycle },
            Store = small.Store with
            {
                Rows = small.Store.Rows with { ScrubPeriod = 10 * Day },
                Chunks = small.Store.Chunks with { ScrubPeriod = 10 * Day, ReclaimPollInterval = Day / 4 },
            },
        };
    }
}
