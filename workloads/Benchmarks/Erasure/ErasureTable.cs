using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using ObjectStore.Engine.Erasure;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>One row: a job, where its stripes lie, and the time of every contender.</summary>
/// <param name="Cell">The job.</param>
/// <param name="Times">ISA-L, then the kernels, storing through the cache.</param>
/// <param name="Streaming">The first kernel storing past the cache; needs aligned shards.</param>
/// <param name="Roofline">The first kernel's traffic without arithmetic, through the cache.</param>
/// <param name="RooflineStreaming">The same past the cache.</param>
internal sealed record ErasureRow(
    ErasureCell Cell, IReadOnlyList<ContenderTime> Times, ContenderTime? Streaming, ContenderTime? Roofline, ContenderTime? RooflineStreaming)
{
    /// <summary>ISA-L's time over the first kernel's: in cache storing there, as ISA-L does, from memory the better way of storing.</summary>
    internal double Ratio(Func<ContenderTime, double> of) => of(Times[0]) / Better(Times[1], Streaming, of);

    /// <summary>The roofline's time over the first kernel's, both by the rule of <see cref="Ratio"/>; none where the roofline cannot run.</summary>
    internal double? Share(Func<ContenderTime, double> of) => Roofline is null ? null : Better(Roofline, RooflineStreaming, of) / Better(Times[1], Streaming, of);

    private double Better(ContenderTime cached, ContenderTime? streaming, Func<ContenderTime, double> of) =>
        Cell.InCache || streaming is null ? of(cached) : Math.Min(of(cached), of(streaming));
}

/// <summary>What is timed: <c>k + m</c> with <paramref name="Lost"/> data shards to make again (0: the parity).</summary>
internal sealed record ErasureCell(int K, int M, int Lost, int ShardBytes, bool InCache, int AlignmentBytes);

/// <summary>One stripe's time in nanoseconds: the median of all rounds, and the tenth percentile, which is what a quiet machine gives.</summary>
internal sealed record ContenderTime(string Name, double MedianNs, double QuietNs);

/// <summary>Times the kernels and ISA-L in turn, a fraction of a millisecond each, on the same stripes.</summary>
/// <remarks>
/// Other work on the machine slows whoever runs at that moment; turns far shorter than a scheduler's slice spread it over all contenders, and the median of
/// many turns forgets it. Every contender starts a turn with one untimed stripe, so that none pays for the stripe the one before has left in the cache. In
/// cache each round takes another of ten stripes, because the pages that a stripe happens to lie on decide how well it fits.
/// </remarks>
internal static class ErasureTable
{
    private const double TurnNs = 150_000;
    private const int LineBytes = 64;

    internal static ErasureRow Measure(ErasureCell cell, IReadOnlyList<IShardKernel> kernels, int rounds)
    {
        var run = CodingRun.Make(cell.K, cell.M, cell.Lost);
        using var memory = new StripeMemory(run, cell.K + cell.M, cell.ShardBytes, cell.AlignmentBytes, cell.InCache);
        var contenders = new List<(string Name, Action Run)> { ("ISA-L", memory.RunIsaL) };
        contenders.AddRange(kernels.Select(kernel => Contender(kernel, ShardStores.Cached)));
        int streaming = Also(kernels[0], ShardStores.Streaming, cell.AlignmentBytes % LineBytes == 0);
        int roofline = Also(new XorRoofline(), ShardStores.Cached, XorRoofline.IsSupported);
        int rooflineStreaming = Also(new XorRoofline(), ShardStores.Streaming, XorRoofline.IsSupported && streaming > 0);
        int[] repeats = [.. contenders.Select(contender => Repeats(contender.Run))];
        double[][] samples = [.. contenders.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            memory.Move();
            for (int i = 0; i < contenders.Count; i++)
            {
                contenders[i].Run();
                samples[i][round] = Time(contenders[i].Run, repeats[i]);
            }
        }

        ContenderTime[] times = [.. contenders.Select((contender, i) => new ContenderTime(contender.Name, Quantile(samples[i], 0.5), Quantile(samples[i], 0.1)))];
        return new ErasureRow(cell, times[..(kernels.Count + 1)], At(streaming), At(roofline), At(rooflineStreaming));

        (string Name, Action Run) Contender(IShardKernel kernel, ShardStores stores) => (kernel.Name, () => memory.Run(kernel, stores));

        int Also(IShardKernel kernel, ShardStores stores, bool able)
        {
            if (able)
            {
                contenders.Add(Contender(kernel, stores));
            }

            return able ? contenders.Count - 1 : 0;
        }

        ContenderTime? At(int contender) => contender == 0 ? null : times[contender];
    }

    /// <summary>Warms up until the JIT has made its last version, then says how many stripes fill a turn.</summary>
    private static int Repeats(Action run)
    {
        double best = double.MaxValue;
        for (int i = 0; i < 60; i++)
        {
            best = Math.Min(best, Time(run, 1));
        }

        return Math.Max(1, (int)(TurnNs / best));
    }

    private static double Time(Action run, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            run();
        }

        return (Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency) / repeats;
    }

    private static double Quantile(double[] samples, double part)
    {
        double[] sorted = [.. samples.Order()];
        return sorted[(int)(sorted.Length * part)];
    }
}
