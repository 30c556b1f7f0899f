using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Contract;

/// <summary>One client of an object store, over whatever lies between: a simulated link, or HTTP.</summary>
public interface IS3Client
{
    /// <summary>Sends one request once, and waits for its answer for as long as the client cares to.</summary>
    /// <returns>The answer, success or refusal; null when the outcome is unknown (no answer came, or not all of it).</returns>
    ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default);
}

/// <summary>The draws of a workload: which request next, which key, how large. From the simulator's choices, or from a seeded generator.</summary>
public interface IDraws
{
    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    int Next(int bound, string what);
}

/// <summary>Draws from a seed, for runs outside of the simulator.</summary>
public sealed class SeededDraws(int seed) : IDraws
{
    private readonly Random _random = new(seed);

    /// <inheritdoc/>
    public int Next(int bound, string what) => _random.Next(bound);
}
