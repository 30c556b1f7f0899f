using System;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>
/// One disk with rows and chunks of drawn, tiny sizes: clients that store, read and release bodies while extents are reclaimed and scrubbed, and troubles; then all is read,
/// released, and nothing may be left.
/// </summary>
internal sealed record ChunksScenario
{
    /// <summary>Extents that are open for appending: of fresh chunks, and of moved ones.</summary>
    private const int OpenExtentsMax = 2;

    private const int LastReads = 10;

    private static readonly TimeSpan CleanUpMax = TimeSpan.FromSeconds(20);

    /// <summary>One line for people.</summary>
    internal required string Description { get; init; }

    /// <summary>What goes wrong.</summary>
    internal FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>Clients at the same time.</summary>
    internal int ClientCount { get; init; } = 4;

    /// <summary>Steps of each client.</summary>
    internal int StepCount { get; init; } = 30;

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Description, Run) { Cost = 3 };

    private ScenarioRun Run(ScenarioContext context) => context.Execute(
        new SimOptions { RareActivePerMillion = 200_000, TimeLimit = TimeSpan.FromHours(1), StepLimit = 5_000_000 },
        world => world.Run(() => DriveAsync(world)));

    private async Task DriveAsync(SimWorld world)
    {
        FaultPlan plan = FaultAtlas.Draw(Faults, world.Choices);
        DiskStoreOptions options = Draw(world.Choices);
        var model = new ChunksModel();
        var disk = new SimDiskOptions { SectorSizeBytes = world.Choices.Next(2, "shape.sector") == 0 ? 4096 : 512, CapacityBytes = 64L << 20 };
        StoreTroubles<DiskStore>? troubles = null;
        var machine = new StoreMachine<DiskStore>(
            world, world.CreateNode("disk", disk), OpenAsync, static store => store.CloseAsync(), refusal => troubles!.IsExplained(refusal));
        troubles = new StoreTroubles<DiskStore>(world, machine, plan);
        var clients = new ChunksClient(world, machine, troubles, model);
        await machine.StartAsync();
        Task[] running = [.. Enumerable.Range(0, ClientCount).Select(number => clients.RunAsync(StepCount, $"client{number}"))];
        await new FaultDriver(world, machine.Machine, plan, machine.StartAsync).RunAsync();
        await Task.WhenAll(running);
        bool isWhole = FaultAtlas.Expect(plan) == FaultExpectation.Serves;
        troubles.AreOver = isWhole;
        await machine.UntilAsync(CleanUpMax, "no-leak", "all requests have ended", static store => ValueTask.FromResult(BuffersInUse(store)));
        if (plan.CrashAtEnd || machine.Store is not { Rows.Failure: null })
        {
            world.Fault("crash", machine.Machine.Name);
            machine.Crash();
            await machine.StartAsync();
        }

        var draws = new ClientDraws(world.Choices, "last");
        await machine.CallAsync(
            async store =>
            {
                await clients.AuditAsync(store);
                await clients.ReadAllAsync(store);
                for (int read = 0; read < LastReads && draws.NextStep(); read++)
                {
                    await clients.ReadSomeAsync(store, draws);
                }

                return true;
            },
            "all chunks are read");
        if (isWhole)
        {
            await DrainAsync(world, machine, clients);
        }

        await machine.StopAsync();

        async ValueTask<DiskStore> OpenAsync(NodeEnvironment environment, ILoop loop)
        {
            DiskStore store = await DiskStore.OpenAsync(environment, loop, options);

            // The scrubber may have applied a batch already: what recovery found ends where all is durable.
            model.Recovered(store.Rows.DurableSequence);
            return store;
        }
    }

    private static DiskStoreOptions Draw(IChoices choices) => new()
    {
        Rows = RowsShape.Draw(choices, [2]).Options,
        Chunks = DrawChunks(choices),
    };

    private static ChunkStoreOptions DrawChunks(IChoices choices)
    {
        const int frameHeaderBytes = 4096;
        int chunk = choices.OneOf("shape.chunk", 12, 4, 72, 132) * 1024;
        return new ChunkStoreOptions
        {
            ChunkSizeBytes = chunk,

            // The room at the end that no frame fits into counts as garbage: were that enough, an extent would be moved for ever.
            ExtentSizeBytes = (4 + choices.Next(3, "shape.extent")) * (long)(chunk + frameHeaderBytes),
            ReserveBytes = 0,
            ReclaimGarbagePercent = choices.OneOf("shape.garbage", 50, 60, 80),
            ReclaimBatchFrames = choices.OneOf("shape.reclaim-batch", 4, 1, 16),
            ReclaimPollInterval = TimeSpan.FromMilliseconds(choices.OneOf("shape.reclaim-poll", 1, 10)),
            ScrubPeriod = TimeSpan.FromMilliseconds(choices.OneOf("shape.scrub", 100, 10, 2000)),
            ScrubCheckpointFrames = choices.OneOf("shape.scrub-checkpoint", 3, 20),
            HeaderCacheEntries = choices.OneOf("shape.headers", 2, 1, 16),
            IdleBufferBytesMax = 1 << 20,
        };
    }

    /// <summary>Releases all; then nothing may be left of it, without a restart.</summary>
    private static async Task DrainAsync(SimWorld world, StoreMachine<DiskStore> machine, ChunksClient clients)
    {
        var draws = new ClientDraws(world.Choices, "drain");
        await machine.CallAsync(
            async store =>
            {
                await clients.ReleaseAllAsync(store, draws);
                return true;
            },
            "all is released");
        await machine.UntilAsync(CleanUpMax, "no-leak", "everything was released", store => LeftoverAsync(store));

        async ValueTask<string?> LeftoverAsync(DiskStore store)
        {
            await clients.AuditAsync(store);
            ChunkStoreUsage usage = store.Chunks.MeasureUsage();
            int files = machine.Machine.Disk.Names.Count(static name => name.StartsWith("extent-", StringComparison.Ordinal));
            return usage.LiveBytes > 0 ? $"{usage.LiveBytes} live bytes in extents"
                : usage.StagedBytes > 0 ? $"{usage.StagedBytes} staged bytes in extents"
                : usage.ExtentCount > OpenExtentsMax ? $"{usage.ExtentCount} extents"
                : files > usage.ExtentCount ? $"{files} files of extents, of which {usage.ExtentCount} are in use"
                : BuffersInUse(store);
        }
    }

    private static string? BuffersInUse(DiskStore store) => store.Chunks.RentedBufferBytes > 0 ? $"{store.Chunks.RentedBufferBytes} bytes of buffers in use" : null;
}
