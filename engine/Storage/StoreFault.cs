using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Turns what the disk reports into <see cref="StorageException"/>, with file and offset.</summary>
internal static class StoreFault
{
    internal static StorageException At(DiskError error, string file, long offset, string action) =>
        new(Map(error), file, offset, $"{action}: {error}");

    internal static StorageException Corrupt(string file, long offset, string message) =>
        new(StorageError.Corrupt, file, offset, message);

    internal static void ThrowIfFailed(DiskError error, string file, string action, long offset = -1)
    {
        if (error != DiskError.None)
        {
            throw At(error, file, offset, action);
        }
    }

    internal static async ValueTask<IDiskFile> OpenAsync(IDisk disk, string name, DiskOpen mode)
    {
        Outcome<IDiskFile, DiskError> opened = await disk.OpenAsync(name, mode);
        return opened.Ok ? opened.Value : throw At(opened.Error, name, -1, "open");
    }

    /// <summary>Fills the buffer; a file that ends earlier is damaged.</summary>
    internal static async ValueTask ReadExactAsync(IDiskFile file, long offset, Memory<byte> buffer)
    {
        Outcome<int, DiskError> read = await file.ReadAsync(offset, buffer);
        if (!read.Ok)
        {
            throw At(read.Error, file.Name, offset, "read");
        }

        if (read.Value != buffer.Length)
        {
            throw Corrupt(file.Name, offset, $"file ends after {read.Value} of {buffer.Length} bytes");
        }
    }

    private static StorageError Map(DiskError error) => error switch
    {
        DiskError.Full => StorageError.Full,
        DiskError.ReadFailed => StorageError.ReadFailed,
        DiskError.NotFound => StorageError.Corrupt,
        DiskError.Gone => StorageError.Closed,
        DiskError.WriteFailed or DiskError.SyncFailed or DiskError.AlreadyExists => StorageError.Poisoned,
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "not a failure"),
    };
}
