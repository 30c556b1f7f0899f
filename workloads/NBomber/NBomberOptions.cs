using System;
using System.Collections.Generic;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.NBomber;

/// <summary>Options of a run under NBomber.</summary>
/// <param name="Scenario">The mix.</param>
/// <param name="Shape">Pool, sizes.</param>
/// <param name="Endpoints">Clients take them in turn.</param>
/// <param name="Bucket">Made when missing.</param>
/// <param name="Concurrency">Clients; each has one connection and one request under way.</param>
/// <param name="RatePerSecond">Open loop: steps injected a second. 0 is closed loop.</param>
/// <param name="Duration">Measured time.</param>
/// <param name="WarmUp">Not measured.</param>
/// <param name="ReportFolder">For NBomber's reports.</param>
/// <param name="Seed">Repeats keys and order of operations.</param>
internal sealed record NBomberOptions(
    PoolScenario Scenario,
    PoolShape Shape,
    IReadOnlyList<S3Endpoint> Endpoints,
    string Bucket,
    int Concurrency,
    int RatePerSecond,
    TimeSpan Duration,
    TimeSpan WarmUp,
    string ReportFolder,
    int Seed);
