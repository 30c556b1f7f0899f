using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>The step from <see cref="DiskError"/> values to <see cref="StorageException"/>.</summary>
internal static class DiskFault
{
    internal static StorageException ToException(DiskError error, string file, long offset, string what) =>
        new(
            error switch
            {
                DiskError.Full => StorageError.Full,
                DiskError.ReadFailed => StorageError.ReadFailed,
                DiskError.Gone => StorageError.Closed,
                DiskError.NotFound => StorageError.Corrupt,
                _ => StorageError.Poisoned,
            },
            file,
            offset,
            $"{what}: {error}");
}
