using System;
using System.Collections.Generic;
using ObjectStore.Workloads.Library;

namespace ObjectStore.Workloads.Load.Compare;

/// <summary>The grid of a comparison.</summary>
/// <param name="Scenarios">Operations.</param>
/// <param name="Sizes">Object sizes.</param>
/// <param name="Concurrency">Clients.</param>
/// <param name="Repetitions">Runs of each cell and server; the median counts.</param>
/// <param name="Duration">Measured time of a run.</param>
/// <param name="WarmUp">Before it.</param>
/// <param name="Seed">Of keys and order.</param>
/// <param name="Folder">Data and logs.</param>
internal sealed record CompareOptions(
    IReadOnlyList<PoolScenario> Scenarios,
    IReadOnlyList<SizeRange> Sizes,
    IReadOnlyList<int> Concurrency,
    int Repetitions,
    TimeSpan Duration,
    TimeSpan WarmUp,
    int Seed,
    string Folder);

/// <summary>Medians of one cell for one server.</summary>
/// <param name="Server">Which.</param>
/// <param name="Scenario">Operation.</param>
/// <param name="Size">Object size.</param>
/// <param name="Concurrency">Clients.</param>
/// <param name="OperationsPerSecond">Median.</param>
/// <param name="MebibytesPerSecond">Of the run with that median.</param>
/// <param name="KeysPerSecond">Listings.</param>
/// <param name="ServerCpuMicroseconds">CPU time of the server per operation; hardly disturbed by other work on the machine.</param>
/// <param name="P50Ms">Of the run with the median rate.</param>
/// <param name="P99Ms">The same.</param>
/// <param name="Errors">Of all runs.</param>
/// <param name="Samples">Rates of all runs.</param>
internal sealed record CompareCell(
    string Server,
    string Scenario,
    string Size,
    int Concurrency,
    double OperationsPerSecond,
    double MebibytesPerSecond,
    double KeysPerSecond,
    double ServerCpuMicroseconds,
    double P50Ms,
    double P99Ms,
    long Errors,
    IReadOnlyList<double> Samples);

/// <summary>A comparison.</summary>
/// <param name="Machine">Processor, cores, runtime.</param>
/// <param name="Commit">Of the store.</param>
/// <param name="StartedUtc">When.</param>
/// <param name="LoadBefore">Load average of the machine before the start: above 0.3 the figures are disturbed.</param>
/// <param name="Repetitions">Runs a cell.</param>
/// <param name="Seconds">Of each run.</param>
/// <param name="Skipped">Servers that were not there, and why.</param>
/// <param name="Limits">What the machine allows.</param>
/// <param name="Cells">The figures.</param>
internal sealed record CompareReport(
    string Machine,
    string Commit,
    DateTime StartedUtc,
    double LoadBefore,
    int Repetitions,
    double Seconds,
    IReadOnlyDictionary<string, string> Skipped,
    MachineLimits Limits,
    IReadOnlyList<CompareCell> Cells);
