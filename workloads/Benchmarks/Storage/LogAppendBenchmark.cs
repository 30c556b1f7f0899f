using System;
using System.Linq;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Workloads.Benchmarks.Storage;

/// <summary>Durable batches of one 4 KiB row: appended to the log in groups, synced, and in the memtable. Time a batch.</summary>
[MemoryDiagnoser]
public class LogAppendBenchmark
{
    private const int Batches = 2048;
    private const int RowBytes = 4096;
    private const int Keys = 4096;

    private readonly byte[] _value = new byte[RowBytes];
    private BenchDisk _disk = null!;

    /// <summary>Writers, each waiting for its batch before it gives the next.</summary>
    [Params(1, 16, 256)]
    public int Writers { get; set; } = 16;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        new Random(1).NextBytes(_value);
        _disk = await BenchDisk.OpenAsync(new DiskStoreOptions());
    }

    [GlobalCleanup]
    public async Task CleanupAsync() => await _disk.DisposeAsync();

    /// <summary>All writers at once.</summary>
    [Benchmark(OperationsPerInvoke = Batches)]
    public Task<ulong> Append() => _disk.RunAsync(async store =>
    {
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(store.Rows, writer)).ToList());
        return store.Rows.DurableSequence;
    });

    private async Task WriteAsync(OrderedStore rows, int writer)
    {
        for (int number = writer; number < Batches; number += Writers)
        {
            await rows.WaitForRoomAsync();
            var batch = new WriteBatch();
            batch.Put(BitConverter.GetBytes(0x01010101_00000000L + (number % Keys)), _value);
            await rows.Apply(batch).Durable;
        }
    }
}
