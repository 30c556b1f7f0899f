using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Workloads.Benchmarks.Storage;

/// <summary>A disk store on a folder of this machine, with the loop that owns it. The folder is under the current one, which should lie on the disk to measure, and goes away at the end.</summary>
internal sealed class BenchDisk : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Directory.GetCurrentDirectory(), $"benchmark-{Guid.NewGuid():N}");
    private readonly HostSpawner _spawner = new();
    private readonly FileDisk _disk;
    private readonly TcpNetwork _network;

    private BenchDisk()
    {
        _disk = new FileDisk(_folder, NoTrace.Instance);
        _network = new TcpNetwork(new NodeId("alone"), listen: null, credentials: null, NoTrace.Instance);
        Environment = new NodeEnvironment(new SystemClock(), _network, _disk, new SystemEntropy(), _spawner, NoTrace.Instance, NothingRare.Instance);
        Loop = _spawner.CreateLoop("benchmark");
    }

    /// <summary>The real seams.</summary>
    internal NodeEnvironment Environment { get; }

    /// <summary>Owns the store.</summary>
    internal ILoop Loop { get; }

    /// <summary>The store.</summary>
    internal DiskStore Store { get; private set; } = null!;

    internal static async Task<BenchDisk> OpenAsync(DiskStoreOptions options)
    {
        var disk = new BenchDisk();
        disk.Store = await disk.Loop.CallAsync(static call => DiskStore.OpenAsync(call.Disk.Environment, call.Disk.Loop, call.Options), (Disk: disk, Options: options));
        return disk;
    }

    /// <summary>Runs a body on the store's loop.</summary>
    internal Task<T> RunAsync<T>(Func<DiskStore, ValueTask<T>> body) => Loop.CallAsync(static call => call.Body(call.Store), (Body: body, Store));

    /// <summary>Puts rows one by one; ends when all are durable.</summary>
    internal Task FillAsync(IEnumerable<byte[]> keys, byte[] value) => RunAsync(async store =>
    {
        Task durable = Task.CompletedTask;
        foreach (byte[] key in keys)
        {
            await store.Rows.WaitForRoomAsync();
            var batch = new WriteBatch();
            batch.Put(key, value);
            durable = store.Rows.Apply(batch).Durable;
        }

        await durable;
        return true;
    });

    /// <summary>Looks keys up that are there, or that differ from those in their last byte, which is 0.</summary>
    internal Task<int> FindAsync(Func<byte[]> draw, int count, bool present) => RunAsync(async store =>
    {
        using IReadView state = store.Rows.ReadLatest();
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] key = draw();
            key[^1] = present ? (byte)0 : (byte)1;
            found += await state.GetAsync(key) is null ? 0 : 1;
        }

        return found == (present ? count : 0) ? found : throw new InvalidOperationException("not what was written");
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _spawner.BeginStop();
        await RunAsync(static async store =>
        {
            await store.CloseAsync();
            return true;
        });
        await _network.DisposeAsync();
        _spawner.Dispose();
        _disk.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class NoTrace : ITrace
    {
        internal static readonly NoTrace Instance = new();

        public bool IsEnabled(TraceLevel level) => false;

        public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields)
        {
            // Nothing is kept.
        }
    }
}
