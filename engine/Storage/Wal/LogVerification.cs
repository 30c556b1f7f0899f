using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Reads durable groups of the log back while the store runs. Unlike recovery it knows where they end, so nothing passes for a torn tail.</summary>
internal static class LogVerification
{
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
            long offset = 0;
            while (offset < end)
            {
                LogGroupHeader header = await ReadHeaderAsync(context, file, number, offset, end);
                await VerifyGroupAsync(context, file, header, damage);
                offset += header.BlockBytes;
            }
        }
        catch (StorageException failure) when (failure.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            damage.Add(new StorageDamage(failure.File, failure.Offset, failure.Error, failure.Message));
        }

        return damage;
    }

    private static async ValueTask<LogGroupHeader> ReadHeaderAsync(StoreContext context, IDiskFile file, ulong number, long offset, long end)
    {
        using AlignedMemory block = AlignedMemory.Allocate(AlignedMemory.AlignmentBytes);
        await StoreFault.ReadExactAsync(file, offset, block.Memory);
        bool isWhole = LogGroupHeader.TryOpenHeader(block.GetSpan(), number, (ulong)offset, context.ChecksumSeed, out LogGroupHeader header)
            && !header.IsSeal
            && header.BlockBytes <= end - offset;
        return isWhole ? header : throw StoreFault.Corrupt(file.Name, offset, "the header of a group does not match its checksum");
    }

    private static async ValueTask VerifyGroupAsync(StoreContext context, IDiskFile file, LogGroupHeader header, List<StorageDamage> damage)
    {
        long offset = (long)header.Offset;
        try
        {
            int length = checked((int)header.BlockBytes);
            using AlignedMemory group = AlignedMemory.Allocate(length);
            await StoreFault.ReadExactAsync(file, offset, group.Memory[..length]);
            if (!LogGroupHeader.TryOpen(group.GetSpan()[..length], header.Segment, header.Offset, context.ChecksumSeed, out _))
            {
                throw StoreFault.Corrupt(file.Name, offset, $"the group of batch {header.FirstSequence} does not match its checksum");
            }
        }
        catch (StorageException failure) when (failure.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            damage.Add(new StorageDamage(failure.File, failure.Offset, failure.Error, failure.Message));
        }
    }
}
