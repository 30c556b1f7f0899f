using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Reads durable groups of the log back while the store runs. Unlike recovery it knows where they end, so nothing passes for a torn tail.</summary>
internal static class LogVerification
{
    private const int WindowBytes = 256 * 1024;

    /// <summary>Checks the groups of one segment.</summary>
    /// <param name="context">Of the store.</param>
    /// <param name="number">Of the segment.</param>
    /// <param name="end">Where its durable groups end, in bytes.</param>
    internal static async ValueTask<IReadOnlyList<StorageDamage>> RunAsync(StoreContext context, ulong number, long end)
    {
        var damage = new List<StorageDamage>();
        try
        {
            await using IDiskFile file = await StoreFault.OpenAsync(context.Disk, StoreFiles.Log(number), DiskOpen.Direct);
            using var window = new Window(file, end);
            long offset = 0;
            while (offset < end)
            {
                await window.ReadAsync(offset, AlignedMemory.AlignmentBytes);
                bool isWhole = LogGroupHeader.TryOpenHeader(window.Bytes(offset), number, (ulong)offset, context.ChecksumSeed, out LogGroupHeader header)
                    && !header.IsSeal
                    && header.BlockBytes <= end - offset;
                if (!isWhole)
                {
                    throw StoreFault.Corrupt(file.Name, offset, "the header of a group does not match its checksum");
                }

                await VerifyGroupAsync(context, file, window, header, damage);
                offset += header.BlockBytes;
            }
        }
        catch (StorageException failure) when (failure.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            damage.Add(new StorageDamage(failure.File, failure.Offset, failure.Error, failure.Message));
        }

        return damage;
    }

    private static async ValueTask VerifyGroupAsync(StoreContext context, IDiskFile file, Window window, LogGroupHeader header, List<StorageDamage> damage)
    {
        long offset = (long)header.Offset;
        try
        {
            int length = checked((int)header.BlockBytes);
            await window.ReadAsync(offset, length);
            if (!LogGroupHeader.TryOpen(window.Bytes(offset)[..length], header.Segment, header.Offset, context.ChecksumSeed, out _))
            {
                throw StoreFault.Corrupt(file.Name, offset, $"the group of batch {header.FirstSequence} does not match its checksum");
            }
        }
        catch (StorageException failure) when (failure.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            damage.Add(new StorageDamage(failure.File, failure.Offset, failure.Error, failure.Message));
        }
    }

    /// <summary>What was read last, so that many groups take one read. A longer group is read alone, and so are those beside something that cannot be read.</summary>
    private sealed class Window(IDiskFile file, long end) : IDisposable
    {
        private readonly ReadWindow _read = new();
        private long _aloneUntil;

        internal ReadOnlySpan<byte> Bytes(long offset) => _read.From(offset);

        internal async ValueTask ReadAsync(long offset, int length)
        {
            if (_read.Holds(offset, length))
            {
                return;
            }

            int window = (int)long.Min(WindowBytes, end - offset);
            if (window <= length || offset < _aloneUntil)
            {
                await _read.FillAsync(file, offset, length);
                return;
            }

            try
            {
                await _read.FillAsync(file, offset, window);
            }
            catch (StorageException failure) when (failure.Error == StorageError.ReadFailed)
            {
                _aloneUntil = offset + window;
                await _read.FillAsync(file, offset, length);
            }
        }

        public void Dispose() => _read.Dispose();
    }
}
