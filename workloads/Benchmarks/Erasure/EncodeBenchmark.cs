using System;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using ObjectStore.Engine.Erasure;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>Encoding one stripe, and making lost shards again, beside ISA-L in the same run; one thread.</summary>
/// <remarks>For a noisy machine <see cref="ErasureTable"/> is the better measurement. <c>Memory = Cache</c> works on one stripe; <c>Memory = Dram</c> walks over 512 MiB of stripes.</remarks>
[Config(typeof(RateConfig))]
public class EncodeBenchmark : IDisposable
{
    private StripeMemory _stripes = null!;

    /// <summary>k+m, or k+m with the number of lost data shards to make again.</summary>
    [Params("10+4", "4+2", "6+3", "17+3", "10+4 lost 1", "10+4 lost 2", "10+4 lost 3", "10+4 lost 4")]
    public string Geometry { get; set; } = "10+4";

    /// <summary>Bytes of one shard.</summary>
    [Params(64 * 1024, 1024 * 1024)]
    public int ShardBytes { get; set; }

    /// <summary>Where the stripes are.</summary>
    [Params("Cache", "Dram")]
    public string Memory { get; set; } = "Cache";

    [GlobalSetup]
    public void Setup()
    {
        string[] words = Geometry.Split(' ');
        int k = int.Parse(words[0].Split('+')[0]);
        int m = int.Parse(words[0].Split('+')[1]);
        int lost = words.Length > 1 ? int.Parse(words[2]) : 0;
        _stripes = new StripeMemory(CodingRun.Make(k, m, lost), k + m, ShardBytes, alignmentBytes: 64, inCache: Memory == "Cache");
    }

    /// <summary>The peer.</summary>
    [Benchmark(Baseline = true)]
    public void IsaLDebian() => _stripes.RunIsaL();

    /// <summary>The kernel that the engine picks here.</summary>
    [Benchmark]
    public void Best() => Run(ShardKernels.Best);

    /// <summary>The AVX2 kernel (or the next portable one).</summary>
    [Benchmark]
    public void Portable256() => Run(ShardKernels.Supported[Math.Min(1, ShardKernels.Supported.Count - 1)]);

    /// <summary>The 128-bit kernel.</summary>
    [Benchmark]
    public void Portable128() => Run(ShardKernels.Supported[Math.Min(2, ShardKernels.Supported.Count - 1)]);

    [GlobalCleanup]
    public void Dispose()
    {
        _stripes.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Run(IShardKernel kernel) => _stripes.Run(kernel, ShardStores.Automatic);

    private sealed class RateConfig : ManualConfig
    {
        public RateConfig() => AddColumn(new RateColumn());
    }

    /// <summary>Data bytes (k shards) per second.</summary>
    private sealed class RateColumn : IColumn
    {
        public string Id => nameof(RateColumn);

        public string ColumnName => "GB/s of data";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => "Data bytes (k shards) per nanosecond of the mean";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Mean;
            int k = int.Parse(((string)benchmarkCase.Parameters["Geometry"]).Split('+')[0]);
            return nanoseconds is null ? "-" : $"{k * (double)(int)benchmarkCase.Parameters["ShardBytes"] / nanoseconds.Value:F1}";
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public bool IsAvailable(Summary summary) => true;
    }
}
