using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>How a disk breaks its contract.</summary>
public enum DiskLie
{
    /// <summary>A sync of a file reports success and does nothing.</summary>
    DropsSync,

    /// <summary>A write of a file is passed on only after the next sync of it.</summary>
    WritesAfterSync,

    /// <summary>A sync of the directory reports success and does nothing.</summary>
    DropsDirectorySync,
}

/// <summary>A disk that lies about the files whose names begin so. The crash proofs must catch it.</summary>
internal sealed class LyingDisk(IDisk disk, DiskLie lie, string prefix) : IDisk
{
    public int SectorSizeBytes => disk.SectorSizeBytes;

    public async ValueTask<Outcome<IDiskFile, DiskError>> OpenAsync(string name, DiskOpen mode)
    {
        Outcome<IDiskFile, DiskError> opened = await disk.OpenAsync(name, mode);
        return opened.Ok && name.StartsWith(prefix, StringComparison.Ordinal) ? new LyingFile(opened.Value, lie) : opened;
    }

    public ValueTask<DiskError> DeleteAsync(string name) => disk.DeleteAsync(name);

    public ValueTask<DiskError> RenameAsync(string from, string to) => disk.RenameAsync(from, to);

    public ValueTask<Outcome<IReadOnlyList<string>, DiskError>> ListAsync() => disk.ListAsync();

    public ValueTask<DiskError> SyncDirectoryAsync() =>
        lie == DiskLie.DropsDirectorySync ? new ValueTask<DiskError>(DiskError.None) : disk.SyncDirectoryAsync();

    public ValueTask<Outcome<DiskSpace, DiskError>> MeasureAsync() => disk.MeasureAsync();

    private sealed class LyingFile(IDiskFile file, DiskLie lie) : IDiskFile
    {
        private long _heldOffset;
        private ReadOnlyMemory<byte> _held;

        public string Name => file.Name;

        public long LengthBytes => file.LengthBytes;

        public ValueTask<Outcome<int, DiskError>> ReadAsync(long offset, Memory<byte> buffer) => file.ReadAsync(offset, buffer);

        public async ValueTask<DiskError> WriteAsync(long offset, ReadOnlyMemory<byte> data)
        {
            if (lie != DiskLie.WritesAfterSync)
            {
                return await file.WriteAsync(offset, data);
            }

            DiskError earlier = await PassOnAsync();
            AlignedMemory copy = AlignedMemory.Allocate(AlignedMemory.RoundUp(data.Length));
            data.CopyTo(copy.Memory);
            (_heldOffset, _held) = (offset, copy.Memory[..data.Length]);
            return earlier;
        }

        public async ValueTask<DiskError> SyncAsync()
        {
            DiskError error = lie == DiskLie.DropsSync ? DiskError.None : await file.SyncAsync();
            DiskError held = await PassOnAsync();
            return error == DiskError.None ? held : error;
        }

        public ValueTask<DiskError> AllocateAsync(long lengthBytes) => file.AllocateAsync(lengthBytes);

        public ValueTask<DiskError> TruncateAsync(long lengthBytes) => file.TruncateAsync(lengthBytes);

        public async ValueTask DisposeAsync()
        {
            await PassOnAsync();
            await file.DisposeAsync();
        }

        private async ValueTask<DiskError> PassOnAsync()
        {
            ReadOnlyMemory<byte> held = _held;
            _held = default;
            return held.IsEmpty ? DiskError.None : await file.WriteAsync(_heldOffset, held);
        }
    }
}
