using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.NBomber;

/// <summary>Clients of a run, each with a connection and a session of the workload. NBomber's copies of a scenario come and go; an iteration takes a client that is free.</summary>
internal sealed class ClientPool : IDisposable
{
    private readonly PoolWorkload _workload;
    private readonly List<Client> _all;
    private readonly ConcurrentBag<Client> _free;
    private readonly SemaphoreSlim _freeCount;

    internal ClientPool(NBomberOptions options, PoolWorkload workload, WorkloadMetrics metrics, RunCounts counts)
    {
        _workload = workload;
        int sizeBytesMax = Math.Max(options.Shape.Sizes.ToBytes, options.Scenario.Mix.Upload > 0 ? options.Shape.PartSizeBytes : 0);
        var content = new TileContent(sizeBytesMax);
        _all = [.. Enumerable.Range(0, options.Concurrency).Select(number => new Client(options, metrics, counts, content, number))];
        _free = [.. _all];
        _freeCount = new SemaphoreSlim(_all.Count);
    }

    /// <summary>Stores the pool, all clients at once, each on a thread of its own: the client blocks.</summary>
    internal Task PrepareAsync() => Task.WhenAll(_all.Select(client => Task.Factory.StartNew(
        () => _workload.PrepareAsync(client.Session).GetAwaiter().GetResult(), default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    /// <summary>Takes a client, once one is free. In an open loop the wait counts into the latency of the iteration, though not into that of its requests.</summary>
    internal async Task<Client> TakeAsync()
    {
        await _freeCount.WaitAsync();
        return _free.TryTake(out Client? client) ? client : throw new InvalidOperationException("more clients were counted as free than there are");
    }

    /// <summary>Gives it back.</summary>
    internal void Return(Client client)
    {
        _free.Add(client);
        _freeCount.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _all.ForEach(static client => client.Requests.Dispose());
        _freeCount.Dispose();
    }

    internal sealed class Client
    {
        internal Client(NBomberOptions options, WorkloadMetrics metrics, RunCounts counts, TileContent content, int number)
        {
            Requests = new StepClient(new LiveS3Client(options.Endpoints[number % options.Endpoints.Count], TimeSpan.FromSeconds(60), content), counts);
            Session = new WorkloadSession(Requests, new SeededDraws(unchecked((options.Seed * 7919) + number)), options.Bucket, number, metrics)
            {
                ClientCount = options.Concurrency,
                Bodies = content,
            };
        }

        internal StepClient Requests { get; }

        internal WorkloadSession Session { get; }
    }
}
