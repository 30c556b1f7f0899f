using System;
using System.Collections.Generic;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>Options of a scaling run.</summary>
/// <param name="Server">The server to start.</param>
/// <param name="Folder">Data and log.</param>
/// <param name="Plateaus">Numbers of objects at which to measure, rising.</param>
/// <param name="Sizes">Object sizes.</param>
/// <param name="Concurrency">Clients while measuring.</param>
/// <param name="FillConcurrency">Clients while filling.</param>
/// <param name="Repetitions">Runs of each operation; the median counts.</param>
/// <param name="Duration">Measured time of a run.</param>
/// <param name="WarmUp">Before it, for reads and listings.</param>
/// <param name="RestPatience">The longest wait for the server to come to rest.</param>
/// <param name="Seed">Repeats what is drawn.</param>
internal sealed record ScalingOptions(
    ServerProgram Server,
    string Folder,
    IReadOnlyList<int> Plateaus,
    SizeRange Sizes,
    int Concurrency,
    int FillConcurrency,
    int Repetitions,
    TimeSpan Duration,
    TimeSpan WarmUp,
    TimeSpan RestPatience,
    int Seed);

/// <summary>Medians of one operation.</summary>
/// <param name="PerSecond">Operations; keys, of listings.</param>
/// <param name="P50Ms">Of the run with that median; of a whole page, of listings.</param>
/// <param name="P99Ms">The same.</param>
/// <param name="Samples">Rates of all runs.</param>
/// <param name="SmallSamples">Rates of the small store, each just before the run in the same place; none where it was not measured.</param>
/// <param name="OfSmall">Median of the runs' shares of those; null where there are none, or the small store had no room for one.</param>
internal sealed record ScalingMeasure(double PerSecond, double P50Ms, double P99Ms, IReadOnlyList<double> Samples, IReadOnlyList<double> SmallSamples, double? OfSmall);

/// <summary>What was measured at one number of objects.</summary>
/// <param name="Objects">Objects while reading and listing, and before the measured puts.</param>
/// <param name="ObjectsAfterPuts">After them: they stay in the bucket.</param>
/// <param name="FillPerSecond">Rate at which the bucket was filled up to here, with all background work; 0 when nothing had to be filled.</param>
/// <param name="RestSeconds">Wait for the server to come to rest after filling.</param>
/// <param name="CameToRest">Whether it did.</param>
/// <param name="Put">Puts of new objects.</param>
/// <param name="Get">Gets of objects drawn from all.</param>
/// <param name="List">Keys of listings.</param>
/// <param name="ResidentBytes">Memory of the server at rest.</param>
/// <param name="ResidentBytesMost">The most since its start, after measuring.</param>
/// <param name="Handles">Open handles at rest.</param>
/// <param name="Files">Files of the store at rest.</param>
/// <param name="DiskBytes">Their lengths together.</param>
/// <param name="DiskBytesPerObject">Growth of these lengths since the empty store, per object.</param>
/// <param name="Errors">Wrong or failed requests.</param>
/// <param name="ErrorKinds">What they were.</param>
internal sealed record ScalingPlateau(
    int Objects,
    int ObjectsAfterPuts,
    double FillPerSecond,
    double RestSeconds,
    bool CameToRest,
    ScalingMeasure Put,
    ScalingMeasure Get,
    ScalingMeasure List,
    long ResidentBytes,
    long ResidentBytesMost,
    int Handles,
    int Files,
    long DiskBytes,
    double DiskBytesPerObject,
    long Errors,
    IReadOnlyList<string> ErrorKinds);

/// <summary>A scaling run.</summary>
/// <param name="Origin">Where and when.</param>
/// <param name="Size">Of the objects.</param>
/// <param name="Concurrency">Clients.</param>
/// <param name="Repetitions">Runs of each operation.</param>
/// <param name="Seconds">Of each run.</param>
/// <param name="Wanted">Plateaus asked for.</param>
/// <param name="Stopped">Why the rest of them was not measured; empty when all were.</param>
/// <param name="Plateaus">The figures.</param>
internal sealed record ScalingReport(
    RunOrigin Origin, string Size, int Concurrency, int Repetitions, double Seconds, IReadOnlyList<int> Wanted, string Stopped, IReadOnlyList<ScalingPlateau> Plateaus);
