using System;
using System.Buffers.Binary;
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
        await _disk.RunAsync(async store =>
        {
            byte[] value = new byte[200];
            Task durable = Task.CompletedTask;
            for (int row = 0; row < Rows; row++)
            {
                await store.Rows.WaitForRoomAsync();
                var batch = new WriteBatch();
                batch.Put(KeyOf(row), value);
                durable = store.Rows.Apply(batch).Durable;
            }

            await durable;
            return true;
        });
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _disk.DisposeAsync();

    /// <summary>Keys that are there.</summary>
    [Benchmark(OperationsPerInvoke = Gets)]
    public Task<int> Get() => FindAsync(present: true);

    /// <summary>Keys that are not there.</summary>
    [Benchmark(OperationsPerInvoke = Gets)]
    public Task<int> Miss() => FindAsync(present: false);

    private Task<int> FindAsync(bool present) => _disk.RunAsync(async store =>
    {
        using IReadView state = store.Rows.ReadLatest();
        int found = 0;
        for (int i = 0; i < Gets; i++)
        {
            byte[] key = KeyOf(_draws.Next(Rows));
            key[^1] = present ? (byte)0 : (byte)1;
            found += await state.GetAsync(key) is null ? 0 : 1;
        }

        return found == (present ? Gets : 0) ? found : throw new InvalidOperationException("not what was written");
    });

    /// <summary>In no order of the row's number, behind the table, the bucket and seven bytes of a folder.</summary>
    private static byte[] KeyOf(int row)
    {
        byte[] key = new byte[KeyBytes];
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(CommonBytes), unchecked((ulong)(row + 1) * 0x9e37_79b9_7f4a_7c15));
        return key;
    }
}
