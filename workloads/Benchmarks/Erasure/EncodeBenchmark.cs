using System;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using ObjectStore.Engine.Erasure;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>Encoding one stripe, and making lost shards again, beside ISA-L in the same run; one thread.</summary>
/// <remarks><c>Memory = Cache</c> works on one stripe; <c>Memory = Dram</c> walks over 512 MiB of stripes.</remarks>
[Config(typeof(RateConfig))]
public unsafe class EncodeBenchmark : IDisposable
{
    private const long WalkBytes = 512L * 1024 * 1024;

    private CodingRun _run = null!;
    private void* _memory;
    private nint _stripeBytes;
    private int _stripes;
    private int _next;
    private byte*[] _shards = [];
    private byte[] _isaTables = [];

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
        _run = CodingRun.Make(k, m, lost);
        _stripeBytes = (nint)ShardBytes * (k + m);
        _stripes = Memory == "Cache" ? 1 : (int)(WalkBytes / _stripeBytes);
        _memory = NativeMemory.AlignedAlloc((nuint)(_stripeBytes * _stripes), 4096);
        for (int stripe = 0; stripe < _stripes; stripe++)
        {
            new Random(stripe).NextBytes(new Span<byte>((byte*)_memory + stripe * _stripeBytes, (int)_stripeBytes));
        }

        _shards = new byte*[k + m];
        _isaTables = new byte[32 * _run.Inputs.Length * _run.Outputs.Length];
        if (IsaL.IsInstalled)
        {
            fixed (byte* matrix = _run.Matrix, tables = _isaTables)
            {
                IsaL.InitializeTables(_run.Inputs.Length, _run.Outputs.Length, matrix, tables);
            }
        }
    }

    /// <summary>The peer.</summary>
    [Benchmark(Baseline = true)]
    public void IsaLDebian()
    {
        byte** from = stackalloc byte*[_run.Inputs.Length];
        byte** to = stackalloc byte*[_run.Outputs.Length];
        Point(from, to);
        fixed (byte* tables = _isaTables)
        {
            IsaL.Encode(ShardBytes, _run.Inputs.Length, _run.Outputs.Length, tables, from, to);
        }
    }

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
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        GC.SuppressFinalize(this);
    }

    private void Run(IShardKernel kernel)
    {
        byte** from = stackalloc byte*[_run.Inputs.Length];
        byte** to = stackalloc byte*[_run.Outputs.Length];
        Point(from, to);
        kernel.Run(_run.Program, from, to, ShardBytes);
    }

    private void Point(byte** from, byte** to)
    {
        byte* stripe = (byte*)_memory + _next * _stripeBytes;
        _next = (_next + 1) % _stripes;
        for (int i = 0; i < _run.Inputs.Length; i++)
        {
            from[i] = stripe + (nint)_run.Inputs[i] * ShardBytes;
        }

        for (int i = 0; i < _run.Outputs.Length; i++)
        {
            to[i] = stripe + (nint)_run.Outputs[i] * ShardBytes;
        }
    }

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
