using System;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NBomber.Contracts;
using NBomber.CSharp;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.NBomber;

/// <summary>Hands a workload to NBomber: an iteration of its scenario is a step of the workload, by whichever client is free.</summary>
internal static class NBomberRun
{
    /// <returns>Whether there were requests, all were answered rightly and the workload found nothing wrong.</returns>
    internal static bool Run(NBomberOptions options, TextWriter output)
    {
        var metrics = new WorkloadMetrics();
        var counts = new RunCounts();
        PoolWorkload workload = options.Scenario.Make(options.Shape);
        using var clients = new ClientPool(options, workload, metrics, counts);

        // The clients block, so each needs a thread of the pool; more come too slowly on their own.
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, options.Concurrency + Environment.ProcessorCount), completions);
        ScenarioProps scenario = Scenario
            .Create(options.Scenario.Name, context => IterateAsync(workload, clients, context))
            .WithInit(async _ =>
            {
                LiveBucket.Prepare(options.Endpoints[0], options.Bucket, workload.Versioning);
                await clients.PrepareAsync();
                if (metrics.Problems.Count > 0)
                {
                    throw new InvalidOperationException(string.Join("; ", metrics.Problems.Keys));
                }
            })
            .WithWarmUpDuration(options.WarmUp)
            .WithRestartIterationOnFail(shouldRestart: false)
            .WithLoadSimulations(options.RatePerSecond > 0
                ? Simulation.Inject(rate: options.RatePerSecond, interval: TimeSpan.FromSeconds(1), during: options.Duration)
                : Simulation.KeepConstant(copies: options.Concurrency, during: options.Duration));
        if (options.WarmUp == TimeSpan.Zero)
        {
            scenario = scenario.WithoutWarmUp();
        }

        NBomberRunner.RegisterScenarios(scenario).WithReportFolder(options.ReportFolder).Run();

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{counts.Right} requests answered rightly, {counts.Wrong} wrongly or not at all, warm-up included."));
        foreach ((string problem, long count) in metrics.Problems)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{problem}: {count}"));
        }

        return counts is { Right: > 0, Wrong: 0 } && metrics.Problems.Count == 0;
    }

    private static async Task<IResponse> IterateAsync(PoolWorkload workload, ClientPool clients, IScenarioContext context)
    {
        ClientPool.Client client = await clients.TakeAsync();
        try
        {
            client.Requests.Begin(context);
            await workload.StepAsync(client.Session);
            return client.Requests.HasFailed ? Response.Fail(statusCode: "step", message: "a request of this step failed") : Response.Ok();
        }
        finally
        {
            clients.Return(client);
        }
    }
}
