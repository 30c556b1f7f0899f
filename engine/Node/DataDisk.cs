using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>A disk for shards, as the node is given it.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Path">What administrators call it on this node.</param>
public sealed record NodeDisk(IDisk Disk, string Path);

/// <summary>Keeps one data disk in service: opens it, has it registered, and opens it again when it failed or was replaced by an empty one, and gives it up when its index is damaged. On the endpoint's loop.</summary>
internal sealed class DataDisk(
    NodeEnvironment environment, string path, DiskStoreOptions options, RootClient root, ShardService service, NodeId self, TimeSpan interval)
{
    private readonly ILoop _loop = environment.Spawner.CreateLoop($"disk-{path}");
    private ShardDisk? _disk;
    private bool _isStopping;

    /// <summary>Ends with <see cref="CloseAsync"/>.</summary>
    internal async Task RunAsync()
    {
        while (!_isStopping)
        {
            if (_disk is null)
            {
                await TryOpenAsync();
            }
            else if (!(await _disk.MeasureAsync()).IsServing)
            {
                bool isLost = _disk.HasDamagedIndex;
                await TakeOutAsync();
                if (isLost)
                {
                    environment.Trace.Mark("data-disk-given-up");
                    environment.Trace.Emit(TraceLevel.Error, "disks", "given-up", ("path", path), ("reason", "its index is damaged; put an empty disk into its place"));
                    return;
                }

                environment.Trace.Mark("data-disk-reopened");
                continue;
            }

            await environment.Clock.DelayAsync(interval);
        }
    }

    /// <summary>Ends what runs and closes the disk.</summary>
    internal async Task CloseAsync()
    {
        _isStopping = true;
        if (_disk is not null)
        {
            await TakeOutAsync();
        }
    }

    private async ValueTask TryOpenAsync()
    {
        ILoop loop = _loop;
        DiskStore store;
        try
        {
            store = await loop.CallAsync(static call => DiskStore.OpenAsync(call.environment, call.loop, call.options), (environment, loop, options));
        }
        catch (StorageException failure)
        {
            // The node serves its other disks; repair builds this one's shards elsewhere when it stays away.
            environment.Trace.Emit(TraceLevel.Error, "disks", "not-opened", ("path", path), ("reason", failure.Message));
            return;
        }

        try
        {
            long capacity = await environment.Disk.MeasureAsync() is { Ok: true } space ? space.Value.TotalBytes : 0;
            MapResult result = await root.ExecuteAsync(new RegisterDiskCommand(store.Rows.StoreId, self, path, capacity));
            if (result.Status == MapStatus.Done && !_isStopping)
            {
                _disk = new ShardDisk(environment, loop, store, new DiskId((uint)result.Value));
                service.Add(_disk);
                environment.Trace.Emit(TraceLevel.Info, "disks", "in-service", ("path", path), ("disk", (long)result.Value));
                return;
            }
        }
        catch (StorageException failure)
        {
            environment.Trace.Emit(TraceLevel.Info, "disks", "not-registered", ("path", path), ("reason", failure.Message));
        }

        await loop.CallAsync(
            static async store =>
            {
                await store.CloseAsync();
                return true;
            },
            store);
    }

    private async ValueTask TakeOutAsync()
    {
        ShardDisk disk = _disk!;
        _disk = null;
        service.Remove(disk.Id);
        try
        {
            await disk.CloseAsync();
        }
        catch (StorageException failure)
        {
            environment.Trace.Emit(TraceLevel.Warning, "disks", "closed-badly", ("path", path), ("reason", failure.Message));
        }
    }
}
