using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Library;
using Xunit;

namespace ObjectStore.Workloads.Proofs;

/// <summary>Goal: a workload finds nothing wrong with a right store and something with a wrong one. Method: a store in memory, with and without a planted fault.</summary>
public sealed class PoolWorkloadTests
{
    public static TheoryData<string> Names => [.. PoolScenarios.All.Select(static scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_scenario_finds_nothing_wrong_with_a_right_store(string name)
    {
        var store = new MemoryStore();
        WorkloadMetrics metrics = await RunAsync(name, store);
        Assert.Empty(metrics.Problems);
        Assert.NotEmpty(metrics.Counts);
        Assert.All(metrics.Counts.Keys, static outcome => Assert.True(outcome.EndsWith(" ok", StringComparison.Ordinal) || outcome is "Head NoSuchKey" or "Head 404" or "Put PreconditionFailed", outcome));
    }

    [Theory]
    [InlineData("get", "wrong size")]
    [InlineData("head", "wrong size")]
    [InlineData("list", "listing does not show the pool")]
    [InlineData("archive", "listing does not show the archive")]
    [InlineData("multipart", "wrong size")]
    public async Task A_planted_fault_is_reported(string name, string problem)
    {
        WorkloadMetrics metrics = await RunAsync(name, new MemoryStore { IsWrong = true });
        Assert.Contains(problem, metrics.Problems.Keys);
    }

    [Fact]
    public async Task Zipf_prefers_the_first_and_reaches_the_rest()
    {
        var draw = new SeededDraws(1);
        var popular = new PoolScenario("zipf", "", new PoolMix { Get = 1 }, Popularity.Zipf).Make(new PoolShape { ObjectCount = 100 });
        var seen = new List<string>();
        var session = new WorkloadSession(new Spy(seen), draw, "bucket", 0, new WorkloadMetrics());
        for (int step = 0; step < 5000; step++)
        {
            await popular.StepAsync(session);
        }

        Dictionary<string, int> counts = seen.GroupBy(static key => key, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);
        int most = counts.Values.Max();
        Assert.InRange(most, 700, 1300);
        Assert.True(counts["pool/00000000"] == most);
        Assert.True(counts.Count > 90);
    }

    private static async Task<WorkloadMetrics> RunAsync(string name, MemoryStore store)
    {
        var metrics = new WorkloadMetrics();
        PoolWorkload workload = PoolScenarios.Find(name).Make(new PoolShape
        {
            ObjectCount = 30,
            Sizes = new SizeRange(10, 300),
            PartSizeBytes = 400,
            DeleteObjectCount = name == "delete" ? 10 : 0,
        });
        await store.SendAsync(new S3Operation { Verb = S3Verb.CreateBucket, Bucket = "bucket" });
        if (workload.Versioning != S3Versioning.Off)
        {
            await store.SendAsync(new S3Operation { Verb = S3Verb.SetVersioning, Bucket = "bucket", Versioning = workload.Versioning });
        }

        WorkloadSession[] sessions = [.. Enumerable.Range(0, 3).Select(number => new WorkloadSession(store, new SeededDraws(number), "bucket", number, metrics) { ClientCount = 3 })];
        foreach (WorkloadSession session in sessions)
        {
            await workload.PrepareAsync(session);
        }

        store.Arm();
        for (int step = 0; step < 60; step++)
        {
            await workload.StepAsync(sessions[step % sessions.Length]);
        }

        return metrics;
    }

    private sealed class Spy(List<string> seen) : IS3Client
    {
        public ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
        {
            seen.Add(operation.Key);
            return new ValueTask<S3Result?>(new S3Result());
        }
    }
}
