using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Library;
using ObjectStore.Workloads.Load.Memory;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>Fills one bucket of a server of its own from plateau to plateau, and measures the same operations at each.</summary>
/// <remarks>
/// Listings and gets come first, over exactly the plateau's objects, then puts, which add to the bucket. Measured puts take at most half of the way to the next plateau
/// (a run ends early when its share is used up), so that each plateau has the size that was asked for.
/// The plateaus are minutes apart, in which the machine itself may become slower or faster than what is to be seen. So each run of puts and gets comes in turn with the same on a small store, new at each
/// plateau, which has the objects of the first one; what plateaus are compared by is their share of that store's rate. The small one's process is younger, equally so at each plateau.
/// </remarks>
internal sealed class ScalingRun(ScalingOptions options, TextWriter progress)
{
    /// <summary>Connecting and the first requests of each client are not measured. Short, and the same everywhere: the smallest plateau has room for few puts.</summary>
    private static readonly TimeSpan PutWarmUpMax = TimeSpan.FromSeconds(0.15);

    /// <exception cref="InvalidOperationException">A server does not start, or an object could not be stored while filling.</exception>
    internal async Task<ScalingReport> RunAsync(CancellationToken cancellation)
    {
        RunOrigin origin = await RunOrigin.TakeAsync();
        await progress.WriteLineAsync("warming the server");
        using ScalingStore store = await ScalingStore.StartAsync(options, options.Folder, progress, cancellation);
        var plateaus = new List<ScalingPlateau>();
        string stopped = "";
        foreach (int wanted in options.Plateaus)
        {
            double perObject = plateaus.Count == 0 ? 0 : plateaus[^1].DiskBytesPerObject;
            stopped = DiskNeed.Missing(options.Folder, DiskNeed.Of(wanted - store.Count + options.Plateaus[0], options.Sizes, perObject));
            if (stopped.Length > 0)
            {
                await progress.WriteLineAsync($"stopped before {wanted} objects: {stopped}");
                break;
            }

            double fill = await store.FillAsync(wanted, cancellation);
            plateaus.Add(await MeasureAsync(store, fill, PutsEndOf(plateaus.Count), cancellation));
        }

        return new ScalingReport(
            origin, options.Sizes.ToString(), options.Concurrency, options.Repetitions, options.Duration.TotalSeconds, options.Plateaus, stopped, plateaus);
    }

    private int PutsEndOf(int plateau) => plateau + 1 < options.Plateaus.Count
        ? options.Plateaus[plateau] + ((options.Plateaus[plateau + 1] - options.Plateaus[plateau]) / 2)
        : int.MaxValue;

    private async Task<ScalingPlateau> MeasureAsync(ScalingStore store, double fill, int putsEnd, CancellationToken cancellation)
    {
        (bool cameToRest, double restSeconds) = await store.RestAsync(cancellation);
        ServerFootprint atRest = ServerFootprint.Of(store.Process, store.Data);
        int objects = store.Count;
        using ScalingStore? small = options.Plateaus.Count > 1 ? await StartSmallAsync(cancellation) : null;
        await store.WarmFilesAsync(cancellation);
        var all = new List<LoadReport>();
        ScalingMeasure list = Median(await RepeatAsync(_ => RunAsync(store, NumberedStep.List, puts: 0)), small: []);
        ScalingMeasure get = await InTurnAsync(NumberedStep.Get, _ => 0);
        ScalingMeasure put = await InTurnAsync(NumberedStep.Put, left => putsEnd == int.MaxValue ? int.MaxValue : (putsEnd - store.Count) / left);
        var plateau = new ScalingPlateau(
            objects,
            store.Count,
            fill,
            restSeconds,
            cameToRest,
            put,
            get,
            list,
            atRest.ResidentBytes,
            ServerFootprint.Of(store.Process, store.Data).ResidentBytesMost,
            atRest.Handles,
            atRest.Files,
            atRest.DiskBytes,
            store.GrownBytes(atRest.DiskBytes) / (double)objects,
            all.Sum(static report => report.Errors),
            [.. all.SelectMany(static report => report.ErrorKinds()).Distinct()]);
        await progress.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{objects:N0} objects: PUT {put.PerSecond:N0}/s, GET {get.PerSecond:N0}/s, LIST {list.PerSecond:N0} keys/s, {plateau.Errors} errors; of the small store PUT {put.OfSmall:F2}, GET {get.OfSmall:F2}; memory {atRest.ResidentBytes >> 20} MiB, disk {atRest.DiskBytes >> 20} MiB"));
        return plateau;

        async Task<ScalingMeasure> InTurnAsync(NumberedStep step, Func<int, int> puts)
        {
            var beside = new List<LoadReport>();
            List<LoadReport> runs = await RepeatAsync(async left =>
            {
                int most = puts(left);
                if (small is not null)
                {
                    // What puts leave to do in the background is part of their own run, and is not to burden the other store's.
                    cameToRest &= step != NumberedStep.Put || (await store.RestAsync(cancellation)).CameToRest;
                    beside.Add(await RunAsync(small, step, most));
                    cameToRest &= step != NumberedStep.Put || (await small.RestAsync(cancellation)).CameToRest;
                }

                return await RunAsync(store, step, most);
            });
            return Median(runs, beside);
        }

        async Task<List<LoadReport>> RepeatAsync(Func<int, Task<LoadReport>> run)
        {
            var runs = new List<LoadReport>();
            for (int left = options.Repetitions; left > 0; left--)
            {
                runs.Add(await run(left));
            }

            return runs;
        }

        async Task<LoadReport> RunAsync(ScalingStore of, NumberedStep step, int puts)
        {
            TimeSpan warmUp = step == NumberedStep.Put && options.WarmUp > PutWarmUpMax ? PutWarmUpMax : options.WarmUp;
            int end = puts == int.MaxValue ? puts : of.Count + puts;
            LoadReport report = await of.LoadAsync(step, end, options.Concurrency, options.Duration, warmUp, cancellation);
            all.Add(report);
            return report;
        }
    }

    private async Task<ScalingStore> StartSmallAsync(CancellationToken cancellation)
    {
        string folder = Path.Combine(options.Folder, "small");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        ScalingStore small = await ScalingStore.StartAsync(options, folder, progress, cancellation);
        await small.FillAsync(options.Plateaus[0], cancellation);
        await small.RestAsync(cancellation);
        return small;
    }

    /// <param name="runs">Of the store.</param>
    /// <param name="small">Of the small store, each just before its run; none for what is not measured beside it.</param>
    private static ScalingMeasure Median(List<LoadReport> runs, List<LoadReport> small)
    {
        LoadReport median = runs.OrderBy(Rate).ElementAt(runs.Count / 2);
        OperationReport? operation = median.ByOperation.Count == 0 ? null : median.ByOperation[0];
        return new ScalingMeasure(
            Rate(median),
            operation?.At(50) ?? 0,
            operation?.At(99) ?? 0,
            Rounded(runs),
            Rounded(small),
            small.Count > 0 && small.TrueForAll(static beside => Rate(beside) > 0)
                ? runs.Zip(small, static (run, beside) => Rate(run) / Rate(beside)).Order().ElementAt(runs.Count / 2)
                : null);

        static double Rate(LoadReport report) => report.ByOperation.Count > 0 && report.ByOperation[0].EntriesPerSecond > 0
            ? report.ByOperation.Sum(static operation => operation.EntriesPerSecond)
            : report.OperationsPerSecond;

        static double[] Rounded(List<LoadReport> runs) => [.. runs.Select(Rate).Select(static rate => Math.Round(rate, 1))];
    }
}
