using System;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Contract;

/// <summary>Something that clients do to a store, defined once: the simulator runs it against a crashing node, the load runner over HTTP.</summary>
public interface IWorkload
{
    /// <summary>For the command line; lower case.</summary>
    string Name { get; }

    /// <summary>One line for people.</summary>
    string Description { get; }

    /// <summary>Buckets that must be there before the first step, and their versioning.</summary>
    S3Versioning Versioning { get; }

    /// <summary>What must be stored before the first step, this client's share of it (of <see cref="WorkloadSession.ClientCount"/>).</summary>
    Task PrepareAsync(WorkloadSession session) => Task.CompletedTask;

    /// <summary>One step of one client: one request, or a few that belong together. Never throws for what the store answers.</summary>
    Task StepAsync(WorkloadSession session);

    /// <summary>Reads everything back at the end, so that the checker of the history sees what is left.</summary>
    Task ReadBackAsync(WorkloadSession session);
}

/// <summary>What one client of a workload works with.</summary>
/// <param name="Client">How it speaks to the store.</param>
/// <param name="Draws">Where its decisions come from.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Number">Number of the client, from 0.</param>
/// <param name="Metrics">Counts of the whole run.</param>
public sealed record WorkloadSession(IS3Client Client, IDraws Draws, string Bucket, int Number, WorkloadMetrics Metrics)
{
    private long _nonce;

    /// <summary>What this client remembers from earlier steps.</summary>
    public WorkloadMemory Memory { get; } = new();

    /// <summary>What all clients of the run know. Only where they take turns: nothing guards it.</summary>
    public WorkloadMemory Common { get; init; } = new();

    /// <summary>Clients of the run.</summary>
    public int ClientCount { get; init; } = 1;

    /// <summary>Set by the workload when this client has nothing left to do.</summary>
    public bool IsExhausted { get; set; }

    /// <summary>Where bodies come from.</summary>
    public IBodySource Bodies { get; init; } = DistinctBodies.Instance;

    /// <summary>A body that this client has not sent before.</summary>
    public ReadOnlyMemory<byte> NewBody(string key, int lengthBytes) => Bodies.Create(key, ((ulong)Number << 40) | (ulong)_nonce++, lengthBytes);

    /// <summary>A put of a new body.</summary>
    public S3Operation NewPut(string key, int lengthBytes)
    {
        ReadOnlyMemory<byte> body = NewBody(key, lengthBytes);
        return new S3Operation { Verb = S3Verb.Put, Bucket = Bucket, Key = key, Body = body, Content = Bodies.Digest(body.Span) };
    }

    /// <summary>Sends and counts.</summary>
    public async ValueTask<S3Result?> SendAsync(S3Operation operation)
    {
        S3Result? result = await Client.SendAsync(operation);
        Metrics.Count(operation.Verb, result);
        return result;
    }
}
