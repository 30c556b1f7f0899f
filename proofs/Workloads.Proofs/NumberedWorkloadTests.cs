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

/// <summary>Goal: a bucket of numbered objects is read whole, and a wrong object or page of it is reported. Method: a store in memory, with and without a planted fault.</summary>
public sealed class NumberedWorkloadTests
{
    private const int Count = 2345;
    private readonly NumberedObjects _objects = new(new SizeRange(10, 300));
    private readonly WorkloadMetrics _metrics = new();

    [Theory]
    [InlineData(NumberedStep.Get)]
    [InlineData(NumberedStep.List)]
    public async Task A_right_store_is_not_blamed(NumberedStep step)
    {
        MemoryStore store = await FilledAsync(new MemoryStore());
        await StepsAsync(store, step, 200);
        Assert.Empty(_metrics.Problems);
        Assert.All(_metrics.Counts.Keys, static outcome => Assert.EndsWith(" ok", outcome, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(NumberedStep.Get, "wrong size")]
    [InlineData(NumberedStep.List, "listing does not show each object in turn")]
    public async Task A_planted_fault_is_reported(NumberedStep step, string problem)
    {
        MemoryStore store = await FilledAsync(new MemoryStore { IsWrong = true });
        store.Arm();
        await StepsAsync(store, step, 20);
        Assert.Contains(problem, _metrics.Problems.Keys);
    }

    [Fact]
    public async Task A_gap_is_reported_by_the_listing()
    {
        MemoryStore store = await FilledAsync(new MemoryStore());
        await store.SendAsync(new S3Operation { Verb = S3Verb.Delete, Bucket = "bucket", Key = NumberedObjects.KeyOf(Count / 2) });
        await new NumberedWorkload(_objects, NumberedStep.List).ReadBackAsync(Session(store, 0));
        Assert.NotEmpty(_metrics.Problems);
    }

    [Fact]
    public async Task Puts_stop_at_the_end_and_go_on_from_there()
    {
        await FilledAsync(new MemoryStore());
        Assert.Equal(Count, _objects.Count);
        Assert.False(_objects.TryTakeNext(Count, out _));
        Assert.True(_objects.TryTakeNext(Count + 1, out int next));
        Assert.Equal(Count, next);
    }

    [Fact]
    public async Task Gets_reach_all_parts_of_the_bucket_and_each_client_lists_from_somewhere_else()
    {
        MemoryStore store = await FilledAsync(new MemoryStore());
        var spy = new Spy(store);
        await StepsAsync(spy, NumberedStep.Get, 1000);
        int[] tenths = [.. spy.Seen.Where(static operation => operation.Verb == S3Verb.Get).GroupBy(static operation => int.Parse(operation.Key[4..], null) * 10 / Count).Select(static tenth => tenth.Count())];
        Assert.Equal(10, tenths.Length);
        Assert.All(tenths, static count => Assert.InRange(count, 60, 140));

        spy.Seen.Clear();
        var list = new NumberedWorkload(_objects, NumberedStep.List);
        for (int client = 0; client < 5; client++)
        {
            WorkloadSession session = Session(spy, client);
            for (int page = 0; page < 4; page++)
            {
                await list.StepAsync(session);
            }
        }

        Assert.Equal(5, spy.Seen.Chunk(4).Select(static pages => pages[0].StartAfter).Distinct().Count());
        Assert.All(spy.Seen.Chunk(4), static pages => Assert.Contains(pages, static page => page.StartAfter.Length == 0));
        Assert.Empty(_metrics.Problems);
    }

    [Theory]
    [InlineData("key-0000000042", true)]
    [InlineData("key-0000000043", false)]
    [InlineData("key-42", false)]
    [InlineData("kex-0000000042", false)]
    [InlineData("key-00000000 42", false)]
    [InlineData("key-00000000+42", false)]
    public void A_key_is_told_from_others(string key, bool isKey) => Assert.Equal(isKey, NumberedObjects.IsKeyOf(key, 42));

    [Fact]
    public void Nothing_is_read_from_an_empty_bucket() => Assert.Throws<ArgumentException>(() => new NumberedWorkload(_objects, NumberedStep.Get));

    private async Task<MemoryStore> FilledAsync(MemoryStore store)
    {
        var put = new NumberedWorkload(_objects, NumberedStep.Put, Count);
        WorkloadSession[] sessions = [Session(store, 0), Session(store, 1)];
        for (int step = 0; !sessions.All(static session => session.IsExhausted); step++)
        {
            await put.StepAsync(sessions[step % 2]);
        }

        return store;
    }

    private async Task StepsAsync(IS3Client client, NumberedStep step, int count)
    {
        var workload = new NumberedWorkload(_objects, step);
        WorkloadSession[] sessions = [Session(client, 0), Session(client, 1)];
        for (int done = 0; done < count; done++)
        {
            await workload.StepAsync(sessions[done % 2]);
        }
    }

    private WorkloadSession Session(IS3Client client, int number) => new(client, new SeededDraws(number), "bucket", number, _metrics) { ClientCount = 2 };

    private sealed class Spy(MemoryStore store) : IS3Client
    {
        internal List<S3Operation> Seen { get; } = [];

        public ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
        {
            Seen.Add(operation);
            return store.SendAsync(operation, cancellation);
        }
    }
}
