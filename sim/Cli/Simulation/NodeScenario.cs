using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Checking;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Clients that run a workload against one node while a fault plan happens to it; then everything is read back and the history is checked.</summary>
internal sealed record NodeScenario
{
    private const string Bucket = "bucket";
    private const string AccessKey = "simulated";
    private const string SecretKey = "simulated-secret";
    private const int ThinkMicrosecondsMax = 3_000;
    private const int ReadBackClient = 100;
    private const int PreparingClient = 101;

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
        var node = new NodeRunner(world, world.CreateNode("node", Disk), SimNodeOptions.Small(AccessKey, SecretKey))
        {
            MayFailToStart = expected == FaultExpectation.NeverWrong
                || plan.ReadFailsPerMillion + plan.WriteFailsPerMillion + plan.SyncFailsPerMillion + plan.FillCountMax > 0,
        };
        await node.StartAsync();
        var history = new History<S3Operation, S3Result>();
        var metrics = new WorkloadMetrics();
        await PrepareAsync(Session(world, node, LinkFaults.None, new History<S3Operation, S3Result>(), PreparingClient, new WorkloadMetrics()));

        var running = new List<Task>();
        for (int client = 0; client < ClientCount; client++)
        {
            running.Add(RunClientAsync(world, Session(world, node, plan.Link, history, client, metrics)));
        }

        var driver = new FaultDriver(world, node.Machine, plan, node.StartAsync);
        try
        {
            await driver.RunAsync();
            await Task.WhenAll(running);
            node.MayFailToStart = expected == FaultExpectation.NeverWrong;
            await PowerCycleAsync(world, node);
            WorkloadSession reader = Session(world, node, LinkFaults.None, history, ReadBackClient, metrics);
            await Workload.ReadBackAsync(reader);
            if (StopsInOrder)
            {
                await node.StopAsync();
                await node.StartAsync();
                await Workload.ReadBackAsync(reader);
            }
        }
        catch (StorageException) when (expected == FaultExpectation.NeverWrong)
        {
            await Task.WhenAll(running);
            world.Trace.Mark("damaged-store-refused");
        }

        foreach ((string outcome, long count) in metrics.Counts)
        {
            world.Trace.Emit(TraceLevel.Info, "run", "requests", ("outcome", outcome), ("count", count));
        }

        Check(world, history, expected);
        if (Drains && expected == FaultExpectation.Serves)
        {
            await StoreAudit.DrainAsync(world, node, Session(world, node, LinkFaults.None, new History<S3Operation, S3Result>(), PreparingClient, new WorkloadMetrics()));
        }
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

    private async Task PrepareAsync(WorkloadSession session)
    {
        await MustAsync(session, new S3Operation { Verb = S3Verb.CreateBucket, Bucket = Bucket });
        if (Workload.Versioning != S3Versioning.Off)
        {
            await MustAsync(session, new S3Operation { Verb = S3Verb.SetVersioning, Bucket = Bucket, Versioning = Workload.Versioning });
        }
    }

    private static async Task MustAsync(WorkloadSession session, S3Operation operation)
    {
        S3Result? result = await session.SendAsync(operation);
        if (result is not { Ok: true })
        {
            throw new PromiseBrokenException("serves", $"{operation} on a fresh and healthy node was answered with {(object?)result ?? "nothing"}");
        }
    }

    private async Task RunClientAsync(SimWorld world, WorkloadSession session)
    {
        var draws = (ClientDraws)session.Draws;
        for (int step = 0; step < StepCount; step++)
        {
            if (draws.NextStep())
            {
                await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(1 + draws.Next(ThinkMicrosecondsMax, "think")));
                await Workload.StepAsync(session);
            }
        }
    }

    private static WorkloadSession Session(
        SimWorld world, NodeRunner node, LinkFaults link, History<S3Operation, S3Result> history, int number, WorkloadMetrics metrics)
    {
        var draws = new ClientDraws(world.Choices, $"client.{number}");
        var sender = new SimS3Client(world, [node], link, new SigV4Signer(AccessKey, SecretKey, "us-east-1"), draws, ClientName(number))
        {
            IsCounted = number < ReadBackClient,
        };
        var recorder = new RecordingClient(sender, history, number, () => world.Now, history);
        return new WorkloadSession(recorder, draws, Bucket, number, metrics);
    }

    private static string ClientName(int number) => number switch
    {
        ReadBackClient => "reader",
        PreparingClient => "setup",
        _ => $"client {number}",
    };

    private void Check(SimWorld world, History<S3Operation, S3Result> history, FaultExpectation expected)
    {
        var model = new S3Model([new KeyValuePair<string, S3Versioning>(Bucket, Workload.Versioning)])
        {
            PartSizeBytesMin = SimNodeOptions.PartSizeBytesMin,
            ToldIds = S3HistoryParts.ToldIds(history.Entries),
        };
        LinearizabilityReport<S3Operation, S3Result> report = LinearizabilityChecker.Check(model, S3HistoryParts.Prepare(history.Entries), 3_000_000);
        world.Observer?.HistoryChecked(HistoryView.Of(history.Entries, report, ClientName));
        world.Trace.Emit(TraceLevel.Info, "check", "linearizability", ("verdict", report.Verdict.ToString()), ("operations", history.Entries.Count), ("steps", report.Steps));
        if (report.Verdict == Verdict.Broken)
        {
            throw new PromiseBrokenException("linearizable", report.Explain());
        }

        if (Faults.CrashAtEnd && DurabilityChecker.Check(history.Entries, ReadBackClient) is { } missing)
        {
            throw new PromiseBrokenException("durable", missing);
        }

        foreach (HistoryEntry<S3Operation, S3Result> entry in history.Entries)
        {
            if (expected == FaultExpectation.Serves && entry is { Client: ReadBackClient, Result: null or { Status: >= 500 } })
            {
                throw new PromiseBrokenException("serves", $"all faults are healed, and {entry}");
            }
        }

        if (report.Verdict == Verdict.Undecided)
        {
            world.Trace.Mark("check-undecided");
        }
    }
}
