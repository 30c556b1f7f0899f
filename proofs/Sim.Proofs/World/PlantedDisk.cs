using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.Proofs;

/// <summary>What a planted disk does wrong.</summary>
internal enum DiskBug
{
    /// <summary>A sync says yes and does nothing.</summary>
    SyncDoesNothing,

    /// <summary>A write is durable at once, so that code which forgets to sync looks right.</summary>
    EveryWriteSyncs,

    /// <summary>A sync of the directory says yes and does nothing.</summary>
    DirectorySyncDoesNothing,

    /// <summary>Names are durable at once.</summary>
    NamesSyncAtOnce,

    /// <summary>A rename removes the old target first, as a step of its own.</summary>
    RenameInTwoSteps,

    /// <summary>A write is written byte range by byte range, so that a crash leaves half a sector.</summary>
    SectorsTear,
}

/// <summary>A disk that is wrong in one way.</summary>
internal sealed class PlantedDisk(IDisk inner, DiskBug bug) : IDisk
{
    public int SectorSizeBytes => inner.SectorSizeBytes;

    public async ValueTask<Outcome<IDiskFile, DiskError>> OpenAsync(string name, DiskOpen mode)
    {
        Outcome<IDiskFile, DiskError> opened = await inner.OpenAsync(name, mode);
        await NamesChangedAsync();
        return opened.Ok ? new PlantedFile(opened.Value, bug, SectorSizeBytes) : opened.Error;
    }

    public async ValueTask<DiskError> DeleteAsync(string name)
    {
        DiskError error = await inner.DeleteAsync(name);
        await NamesChangedAsync();
        return error;
    }

    public async ValueTask<DiskError> RenameAsync(string from, string to)
    {
        if (bug == DiskBug.RenameInTwoSteps)
        {
            await inner.DeleteAsync(to);
        }

        DiskError error = await inner.RenameAsync(from, to);
        await NamesChangedAsync();
        return error;
    }

    public ValueTask<Outcome<IReadOnlyList<string>, DiskError>> ListAsync() => inner.ListAsync();

    public ValueTask<DiskError> SyncDirectoryAsync() => bug == DiskBug.DirectorySyncDoesNothing ? new(DiskError.None) : inner.SyncDirectoryAsync();

    public ValueTask<Outcome<DiskSpace, DiskError>> MeasureAsync() => inner.MeasureAsync();

    private async Task NamesChangedAsync()
    {
        if (bug == DiskBug.NamesSyncAtOnce)
        {
            await inner.SyncDirectoryAsync();
        }
    }

    private sealed class PlantedFile(IDiskFile inner, DiskBug bug, int sectorSizeBytes) : IDiskFile
    {
        public string Name => inner.Name;

        public long LengthBytes => inner.LengthBytes;

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        public ValueTask<Outcome<int, DiskError>> ReadAsync(long offset, Memory<byte> buffer) => inner.ReadAsync(offset, buffer);

        public async ValueTask<DiskError> WriteAsync(long offset, ReadOnlyMemory<byte> data)
        {
            int part = bug == DiskBug.SectorsTear ? sectorSizeBytes / 2 : Math.Max(1, data.Length);
            for (int done = 0; done < data.Length; done += part)
            {
                await inner.WriteAsync(offset + done, data.Slice(done, Math.Min(part, data.Length - done)));
            }

            return bug == DiskBug.EveryWriteSyncs ? await inner.SyncAsync() : DiskError.None;
        }

        public ValueTask<DiskError> SyncAsync() => bug == DiskBug.SyncDoesNothing ? new(DiskError.None) : inner.SyncAsync();

        public ValueTask<DiskError> AllocateAsync(long lengthBytes) => inner.AllocateAsync(lengthBytes);

        public ValueTask<DiskError> TruncateAsync(long lengthBytes) => inner.TruncateAsync(lengthBytes);
    }
}
