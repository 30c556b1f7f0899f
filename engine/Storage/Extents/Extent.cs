using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>One extent file: room handed out in order, writes completing in any order, one sync at a time shared by all who wait.</summary>
internal sealed class Extent(uint number, IDiskFile file, long sizeBytes)
{
    private long _nextOffset;
    private long _writtenTicket;
    private long _syncedTicket;
    private Task? _sync;
    private int _pins;
    private bool _closing;

    internal uint Number { get; } = number;

    internal IDiskFile File { get; } = file;

    internal long SizeBytes { get; } = sizeBytes;

    /// <summary>No frame is added any more.</summary>
    internal bool IsSealed { get; private set; }

    /// <summary>A write or sync failed: what was not synced before is lost.</summary>
    internal bool IsPoisoned { get; private set; }

    /// <summary>Bytes of published frames. A guide for reclamation only: what is live is decided by the rows.</summary>
    internal long LiveBytes { get; private set; }

    /// <summary>Bytes of frames that are written or being written and not named by a row yet.</summary>
    internal long StagedBytes { get; private set; }

    /// <summary>Bytes that nothing needs; of a sealed extent also the room that was never used.</summary>
    internal long GarbageBytes => Math.Max(0, (IsSealed ? SizeBytes : _nextOffset) - LiveBytes - StagedBytes);

    /// <summary>Set when frames that cannot be read keep the extent from being emptied: live bytes when that was found out.</summary>
    internal long? BlockedAtLiveBytes { get; set; }

    /// <summary>Set when no row named a frame here any more: the sequence number of that state of the rows.</summary>
    internal ulong? EmptyAtSequence { get; set; }

    internal static string NameOf(uint number) => $"extent-{number:x8}";

    /// <summary>The number in a file name, or null when the file is not an extent.</summary>
    internal static uint? NumberOf(string name) =>
        name.Length == 15 && name.StartsWith("extent-", StringComparison.Ordinal)
        && uint.TryParse(name.AsSpan(7), System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint number) && NameOf(number) == name
            ? number
            : null;

    internal bool HasRoom(int frameSizeBytes) => !IsSealed && _nextOffset + frameSizeBytes <= SizeBytes;

    internal long Reserve(int frameSizeBytes)
    {
        Invariant.Check(HasRoom(frameSizeBytes), "reservation beyond the extent");
        long offset = _nextOffset;
        _nextOffset += frameSizeBytes;
        StagedBytes += frameSizeBytes;
        return offset;
    }

    /// <summary>The write of a reserved frame is done; returns what to pass to <see cref="SyncAsync"/>.</summary>
    internal long CompleteWrite() => ++_writtenTicket;

    /// <summary>Whether the write with this ticket is durable.</summary>
    internal bool IsSynced(long ticket) => ticket <= _syncedTicket;

    internal void Seal() => IsSealed = true;

    internal void Poison() => IsSealed = IsPoisoned = true;

    internal void Unstage(int frameSizeBytes) => StagedBytes -= frameSizeBytes;

    internal void AddLive(int frameSizeBytes) => LiveBytes += frameSizeBytes;

    internal void RemoveLive(int frameSizeBytes) => LiveBytes = Math.Max(0, LiveBytes - frameSizeBytes);

    internal void SetLive(long bytes) => LiveBytes = bytes;

    /// <summary>Returns when the write with this ticket is durable.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Poisoned"/>, <see cref="StorageError.Closed"/>.</exception>
    internal async ValueTask SyncAsync(long ticket)
    {
        // Each turn ends with a finished sync: after at most two the ticket is covered or the extent is poisoned.
        while (ticket > _syncedTicket)
        {
            if (IsPoisoned)
            {
                throw new StorageException(StorageError.Poisoned, File.Name, -1, "an earlier write or sync of this extent failed");
            }

            Task sync = _sync ?? StartSync();
            await sync;
        }
    }

    internal void Pin() => _pins++;

    internal ValueTask UnpinAsync()
    {
        _pins--;
        return _pins == 0 && _closing ? File.DisposeAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Closes the file as soon as nobody reads it.</summary>
    internal ValueTask CloseAsync()
    {
        Invariant.Check(!_closing, "extent closed twice");
        _closing = true;
        return _pins == 0 ? File.DisposeAsync() : ValueTask.CompletedTask;
    }

    private Task StartSync()
    {
        Task sync = RunSyncAsync();
        _sync = sync.IsCompleted ? null : sync;
        return sync;
    }

    private async Task RunSyncAsync()
    {
        // Only what is complete now is covered: a write that ends while the sync runs may have missed it.
        long covered = _writtenTicket;
        Pin();
        DiskError error = await File.SyncAsync();
        await UnpinAsync();
        _sync = null;
        if (error != DiskError.None)
        {
            Poison();
            throw DiskFault.ToException(error, File.Name, -1, "extent sync");
        }

        _syncedTicket = Math.Max(_syncedTicket, covered);
    }
}
