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
    private static readonly TimeSpan WithinAWalk = TimeSpan.FromMilliseconds(3);

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

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Description, Run) { Cost = 3 };

    private LifecycleOptions Options => new() { Day = Day, PollInterval = PollInterval, PageEntries = 2, ConcurrencyMax = 2 };

    private ScenarioRun Run(ScenarioContext context) => context.Execute(
        new SimOptions { RareActivePerMillion = 200_000, TimeLimit = TimeSpan.FromDays(100_000), StepLimit = 20_000_000 },
        world => world.Run(() => DriveAsync(world)));

    private async Task DriveAsync(SimWorld world)
    {
        var node = new NodeRunner(world, world.CreateNode("node", new SimDiskOptions().WithDrawnPace(world.Choices)), NodeOptionsOf());
        await node.StartAsync();
        bool isVersioned = world.Choices.Next(2, "versioned") == 1;
        var client = new LifecycleClient(world, call => node.Machine.CallAsync(() => call(node.Node!.Metadata)), this, isVersioned);
        await client.PrepareAsync();
        await client.RunAsync(draws => Crashes ? LosePowerAsync(world, node, client, draws) : Task.CompletedTask);
        await world.Clock.DelayAsync(MoreDaysAtTheEnd * Day);
        await client.CompareAsync();
        await node.StopAsync();
        await node.StartAsync();
        await client.CompareAsync();
        world.Trace.Emit(TraceLevel.Info, "run", "lifecycle", ("done", client.DoneCount));
        if (client.DoneCount > 0)
        {
            world.Trace.Mark("lifecycle-acted");
        }
    }

    private async Task LosePowerAsync(SimWorld world, NodeRunner node, LifecycleClient client, ClientDraws draws)
    {
        int when = draws.Next(8, "crash?");
        if (when > 1)
        {
            return;
        }

        if (when == 1)
        {
            await world.Clock.DelayAsync(Day - TimeSpan.FromTicks(world.Clock.UtcNow.Ticks % Day.Ticks) + draws.Microseconds(WithinAWalk, "crash.within"));
        }

        world.Fault("crash", node.Machine.Name);
        node.Machine.Crash();
        await node.StartAsync();
        client.BeCalm();
        await client.CompareAsync();
    }

    // What else a node does by the second is slowed down, or years of it would take hours.
    private NodeOptions NodeOptionsOf()
    {
        NodeOptions small = SimNodeOptions.Small(RecordedClients.AccessKey, RecordedClients.SecretKey);
        return small with
        {
            Gateway = small.Gateway with { Lifecycle = Options },
            Store = small.Store with
            {
                Rows = small.Store.Rows with { ScrubPeriod = 10 * Day },
                Chunks = small.Store.Chunks with { ScrubPeriod = 10 * Day, ReclaimPollInterval = Day / 4 },
            },
        };
    }
}
