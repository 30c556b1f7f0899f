using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>
/// One ordered store of a drawn, tiny size on one disk: writers, slow readers and troubles; then it must serve, come to rest, hold what was acknowledged, and leave nothing behind.
/// </summary>
internal sealed record RowsScenario
{
    /// <summary>Virtual time in which a healthy store must do what it is asked.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(20);

    /// <summary>Lives in which nothing is written: they must leave no more behind than one does.</summary>
    private const int IdleLives = 2;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    /// <summary>One line for people.</summary>
    internal required string Description { get; init; }

    /// <summary>What goes wrong.</summary>
    internal FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>Syncs take this many times as long as writes, drawn from these.</summary>
    internal IReadOnlyList<int> SyncFactors { get; init; } = [5, 1, 50];

    /// <summary>Programs that write.</summary>
    internal int WriterCount { get; init; } = 1;

    /// <summary>Programs that hold views.</summary>
    internal int ReaderCount { get; init; } = 2;

    /// <summary>Steps of each program.</summary>
    internal int StepCount { get; init; } = 30;

    /// <summary>Sizes of the disk's sectors, drawn from these: the smaller, the more is torn.</summary>
    internal IReadOnlyList<int> SectorSizes { get; init; } = [512, 1024, 2048, 4096];

    /// <summary>Lengths of keys, drawn from these: long ones make long records of the manifest.</summary>
    internal IReadOnlyList<int> KeySizes { get; init; } = [2, 20, RowsShape.LongKeyBytes];

    /// <summary>Puts something between the store and its disk: for proofs that the scenario finds it. Null: nothing.</summary>
    internal Func<IDisk, IDisk>? Between { get; init; }

    /// <summary>As a scenario of the command line.</summary>
    internal SimScenario As(string name) => new(name, Description, Run) { Cost = 3 };

    private ScenarioRun Run(ScenarioContext context) => context.Execute(
        new SimOptions { RareActivePerMillion = 200_000, TimeLimit = TimeSpan.FromHours(1), StepLimit = 5_000_000 },
        world => world.Run(() => DriveAsync(world)));

    private async Task DriveAsync(SimWorld world)
    {
        FaultPlan plan = FaultAtlas.Draw(Faults, world.Choices);
        RowsShape shape = RowsShape.Draw(world.Choices, KeySizes);
        var model = new RowsModel();
        var disk = new SimDiskOptions
        {
            SectorSizeBytes = SectorSizes[world.Choices.Next(SectorSizes.Count, "shape.sector")],
            SyncLatencyFactor = SyncFactors[world.Choices.Next(SyncFactors.Count, "shape.sync")],
        };
        RowsClient? clients = null;
        StoreTroubles<OrderedStore>? troubles = null;
        var machine = new StoreMachine<OrderedStore>(world, world.CreateNode("disk", disk), OpenAsync, static store => store.CloseAsync(), refusal => troubles!.IsExplained(refusal));
        troubles = new StoreTroubles<OrderedStore>(world, machine, plan);
        clients = new RowsClient(world, machine, troubles, shape, model);
        await machine.StartAsync();
        Task[] running =
        [
            .. Enumerable.Range(0, WriterCount).Select(number => clients.WriteAsync(StepCount, $"writer{number}")),
            .. Enumerable.Range(0, ReaderCount).Select(number => clients.ReadAsync(StepCount, $"reader{number}")),
        ];
        await new FaultDriver(world, machine.Machine, plan, machine.StartAsync).RunAsync();
        await Task.WhenAll(running);
        troubles.AreOver = true;
        if (machine.Store is not { Failure: null })
        {
            machine.Crash();
            await machine.StartAsync();
        }

        await ServeAsync(world, machine, clients, shape);
        if (plan.CrashAtEnd)
        {
            world.Fault("crash", machine.Machine.Name);
            machine.Crash();
            await machine.StartAsync();
        }

        await RestAsync(world, machine, clients, shape);
        await StopAsync(machine, shape);
        for (int life = 0; life < IdleLives; life++)
        {
            await machine.StartAsync();
            await GiveUpSegmentsAsync(machine, shape);
            await StopAsync(machine, shape);
        }

        async ValueTask<OrderedStore> OpenAsync(NodeEnvironment environment, ILoop loop)
        {
            NodeEnvironment seams = Between is null ? environment : environment with { Disk = Between(environment.Disk) };
            OrderedStore store = await OrderedStore.OpenAsync(seams, loop, shape.Options);
            clients!.BeginLife();
            model.Recovered(store.AppliedSequence);
            if (store.DurableSequence != store.AppliedSequence)
            {
                throw new PromiseBrokenException("durable", $"a store that was just opened holds {store.AppliedSequence} batches, of which {store.DurableSequence} are durable");
            }

            try
            {
                await clients.CompareAsync(store);
            }
            catch (StorageException failure) when (troubles!.IsExplained(failure))
            {
                // Whoever reads it next compares.
            }

            return store;
        }
    }

    /// <summary>Applies more batches than there is room for in the log as it is, each durable before the next: without a restart, which would heal a lot.</summary>
    private static async Task ServeAsync(SimWorld world, StoreMachine<OrderedStore> machine, RowsClient clients, RowsShape shape)
    {
        var draws = new ClientDraws(world.Choices, "last");
        TimeSpan end = world.Now + RestMax;
        for (int count = 0; count < shape.SegmentsFullOfBatches; count++)
        {
            draws.NextStep();
            while (!await machine.CallAsync(ApplyAsync, "the disk is healthy and a batch is applied"))
            {
                if (world.Now > end)
                {
                    throw new PromiseBrokenException("serves", $"{RestMax} after the disk was healthy and had room, the store calls it full");
                }

                await world.Clock.DelayAsync(Poll);
            }
        }

        async ValueTask<bool> ApplyAsync(OrderedStore store)
        {
            try
            {
                await clients.ApplyAsync(store, draws, freesSpace: false);
                await clients.SettleAsync(store);
                return true;
            }
            catch (StorageException full) when (full.Error == StorageError.Full)
            {
                return false;
            }
        }
    }

    /// <summary>Whoever rests has flushed what is durable, merged what is due and given up what is not needed.</summary>
    private static async Task RestAsync(SimWorld world, StoreMachine<OrderedStore> machine, RowsClient clients, RowsShape shape)
    {
        await UntilAsync(machine, "memtables are not flushed", static store => store.FlushBacklog == 0);
        var draws = new ClientDraws(world.Choices, "rest");
        await machine.CallAsync(
            async store =>
            {
                await clients.CompareAsync(store);
                await clients.VerifyAsync(store);
                await clients.ApplyAsync(store, draws, freesSpace: false);
                await clients.SettleAsync(store);
                await store.CompactAllAsync();
                await clients.CompareAsync(store);
                return true;
            },
            "a store at rest is read and compacted");
        await UntilAsync(machine, "files of merged runs are still there", store => Count(machine.Machine.Disk.Names, "run-") == store.RunCount);
        await GiveUpSegmentsAsync(machine, shape);
    }

    /// <summary>A crash brings segments back whose names were taken away and not synced: each life gives them up again.</summary>
    private static Task GiveUpSegmentsAsync(StoreMachine<OrderedStore> machine, RowsShape shape) =>
        UntilAsync(machine, "log segments that nothing needs are not given up", _ => Count(machine.Machine.Disk.Names, "wal-") <= LogSegmentsMax(shape));

    private static Task UntilAsync(StoreMachine<OrderedStore> machine, string otherwise, Func<OrderedStore, bool> holds) =>
        machine.UntilAsync(RestMax, "rests", "the last batch", store => ValueTask.FromResult(holds(store) ? null : otherwise));

    /// <summary>One in use, one ready, and those that are kept for reuse.</summary>
    private static int LogSegmentsMax(RowsShape shape) => 2 + shape.Options.LogSegmentsSpareMax;

    /// <summary>Closes the store; no file may be there that the next life does not need.</summary>
    private static async Task StopAsync(StoreMachine<OrderedStore> machine, RowsShape shape)
    {
        OrderedStore store = machine.Store!;
        IReadOnlyList<string> names = await machine.StopAsync();
        if (Count(names, "superblock") != 1 || Count(names, "manifest-") != 1 || Count(names, "run-") != store.RunCount || Count(names, "wal-") > LogSegmentsMax(shape)
            || names.Count != 2 + store.RunCount + Count(names, "wal-"))
        {
            throw new PromiseBrokenException("no-leak", $"the store is closed and has {store.RunCount} runs, and these files are there: {string.Join(' ', names)}");
        }
    }

    private static int Count(IReadOnlyList<string> names, string prefix) => names.Count(name => name.StartsWith(prefix, StringComparison.Ordinal));
}
