using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>All extent files of a store, by number. Numbers grow.</summary>
internal sealed class ExtentTable(NodeEnvironment env)
{
    private readonly SortedDictionary<uint, Extent> _extents = [];
    private uint _lastNumber;
    private bool _closed;

    /// <summary>In ascending order of number. Do not await while enumerating.</summary>
    internal IReadOnlyCollection<Extent> All => _extents.Values;

    internal Extent? Find(uint number) => _extents.GetValueOrDefault(number);

    internal void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new StorageException(StorageError.Closed, "extents", -1, "the store is closed");
        }
    }

    /// <summary>Opens every extent file that a row names; deletes the others: what they hold was never published.</summary>
    /// <param name="liveBytes">Bytes of published frames by extent.</param>
    internal async ValueTask OpenAllAsync(SortedDictionary<uint, long> liveBytes)
    {
        Outcome<IReadOnlyList<string>, DiskError> names = await env.Disk.ListAsync();
        if (!names.Ok)
        {
            throw DiskFault.ToException(names.Error, "folder", -1, "list");
        }

        foreach (string name in names.Value)
        {
            if (Extent.NumberOf(name) is not { } number)
            {
                continue;
            }

            _lastNumber = Math.Max(_lastNumber, number);
            if (!liveBytes.TryGetValue(number, out long live))
            {
                await DeleteFileAsync(name);
                env.Trace.Mark("extent-orphan-deleted");
                continue;
            }

            await OpenAsync(name, number, live);
        }

        foreach (uint number in liveBytes.Keys)
        {
            _lastNumber = Math.Max(_lastNumber, number);
            if (!_extents.ContainsKey(number))
            {
                env.Trace.Emit(TraceLevel.Error, "extents", "file-missing", ("extent", number), ("liveBytes", liveBytes[number]));
            }
        }
    }

    /// <summary>A new, durable, empty extent with its space reserved on the disk.</summary>
    /// <param name="sizeBytes">Its size.</param>
    /// <param name="reserveBytes">Space that must stay free on the disk.</param>
    /// <exception cref="StorageException"><see cref="StorageError.Full"/> leaves nothing behind.</exception>
    internal async ValueTask<Extent> CreateAsync(long sizeBytes, long reserveBytes)
    {
        Outcome<DiskSpace, DiskError> space = await env.Disk.MeasureAsync();
        if (space.Ok && space.Value.FreeBytes < sizeBytes + reserveBytes)
        {
            env.Trace.Mark("extent-disk-full");
            throw new StorageException(StorageError.Full, "extents", -1, $"{space.Value.FreeBytes} bytes free, {reserveBytes} of them reserved");
        }

        uint number = ++_lastNumber;
        string name = Extent.NameOf(number);
        Outcome<IDiskFile, DiskError> opened = await env.Disk.OpenAsync(name, DiskOpen.Create | DiskOpen.Direct);
        if (!opened.Ok)
        {
            throw DiskFault.ToException(opened.Error, name, -1, "create extent");
        }

        DiskError error = await opened.Value.AllocateAsync(sizeBytes);
        error = error != DiskError.None ? error : await opened.Value.SyncAsync();
        error = error != DiskError.None ? error : await env.Disk.SyncDirectoryAsync();
        if (error != DiskError.None)
        {
            await opened.Value.DisposeAsync();
            await DeleteFileAsync(name);
            throw DiskFault.ToException(error, name, -1, "allocate extent");
        }

        var extent = new Extent(number, opened.Value, sizeBytes);
        if (_closed)
        {
            await extent.CloseAsync();
            ThrowIfClosed();
        }

        _extents.Add(number, extent);
        return extent;
    }

    /// <summary>Takes an extent out and deletes its file; readers under way finish first.</summary>
    internal async ValueTask DeleteAsync(Extent extent)
    {
        bool removed = _extents.Remove(extent.Number);
        Invariant.Check(removed, "extent deleted twice");
        await DeleteFileAsync(extent.File.Name);
        await extent.CloseAsync();
    }

    internal async ValueTask CloseAsync()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        var extents = new List<Extent>(_extents.Values);
        _extents.Clear();
        foreach (Extent extent in extents)
        {
            extent.Seal();
            await extent.CloseAsync();
        }
    }

    private async ValueTask OpenAsync(string name, uint number, long live)
    {
        Outcome<IDiskFile, DiskError> opened = await env.Disk.OpenAsync(name, DiskOpen.Existing | DiskOpen.Direct);
        if (!opened.Ok)
        {
            // Its chunks fail to read, one by one, with the extent's name; the others are fine.
            env.Trace.Emit(TraceLevel.Error, "extents", "open-failed", ("extent", number), ("error", opened.Error.ToString()));
            return;
        }

        // Never appended to again: what lies behind the last published frame is unknown.
        var extent = new Extent(number, opened.Value, opened.Value.LengthBytes);
        extent.Seal();
        extent.SetLive(live);
        _extents.Add(number, extent);
    }

    private async ValueTask DeleteFileAsync(string name)
    {
        DiskError error = await env.Disk.DeleteAsync(name);
        if (error is not (DiskError.None or DiskError.NotFound))
        {
            // The file is garbage: the next start deletes it.
            env.Trace.Emit(TraceLevel.Warning, "extents", "delete-failed", ("file", name), ("error", error.ToString()));
        }
    }
}
