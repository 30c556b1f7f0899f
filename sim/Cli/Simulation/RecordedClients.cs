using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Checking;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>The clients of a scenario, whatever serves them: they prepare a bucket, run a workload, read it back, and what they saw is held against the model.</summary>
/// <param name="world">The world.</param>
/// <param name="servers">Whom they speak to.</param>
/// <param name="workload">What they do.</param>
internal sealed class RecordedClients(SimWorld world, IReadOnlyList<ISimServer> servers, IWorkload workload)
{
    /// <summary>Of the identity that they sign with.</summary>
    internal const string AccessKey = "simulated";

    /// <summary>Of the identity that they sign with.</summary>
    internal const string SecretKey = "simulated-secret";

    private const string Bucket = "bucket";
    private const int ReadBackClient = 100;
    private const int PreparingClient = 101;
    private const long CheckerStepsMax = 3_000_000;

    private readonly History<S3Operation, S3Result> _history = new();
    private readonly WorkloadMetrics _metrics = new();
    private readonly WorkloadMemory _common = new();

    /// <inheritdoc cref="SimS3Client.BodiesMayBreakOff"/>
    internal bool BodiesMayBreakOff { get; init; }

    /// <summary>Creates the bucket.</summary>
    /// <param name="what">For the message, such as <c>region</c>.</param>
    /// <exception cref="PromiseBrokenException">Nothing has gone wrong yet, and it is not served.</exception>
    internal async Task PrepareAsync(string what)
    {
        WorkloadSession session = NewPreparing();
        await MustAsync(session, new S3Operation { Verb = S3Verb.CreateBucket, Bucket = Bucket }, what);
        if (workload.Versioning != S3Versioning.Off)
        {
            await MustAsync(session, new S3Operation { Verb = S3Verb.SetVersioning, Bucket = Bucket, Versioning = workload.Versioning }, what);
        }
    }

    /// <summary>Starts clients, each on its own.</summary>
    /// <param name="count">How many.</param>
    /// <param name="steps">Steps of each.</param>
    /// <param name="link">What happens to their requests on the way.</param>
    /// <param name="think">Draws the time before a step.</param>
    internal List<Task> Start(int count, int steps, LinkFaults link, Func<ClientDraws, TimeSpan> think)
    {
        var running = new List<Task>();
        for (int client = 0; client < count; client++)
        {
            running.Add(RunAsync(NewSession(link, _history, client, _metrics), steps, think));
        }

        return running;
    }

    /// <summary>Who reads everything back; its requests are part of the history.</summary>
    internal WorkloadSession NewReader() => NewSession(LinkFaults.None, _history, ReadBackClient, _metrics);

    /// <summary>Who prepares and clears away; its requests are not part of the history.</summary>
    internal WorkloadSession NewPreparing() => NewSession(LinkFaults.None, new History<S3Operation, S3Result>(), PreparingClient, new WorkloadMetrics());

    /// <summary>Tells the trace how requests ended.</summary>
    internal void EmitCounts()
    {
        foreach ((string outcome, long count) in _metrics.Counts)
        {
            world.Trace.Emit(TraceLevel.Info, "run", "requests", ("outcome", outcome), ("count", count));
        }
    }

    /// <summary>Holds the history against what was promised.</summary>
    /// <param name="pagesMayEndEarly">Whether pages of listings may hold less than was asked for.</param>
    /// <param name="isDurable">Whether everything acknowledged must have been read back.</param>
    /// <param name="isCalm">Whether nothing went wrong, so that every request must have been answered.</param>
    /// <param name="servesSince">Why the reader must have been served, for the message; null when it need not be.</param>
    /// <exception cref="PromiseBrokenException">It does not hold.</exception>
    internal void Check(bool pagesMayEndEarly, bool isDurable, bool isCalm, string? servesSince)
    {
        var model = new S3Model([new KeyValuePair<string, S3Versioning>(Bucket, workload.Versioning)])
        {
            PartSizeBytesMin = SimNodeOptions.PartSizeBytesMin,
            ToldIds = S3HistoryParts.ToldIds(_history.Entries),
            PagesMayEndEarly = pagesMayEndEarly,
            OwnBucketMayBeCreatedAgain = true,
        };
        LinearizabilityReport<S3Operation, S3Result> report = LinearizabilityChecker.Check(model, S3HistoryParts.Prepare(_history.Entries), CheckerStepsMax);
        world.Observer?.HistoryChecked(HistoryView.Of(_history.Entries, report, NameOf));
        world.Trace.Emit(TraceLevel.Info, "check", "linearizability", ("verdict", report.Verdict.ToString()), ("operations", _history.Entries.Count), ("steps", report.Steps));
        if (report.Verdict == Verdict.Broken)
        {
            throw new PromiseBrokenException("linearizable", report.Explain());
        }

        if (isDurable && DurabilityChecker.Check(_history.Entries, ReadBackClient) is { } missing)
        {
            throw new PromiseBrokenException("durable", missing);
        }

        foreach (HistoryEntry<S3Operation, S3Result> entry in _history.Entries)
        {
            if (servesSince is not null && entry is { Client: ReadBackClient, Result: null or { Status: >= 500 } })
            {
                throw new PromiseBrokenException("serves", $"{servesSince}, and {entry}");
            }

            if (isCalm && entry.Result is null)
            {
                throw new PromiseBrokenException("answers", $"nothing ever went wrong, and {entry}");
            }
        }

        if (report.Verdict == Verdict.Undecided)
        {
            world.Trace.Mark("check-undecided");
        }
    }

    private static async Task MustAsync(WorkloadSession session, S3Operation operation, string what)
    {
        S3Result? result = await session.SendAsync(operation);
        if (result is not { Ok: true })
        {
            throw new PromiseBrokenException("serves", $"{operation} on a fresh and healthy {what} was answered with {(object?)result ?? "nothing"}");
        }
    }

    private Task RunAsync(WorkloadSession session, int steps, Func<ClientDraws, TimeSpan> think)
    {
        var draws = (ClientDraws)session.Draws;
        return draws.RunAsync(steps, async () =>
        {
            await world.Clock.DelayAsync(think(draws));
            await workload.StepAsync(session);
        });
    }

    private WorkloadSession NewSession(LinkFaults link, History<S3Operation, S3Result> history, int number, WorkloadMetrics metrics)
    {
        var draws = new ClientDraws(world.Choices, $"client.{number}");
        var sender = new SimS3Client(world, servers, link, new SigV4Signer(AccessKey, SecretKey, "us-east-1"), draws, NameOf(number))
        {
            IsCounted = number < ReadBackClient,
            BodiesMayBreakOff = BodiesMayBreakOff,
        };
        var recorder = new RecordingClient(sender, history, number, () => world.Now, history);
        return new WorkloadSession(recorder, draws, Bucket, number, metrics) { Common = _common };
    }

    private static string NameOf(int number) => number switch
    {
        ReadBackClient => "reader",
        PreparingClient => "setup",
        _ => $"client {number}",
    };
}
