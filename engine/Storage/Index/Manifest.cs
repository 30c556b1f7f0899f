using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>The log of edits that says which runs are live. The superblock names the manifest in force. Layout: DiskFormat.md, "Manifest".</summary>
/// <remarks>
/// Invariants: an edit is durable before anything that it makes needless is deleted, so a manifest whose last record was lost either still describes a
/// whole store or names files that are gone, which is reported. Records start at multiples of 4 KiB: no synced byte is written again.
/// A new manifest begins with the whole state and takes over through the superblock. After a failed append the record may or may not come back
/// after a crash: nothing that it names is deleted, and the file takes no more records.
/// </remarks>
internal sealed class Manifest
{
    private readonly StoreContext _context;
    private readonly Superblock _superblock;
    private readonly Gate _turn = new();
    private ManifestFile _file;
    private bool _isBusy;
    private bool _isClosed;
    private bool _tailIsUnknown;

    private Manifest(StoreContext context, Superblock superblock, ManifestFile file, ManifestState state)
    {
        _context = context;
        _superblock = superblock;
        _file = file;
        State = state;
    }

    /// <summary>What is durable.</summary>
    internal ManifestState State { get; private set; }

    /// <summary>Starts the manifest of a new store and puts it into force together with the epoch.</summary>
    internal static async ValueTask<Manifest> CreateAsync(StoreContext context, Superblock superblock, ManifestState state)
    {
        const ulong first = 1;
        ManifestFile file = await ManifestFile.CreateAsync(context.Disk, first, ManifestEdit.Snapshot(state), context.ChecksumSeed);
        await superblock.WriteAsync(context.Epoch, first, durableSequence: 0);
        return new Manifest(context, superblock, file, state);
    }

    /// <summary>Goes on with the manifest in force, after its last whole record, and makes the new epoch and what recovery found durable.</summary>
    internal static async ValueTask<Manifest> ContinueAsync(
        StoreContext context, Superblock superblock, ManifestFile file, ManifestState state, ulong durableSequence)
    {
        await superblock.WriteAsync(context.Epoch, superblock.State.Manifest, durableSequence);
        return new Manifest(context, superblock, file, state);
    }

    /// <summary>Makes an edit durable, then runs <paramref name="committed"/> before any other edit.</summary>
    /// <exception cref="StorageException">Not durable for sure: what the edit adds and removes must both stay. The store must be poisoned, unless
    /// <see cref="StorageError.Full"/>: then commit the same edit again later.</exception>
    internal async ValueTask CommitAsync(ManifestEdit edit, Action committed)
    {
        await TakeTurnAsync();
        try
        {
            ManifestState next = edit.ApplyTo(State);
            bool wantsNewFile = _tailIsUnknown
                || _file.LengthBytes > _context.Options.ManifestBytesMax
                || _context.Environment.Rare.Happens("manifest-switch-early");
            if (!wantsNewFile || !await TrySwitchAsync(next))
            {
                await AppendAsync(edit);
            }

            State = next;
            committed();
        }
        finally
        {
            _isBusy = false;
            _turn.Open();
        }
    }

    internal async ValueTask CloseAsync()
    {
        await TakeTurnAsync();
        _isClosed = true;
        _turn.Open();
        await _file.CloseAsync();
    }

    /// <summary>Reads the manifest in force and the superblock back and reports what is damaged.</summary>
    internal async ValueTask VerifyAsync(List<StorageDamage> damage)
    {
        while (_isBusy && !_isClosed)
        {
            await _turn.WaitAsync();
        }

        if (_isClosed)
        {
            return;
        }

        _isBusy = true;
        try
        {
            await _file.VerifyAsync(_context.ChecksumSeed, damage);
            await _superblock.VerifyAsync(damage);
        }
        finally
        {
            _isBusy = false;
            _turn.Open();
        }
    }

    private async ValueTask AppendAsync(ManifestEdit edit)
    {
        if (_tailIsUnknown)
        {
            throw new StorageException(StorageError.Full, _file.Name, _file.LengthBytes, "no space for a new manifest");
        }

        try
        {
            await _file.AppendAsync(edit, _context.ChecksumSeed);
        }
        catch (StorageException)
        {
            _tailIsUnknown = true;
            _context.Trace.Mark("manifest-tail-unknown");
            throw;
        }
    }

    private async ValueTask TakeTurnAsync()
    {
        while (_isBusy)
        {
            await _turn.WaitAsync();
        }

        _isBusy = true;
    }

    /// <summary>Puts a new manifest that begins with the given state into force; false when there is no space for it.</summary>
    private async ValueTask<bool> TrySwitchAsync(ManifestState next)
    {
        ulong number = _superblock.State.Manifest + 1;
        ManifestFile file;
        try
        {
            file = await ManifestFile.CreateAsync(_context.Disk, number, ManifestEdit.Snapshot(next), _context.ChecksumSeed);
        }
        catch (StorageException failure) when (failure.Error == StorageError.Full)
        {
            await _context.Disk.DeleteAsync(StoreFiles.Manifest(number));
            return false;
        }

        try
        {
            await _superblock.WriteAsync(_context.Epoch, number, _superblock.State.DurableSequence);
        }
        catch (StorageException failure)
        {
            // Which manifest is in force is unknown now, so even a full disk is final.
            await file.CloseAsync();
            throw new StorageException(StorageError.Poisoned, failure.File, failure.Offset, failure.Message);
        }

        ManifestFile old = _file;
        _file = file;
        _tailIsUnknown = false;
        _context.Trace.Mark("manifest-switched");
        await old.CloseAsync();
        await _context.Disk.DeleteAsync(old.Name);
        return true;
    }
}
