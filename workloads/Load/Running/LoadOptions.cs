using System;
using System.Collections.Generic;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>Options of a load run.</summary>
/// <param name="Scenario">The mix.</param>
/// <param name="Shape">Pool, sizes.</param>
/// <param name="Endpoints">Clients take them in turn.</param>
/// <param name="Bucket">Made when missing.</param>
/// <param name="Concurrency">Clients; each has one connection and one request under way.</param>
/// <param name="RatePerSecond">Open loop: steps a second over all clients, latency counted from the intended start. 0 is closed loop.</param>
/// <param name="Ramp">Time in which clients (closed loop) or the rate (open loop) grow from none to all; it is measured too.</param>
/// <param name="Duration">Measured time.</param>
/// <param name="WarmUp">Not measured.</param>
/// <param name="RetryCountMax">How often a request that got no answer, or a 5xx, is sent again.</param>
/// <param name="Verify">Compare every byte read.</param>
/// <param name="Seed">Repeats keys and order of operations.</param>
/// <param name="IsPrepared">The pool is there already: an earlier run with the same bucket, seed, sizes and number of objects stored it.</param>
internal sealed record LoadOptions(
    PoolScenario Scenario,
    PoolShape Shape,
    IReadOnlyList<S3Endpoint> Endpoints,
    string Bucket,
    int Concurrency,
    double RatePerSecond,
    TimeSpan Ramp,
    TimeSpan Duration,
    TimeSpan WarmUp,
    int RetryCountMax,
    bool Verify,
    int Seed,
    bool IsPrepared = false)
{
    /// <summary>As many requests as the clients get answered at one endpoint (closed loop, all clients at once), every one counted as it ends and every byte compared.</summary>
    internal static LoadOptions Full(
        PoolScenario scenario, PoolShape shape, S3Endpoint endpoint, string bucket, int concurrency, TimeSpan duration, TimeSpan warmUp, int seed) =>
        new(scenario, shape, [endpoint], bucket, concurrency, RatePerSecond: 0, Ramp: TimeSpan.Zero, duration, warmUp, RetryCountMax: 0, Verify: true, seed);
}
