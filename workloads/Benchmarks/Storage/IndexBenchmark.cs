using System;
using System.Buffers.Binary;
using System.Linq;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Workloads.Benchmarks.Storage;

/// <summary>Rows of the ordered store, in sorted runs whose blocks are cached: single gets and scans of 1000. Time a row.</summary>
[MemoryDiagnoser]
public class IndexBenchmark
{
    private const int Gets = 1000;
    private const int ScanRows = 1000;
    private const int KeyBytes = 32;

    private readonly Random _draws = new(1);
    private BenchDisk _disk = null!;

    /// <summary>Rows in the store.</summary>
    [Params(10_000, 300_000)]
    public int Rows { get; set; } = 10_000;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _disk = await BenchDisk.OpenAsync(new DiskStoreOptions
        {
            Rows = new OrderedStoreOptions { MemtableBytes = 8 << 20, BlockCacheBytes = 256L << 20 },
        });
        int[] order = [.. Enumerable.Range(0, Rows)];
        new Random(2).Shuffle(order);
        await _disk.FillAsync(order.Select(KeyOf), new byte[120]);
        await RestAsync();
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _disk.DisposeAsync();

    /// <summary>Keys that are there, drawn at random.</summary>
    [Benchmark(OperationsPerInvoke = Gets)]
    public Task<int> Get() => FindAsync(present: true);

    /// <summary>Keys that are not there.</summary>
    [Benchmark(OperationsPerInvoke = Gets)]
    public Task<int> Miss() => FindAsync(present: false);

    /// <summary>A thousand rows one after another.</summary>
    [Benchmark(OperationsPerInvoke = ScanRows)]
    public Task<int> Scan() => _disk.RunAsync(async store =>
    {
        using IReadView state = store.Rows.ReadLatest();
        using IScan scan = state.Scan(KeyOf(_draws.Next(Rows - ScanRows)), default);
        int found = 0;
        while (found < ScanRows && await scan.NextAsync())
        {
            found++;
        }

        return found == ScanRows ? found : throw new InvalidOperationException("rows are missing");
    });

    /// <summary>Ends when runs have not been merged for a second, with all blocks cached.</summary>
    private async Task RestAsync()
    {
        int runs;
        do
        {
            runs = await CountRunsAsync();
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
        while (runs != await CountRunsAsync());
        await _disk.RunAsync(async store =>
        {
            using IReadView state = store.Rows.ReadLatest();
            using IScan scan = state.Scan(KeyOf(0), default);
            int found = 0;
            while (await scan.NextAsync())
            {
                found++;
            }

            return found == Rows ? found : throw new InvalidOperationException("rows are missing");
        });
    }

    private Task<int> CountRunsAsync() => _disk.RunAsync(static store => new ValueTask<int>(store.Rows.RunCount));

    private Task<int> FindAsync(bool present) => _disk.FindAsync(() => KeyOf(_draws.Next(Rows)), Gets, present);

    private static byte[] KeyOf(int number)
    {
        byte[] key = new byte[KeyBytes];
        key[0] = 0x7F;
        BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(16), number);
        return key;
    }
}
