using System;
using System.Buffers.Binary;
using System.Linq;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Workloads.Benchmarks.Storage;

/// <summary>Lookups while newest rows are in memory, as after many puts: keys that are there, and keys that are not, which is what most lookups find of a memtable. Time a lookup.</summary>
public class MemtableBenchmark
{
    private const int Gets = 1000;
    private const int KeyBytes = 48;
    private const int CommonBytes = 16;

    private readonly Random _draws = new(1);
    private BenchDisk _disk = null!;

    /// <summary>Rows in memory.</summary>
    [Params(1_000, 100_000)]
    public int Rows { get; set; } = 1_000;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _disk = await BenchDisk.OpenAsync(new DiskStoreOptions { Rows = new OrderedStoreOptions { MemtableBytes = 64 << 20 } });
        await _disk.FillAsync(Enumerable.Range(0, Rows).Select(KeyOf), new byte[200]);
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _disk.DisposeAsync();

    /// <summary>Keys that are there.</summary>
    [Benchmark(OperationsPerInvoke = Gets)]
    public Task<int> Get() => FindAsync(present: true);

    /// <summary>Keys that are not there.</summary>
    [Benchmark(OperationsPerInvoke = Gets)]
    public Task<int> Miss() => FindAsync(present: false);

    private Task<int> FindAsync(bool present) => _disk.FindAsync(() => KeyOf(_draws.Next(Rows)), Gets, present);

    /// <summary>In no order of the row's number, behind the table, the bucket and seven bytes of a folder.</summary>
    private static byte[] KeyOf(int row)
    {
        byte[] key = new byte[KeyBytes];
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(CommonBytes), unchecked((ulong)(row + 1) * 0x9e37_79b9_7f4a_7c15));
        return key;
    }
}
