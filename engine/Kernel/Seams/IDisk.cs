using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>What went wrong at the disk. <see cref="None"/> is success.</summary>
public enum DiskError
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>No file of that name.</summary>
    NotFound,

    /// <summary>A file of that name exists already.</summary>
    AlreadyExists,

    /// <summary>No space left. Nothing of the request may be relied on; the file's earlier content is intact. Retry after freeing space.</summary>
    Full,

    /// <summary>The device could not read these sectors (latent sector error). Other sectors may be fine.</summary>
    ReadFailed,

    /// <summary>The device refused a write. What the written range holds now is unknown until it is written again.</summary>
    WriteFailed,

    /// <summary>A sync failed. Anything written since the last good sync may be lost, and a later sync that succeeds does not bring it back
    /// (Rebello et al., "Can Applications Recover from fsync Failures?", ATC'20). The file must be taken out of service.</summary>
    SyncFailed,

    /// <summary>The whole disk is gone.</summary>
    Gone,
}

/// <summary>How a file is opened.</summary>
[Flags]
public enum DiskOpen
{
    /// <summary>The file must exist; small unaligned I/O is allowed.</summary>
    Existing = 0,

    /// <summary>The file must not exist and is created empty.</summary>
    Create = 1,

    /// <summary>Every offset, length and buffer address is a multiple of <see cref="IDisk.SectorSizeBytes"/>; bypasses the page cache.</summary>
    Direct = 2,
}

/// <summary>Free and total bytes of the file system that a disk lives on.</summary>
public readonly record struct DiskSpace(long TotalBytes, long FreeBytes);

/// <summary>One disk: a flat folder of named files.</summary>
/// <remarks>
/// Contract after a crash: a file's bytes are those of the last good <see cref="IDiskFile.SyncAsync"/>, plus any subset, in any order, of the
/// sectors written since; one sector is written whole or not at all. A created, renamed or deleted name is durable only after
/// <see cref="SyncDirectoryAsync"/> returned <see cref="DiskError.None"/>; before it, either state may be found. Rename replaces atomically.
/// A disk may return other bytes than were written (rot, misdirected I/O): whoever reads checks.
/// Calls on different files, and reads and writes of disjoint ranges of one file, may be in flight together. All calls are made from and complete on
/// the caller's loop. Names: 1 to 100 characters of <c>[a-z0-9.-]</c>, not starting with a dot.
/// </remarks>
public interface IDisk
{
    /// <summary>The unit that is written atomically; a power of two, 512 to 4096.</summary>
    int SectorSizeBytes { get; }

    /// <summary>Opens or creates a file.</summary>
    /// <returns>The file, or <see cref="DiskError.NotFound"/>, <see cref="DiskError.AlreadyExists"/>, <see cref="DiskError.Full"/>, <see cref="DiskError.Gone"/>.</returns>
    ValueTask<Outcome<IDiskFile, DiskError>> OpenAsync(string name, DiskOpen mode);

    /// <summary>Removes a name. Open files stay readable until closed.</summary>
    ValueTask<DiskError> DeleteAsync(string name);

    /// <summary>Gives <paramref name="from"/> the name <paramref name="to"/>, replacing what had it.</summary>
    ValueTask<DiskError> RenameAsync(string from, string to);

    /// <summary>All names in ordinal order.</summary>
    ValueTask<Outcome<IReadOnlyList<string>, DiskError>> ListAsync();

    /// <summary>Makes all names created, renamed or deleted before the call durable.</summary>
    ValueTask<DiskError> SyncDirectoryAsync();

    /// <summary>Space left.</summary>
    ValueTask<Outcome<DiskSpace, DiskError>> MeasureAsync();
}

/// <summary>An open file of an <see cref="IDisk"/>. Disposing closes it and makes nothing durable; nobody does so while a request of it is under way.</summary>
public interface IDiskFile : IAsyncDisposable
{
    /// <summary>The name that it was opened by.</summary>
    string Name { get; }

    /// <summary>Current length.</summary>
    long LengthBytes { get; }

    /// <summary>Reads from <paramref name="offset"/> until the buffer is full or the file ends.</summary>
    /// <returns>Bytes read, short only at the end of the file; or <see cref="DiskError.ReadFailed"/>, <see cref="DiskError.Gone"/>.</returns>
    ValueTask<Outcome<int, DiskError>> ReadAsync(long offset, Memory<byte> buffer);

    /// <summary>Writes all of <paramref name="data"/>, growing the file when it ends beyond its length (a gap reads as zeros).</summary>
    /// <remarks>Durable: not on return; see <see cref="SyncAsync"/>. The buffer belongs to the file until the task completes.</remarks>
    ValueTask<DiskError> WriteAsync(long offset, ReadOnlyMemory<byte> data);

    /// <summary>Makes every write that completed before this call durable, and the length with it.</summary>
    ValueTask<DiskError> SyncAsync();

    /// <summary><see cref="WriteAsync"/>, and when that is done <see cref="SyncAsync"/>: one trip to the disk for what waits for both.</summary>
    /// <returns>The first error of either.</returns>
    async ValueTask<DiskError> WriteDurablyAsync(long offset, ReadOnlyMemory<byte> data)
    {
        DiskError error = await WriteAsync(offset, data);
        return error == DiskError.None ? await SyncAsync() : error;
    }

    /// <summary>Grows the file to <paramref name="lengthBytes"/> with space reserved and zeros to read. Durable after <see cref="SyncAsync"/>.</summary>
    ValueTask<DiskError> AllocateAsync(long lengthBytes);

    /// <summary>Cuts the file. Durable after <see cref="SyncAsync"/>.</summary>
    ValueTask<DiskError> TruncateAsync(long lengthBytes);
}
