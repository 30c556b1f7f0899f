using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Reads a run back piece by piece and checks every block of it.</summary>
/// <remarks>
/// From the disk and past the page cache: rot is on the disk, and what requests need is to stay in memory. Between two pieces no file is open, for that would keep the space of a run that was
/// merged meanwhile. A piece is as much as is worth waking up for: block by block, 1 MiB a second took a tenth of a processor.
/// </remarks>
internal sealed class RunVerification(Run run, IDisk disk, List<StorageDamage> damage)
{
    private const int WindowBytes = 256 * 1024;

    /// <summary>Less than a window, so that the block that ends a piece as a rule does not take another.</summary>
    private const int PieceBytes = WindowBytes - (32 * 1024);

    private BlockIterator _parts;
    private BlockIterator _blocks;
    private bool _hasBegun;

    /// <summary>Checks what comes next. Damage is noted, and gone past as far as what is whole says where more is.</summary>
    /// <returns>Bytes that were read; 0 when there are no more.</returns>
    internal async ValueTask<long> NextPieceAsync()
    {
        await using var ahead = new ReadAhead(disk, WindowBytes);
        await using var alone = new ReadAhead(disk, windowBytes: 0);
        long bytes = 0;
        if (!_hasBegun)
        {
            _hasBegun = true;
            await BeginAsync(alone);
            bytes = RunFooter.SizeBytes + run.Filter.LengthBytes + run.Index.LengthBytes;
        }

        bool canLookAhead = true;
        while (bytes < PieceBytes)
        {
            if (_blocks.Next())
            {
                BlockHandle handle = Run.HandleOf(_blocks.Value.Span);
                bytes += handle.LengthBytes;
                StorageException? failure = canLookAhead ? await FailureAsync(ahead, handle) : null;
                if (!canLookAhead || failure is not null)
                {
                    // Another block of the window may be what cannot be read. Asking for it again with each block before it would take a disk seconds each time.
                    canLookAhead &= failure is not { Error: StorageError.ReadFailed };
                    await IsWholeAsync(alone, handle);
                }
            }
            else if (_parts.Next())
            {
                BlockHandle handle = Run.HandleOf(_parts.Value.Span);
                bytes += handle.LengthBytes;
                if (await IsWholeAsync(alone, handle))
                {
                    _blocks.Open(alone.Block[..handle.LengthBytes]);
                }
            }
            else
            {
                break;
            }
        }

        return bytes;
    }

    private async ValueTask BeginAsync(ReadAhead alone)
    {
        try
        {
            await run.VerifyFooterAsync(disk);
        }
        catch (StorageException failure) when (IsDamage(failure))
        {
            damage.Add(new StorageDamage(failure.File, failure.Offset, failure.Error, failure.Message));
        }

        await IsWholeAsync(alone, run.Filter);
        if (await IsWholeAsync(alone, run.Index))
        {
            _parts.Open(alone.Block[..run.Index.LengthBytes]);
        }
    }

    private async ValueTask<bool> IsWholeAsync(ReadAhead alone, BlockHandle handle)
    {
        StorageException? failure = await FailureAsync(alone, handle);
        if (failure is not null)
        {
            damage.Add(new StorageDamage(failure.File, handle.Offset, failure.Error, failure.Message));
        }

        return failure is null;
    }

    /// <summary>Why a block cannot be had; null when it can.</summary>
    private async ValueTask<StorageException?> FailureAsync(ReadAhead reader, BlockHandle handle)
    {
        try
        {
            await reader.ReadAsync(run, handle);
            return null;
        }
        catch (StorageException failure) when (IsDamage(failure))
        {
            return failure;
        }
    }

    private static bool IsDamage(StorageException failure) => failure.Error is StorageError.Corrupt or StorageError.ReadFailed;
}
