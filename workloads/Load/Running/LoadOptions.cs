using System;
using System.Collections.Generic;
using ObjectStore.Workloads.Load.Http;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>Options of a load run.</summary>
/// <param name="Scenario">The mix.</param>
/// <param name="Endpoints">Workers take them in turn.</param>
/// <param name="Bucket">Made when missing.</param>
/// <param name="Concurrency">Workers; each has one request under way.</param>
/// <param name="RatePerSecond">Open loop: arrivals a second over all workers, latency counted from the intended start. 0 is closed loop.</param>
/// <param name="Duration">Measured time.</param>
/// <param name="WarmUp">Not measured.</param>
/// <param name="PoolObjects">Objects put before the start for gets and heads.</param>
/// <param name="Size">Object sizes.</param>
/// <param name="Seed">Repeats keys, sizes and order of operations.</param>
internal sealed record LoadOptions(
    LoadScenario Scenario,
    IReadOnlyList<S3Endpoint> Endpoints,
    string Bucket,
    int Concurrency,
    double RatePerSecond,
    TimeSpan Duration,
    TimeSpan WarmUp,
    int PoolObjects,
    SizeRange Size,
    int Seed);
