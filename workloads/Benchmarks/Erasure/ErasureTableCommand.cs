using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using ObjectStore.Engine.Erasure;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>The command <c>erasure-table</c>: every kernel beside ISA-L, as Markdown to the screen and to a file.</summary>
internal static class ErasureTableCommand
{
    private const string Usage = """
        erasure-table [--rounds N] [--write FILE]
        Times every kernel and Debian's ISA-L in turn, in one process and on the same stripes, and prints a table of GB/s of data.
        --rounds N    turns of 150 microseconds for each contender in each row (default 300)
        --write FILE  also writes the table there, with machine and command: reports/baselines/erasure.md
        """;

    private static readonly (int K, int M, int Lost)[] Jobs =
        [(10, 4, 0), (4, 2, 0), (6, 3, 0), (17, 3, 0), (10, 4, 1), (10, 4, 2), (10, 4, 3), (10, 4, 4)];

    internal static int Run(string[] arguments)
    {
        int rounds = 300;
        string? file = null;
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (arguments[i] == "--rounds" && i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out rounds) && rounds > 0)
            {
                continue;
            }

            if (arguments[i] == "--write" && i + 1 < arguments.Length)
            {
                file = arguments[i + 1];
                continue;
            }

            Console.Error.WriteLine(Usage);
            return 1;
        }

        if (!IsaL.IsInstalled)
        {
            Console.Error.WriteLine("libisal.so.2 is missing (Debian: apt-get install libisal2): the table needs its peer");
            return 2;
        }

        IShardKernel[] kernels = [.. ShardKernels.Supported.Where(kernel => kernel.Name != "scalar")];
        var page = new StringBuilder();
        page.Append(Header(kernels, rounds));
        Console.Write(page);
        var rows = new List<ErasureRow>();
        foreach ((int k, int m, int lost) in Jobs)
        {
            int chunkShard = new ErasureCode(k, m).ShardBytes(1024 * 1024);
            foreach (ErasureCell cell in Cells(k, m, lost, chunkShard))
            {
                ErasureRow row = ErasureTable.Measure(cell, kernels, rounds);
                rows.Add(row);
                string line = Line(row);
                Console.WriteLine(line);
                page.Append(line).Append('\n');
            }
        }

        string end = $"\n{Verdict(rows)}\n\n{Scalar()}\n";
        Console.Write(end);
        page.Append(end);
        if (file is not null)
        {
            File.WriteAllText(file, page.ToString());
        }

        return 0;
    }

    private static IEnumerable<ErasureCell> Cells(int k, int m, int lost, int chunkShard)
    {
        if ((k, m, lost) == (10, 4, 0))
        {
            yield return new ErasureCell(k, m, lost, 16 * 1024, InCache: true, AlignmentBytes: 64);
            yield return new ErasureCell(k, m, lost, 32 * 1024, InCache: true, AlignmentBytes: 64);
        }

        yield return new ErasureCell(k, m, lost, 64 * 1024, InCache: true, AlignmentBytes: 64);
        yield return new ErasureCell(k, m, lost, 1024 * 1024, InCache: true, AlignmentBytes: 64);
        yield return new ErasureCell(k, m, lost, 64 * 1024, InCache: false, AlignmentBytes: 64);
        yield return new ErasureCell(k, m, lost, 1024 * 1024, InCache: false, AlignmentBytes: 64);
        if (lost == 0)
        {
            // What the data path cuts a chunk into, aligned; and the same without the padding, so that no shard but the first is aligned.
            yield return new ErasureCell(k, m, lost, chunkShard, InCache: true, AlignmentBytes: 64);
            yield return new ErasureCell(k, m, lost, (1024 * 1024 + k - 1) / k, InCache: true, AlignmentBytes: 1);
        }
    }

    private static string Header(IShardKernel[] kernels, int rounds)
    {
        string names = string.Join(" | ", kernels.Select(kernel => kernel.Name));
        string rules = string.Concat(Enumerable.Repeat("---:|", kernels.Length));
        return $"""
            # Erasure coding beside ISA-L 2.30 (Debian libisal2)

            {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors ({Processor()}), .NET {Environment.Version}. One thread. Made by
            `dotnet run --project workloads/Benchmarks -c Release -- erasure-table --write reports/baselines/erasure.md`.

            GB/s of data (the k shards), median of {rounds} turns and, after the stroke, the rate that a tenth of the turns reached (a quiet machine). The contenders
            take turns of 150 µs on the same stripes in one process, so other work on the machine meets all alike; it slows them unequally when the processors
            are threads of one core. "Cache" works on one stripe at a time (another of ten each round, since the pages a stripe lies on decide how well it
            fits), "memory" walks over 512 MiB of them. Kernels store through the cache, except the column "past cache", which is `{kernels[0].Name}` with
            `ShardStores.Streaming`. A job "lost n" makes n data shards again. The last two rows of an encode are a chunk of 1 MiB cut into k shards: padded
            to 64 bytes, then to nothing (no shard but the first is aligned, so nothing is stored past the cache).

            "XOR only" is the roofline: every input byte loaded once, every output byte stored once, nothing but an XOR between, through the cache and past it.
            "Ratio" is `{kernels[0].Name}` over ISA-L, "of roofline" the same over XOR only, of the medians, then of the fastest tenths; in cache both store through
            the cache, from memory each in its better way. Above 100 %, the kernel's order of loads suits the prefetchers better than that of XOR only.

            | Job | Shard bytes | From | ISA-L | {names} | past cache | XOR only | XOR past cache | Ratio | Of roofline |
            |---|---:|---|---:|{rules}---:|---:|---:|---:|---:|

            """;
    }

    private static string Line(ErasureRow row)
    {
        ErasureCell cell = row.Cell;
        string Rate(double ns) => (cell.K * (double)cell.ShardBytes / ns).ToString("F1", CultureInfo.InvariantCulture);
        string Both(ContenderTime? time) => time is null ? "" : $"{Rate(time.MedianNs)} / {Rate(time.QuietNs)}";
        string ratio = string.Create(CultureInfo.InvariantCulture, $"{row.Ratio(Median):F2} / {row.Ratio(Quiet):F2}");
        string share = string.Create(CultureInfo.InvariantCulture, $"{row.Share(Median):P0} / {row.Share(Quiet):P0}");
        string kernels = string.Join(" | ", row.Times.Skip(1).Select(Both));
        return $"| {Job(cell)} | {cell.ShardBytes} | {(cell.InCache ? "cache" : "memory")} | {Both(row.Times[0])} | {kernels} | {Both(row.Streaming)} "
            + $"| {Both(row.Roofline)} | {Both(row.RooflineStreaming)} | {ratio} | {(row.Roofline is null ? "" : share)} |";
    }

    private static double Median(ContenderTime time) => time.MedianNs;

    private static double Quiet(ContenderTime time) => time.QuietNs;

    private static string Job(ErasureCell cell) => $"{cell.K}+{cell.M}{(cell.Lost == 0 ? "" : $" lost {cell.Lost}")}";

    /// <summary>What the rows say about the project's targets: 3 times ISA-L in cache and 1.5 times from memory for 10+4, ahead everywhere else.</summary>
    private static string Verdict(List<ErasureRow> rows)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Ahead of ISA-L by the medians in {rows.Count(row => row.Ratio(Median) > 1)} of {rows.Count} rows; ");
        text.Append(CultureInfo.InvariantCulture, $"least {rows.Min(row => row.Ratio(Median)):F2}, most {rows.Max(row => row.Ratio(Median)):F2}. ");
        text.Append("Targets for encode at 10+4, by the medians: 3 times ISA-L in cache, 1.5 times from memory.\n\n");
        foreach (ErasureRow row in rows.Where(row => row.Cell is { K: 10, M: 4, Lost: 0 }))
        {
            double target = row.Cell.InCache ? 3 : 1.5;
            double ratio = row.Ratio(Median);
            string place = row.Cell.InCache ? "cache" : "memory";
            text.Append(CultureInfo.InvariantCulture, $"- {row.Cell.ShardBytes} bytes, {place}: {ratio:F2} times ({row.Ratio(Quiet):F2} quiet), ");
            text.Append(CultureInfo.InvariantCulture, $"target {target} {(ratio >= target ? "met" : "missed")}");
            if (row.Share(Median) is double share)
            {
                text.Append(CultureInfo.InvariantCulture, $"; {share:P0} of the roofline, which is {ratio / share:F2} times ISA-L");
            }

            if (row is { Cell.InCache: true, Streaming: not null })
            {
                text.Append(CultureInfo.InvariantCulture, $"; storing past the cache {row.Times[0].MedianNs / row.Streaming.MedianNs:F2} times");
            }

            text.Append(".\n");
        }

        return text.ToString().TrimEnd();
    }

    private static string Scalar()
    {
        IShardKernel scalar = ShardKernels.Supported[^1];
        ErasureRow row = ErasureTable.Measure(new ErasureCell(10, 4, 0, 64 * 1024, InCache: true, AlignmentBytes: 64), [scalar], rounds: 20);
        double rate = 10 * 65536.0 / row.Times[1].QuietNs;
        return string.Create(CultureInfo.InvariantCulture, $"The scalar kernel (any machine) encodes 10+4 at {rate:F2} GB/s. The 128-bit kernel is the one of ARM, with TBL in place of PSHUFB.");
    }

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? "unknown";
    }
}
