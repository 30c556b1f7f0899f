using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>What the superblock says.</summary>
/// <param name="StoreId">Random, given once when the disk was formatted; goes into every checksum's seed.</param>
/// <param name="Generation">Grows with every write of the superblock.</param>
/// <param name="Epoch">Grows with every opening of the store.</param>
/// <param name="Manifest">Number of the manifest that is in force; 0 while the store is being created.</param>
/// <param name="DurableSequence">Every batch up to this one was durable when this was written: recovery must find them.</param>
internal readonly record struct SuperblockState(UInt128 StoreId, ulong Generation, ulong Epoch, ulong Manifest, ulong DurableSequence);

/// <summary>The root of a disk: four slots of 4 KiB, of which each generation owns two. Layout: DiskFormat.md, "Superblock".</summary>
/// <remarks>
/// Invariant: slots 0 and 1 hold even generations, 2 and 3 odd ones; a generation is in force when one of its slots is whole, and nothing that
/// only the generation before needs is deleted until both are durable. A slot that was found damaged is the first of its pair to be written again: the other is whole until then, whatever
/// becomes of the write. So one bad slot never loses the root, and a torn write falls back.
/// </remarks>
internal sealed class Superblock
{
    internal const uint FormatVersion = 1;
    internal const int SlotSizeBytes = 4096;
    internal const int SlotCount = 4;

    private const ulong Magic = 0x3142_5355_5053_424f;
    private const int ContentSizeBytes = 64;
    private readonly IDiskFile _file;
    private readonly int[] _firstCopy;
    private bool _isUnknown;

    private Superblock(IDiskFile file, SuperblockState state, int[] firstCopy) => (_file, State, _firstCopy) = (file, state, firstCopy);

    internal SuperblockState State { get; private set; }

    /// <summary>Slots that were found damaged at opening and are rewritten by the next two writes.</summary>
    internal int DamagedSlots { get; private init; }

    /// <summary>Formats a disk that holds nothing of ours.</summary>
    internal static async ValueTask<Superblock> CreateAsync(IDisk disk, UInt128 storeId)
    {
        const string name = StoreFiles.Superblock;
        const string scratch = name + ".new";
        DiskError cleared = await disk.DeleteAsync(scratch);
        if (cleared is not (DiskError.None or DiskError.NotFound))
        {
            throw StoreFault.At(cleared, scratch, -1, "delete");
        }

        var state = new SuperblockState(storeId, Generation: 1, Epoch: 0, Manifest: 0, DurableSequence: 0);
        await using (IDiskFile file = await StoreFault.OpenAsync(disk, scratch, DiskOpen.Create))
        {
            var image = new byte[SlotSizeBytes * SlotCount];
            Encode(state, image.AsSpan(2 * SlotSizeBytes));
            Encode(state, image.AsSpan(3 * SlotSizeBytes));
            StoreFault.ThrowIfFailed(await file.WriteAsync(0, image), scratch, "write");
            StoreFault.ThrowIfFailed(await file.SyncAsync(), scratch, "sync");
        }

        StoreFault.ThrowIfFailed(await disk.RenameAsync(scratch, name), name, "rename");
        StoreFault.ThrowIfFailed(await disk.SyncDirectoryAsync(), name, "sync directory");
        return new Superblock(await StoreFault.OpenAsync(disk, name, DiskOpen.Existing), state, [0, 0]);
    }

    /// <summary>Reads the newest whole generation, or null where there is no superblock.</summary>
    /// <exception cref="StorageException">Too damaged to tell which generation is newest, or of another format.</exception>
    internal static async ValueTask<Superblock?> OpenAsync(IDisk disk)
    {
        Outcome<IDiskFile, DiskError> opened = await disk.OpenAsync(StoreFiles.Superblock, DiskOpen.Existing);
        if (opened.Error == DiskError.NotFound)
        {
            return null;
        }

        if (!opened.Ok)
        {
            throw StoreFault.At(opened.Error, StoreFiles.Superblock, -1, "open");
        }

        IDiskFile file = opened.Value;
        try
        {
            return await ReadAsync(file);
        }
        catch (StorageException)
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a new state durable, in one slot after the other.</summary>
    /// <exception cref="StorageException">A write or sync failed: which state is in force is unknown until the store is opened again.</exception>
    internal async ValueTask WriteAsync(ulong epoch, ulong manifest, ulong durableSequence)
    {
        var next = new SuperblockState(State.StoreId, State.Generation + 1, epoch, manifest, durableSequence);
        var slot = new byte[SlotSizeBytes];
        Encode(next, slot);
        _isUnknown = true;
        for (int turn = 0; turn < 2; turn++)
        {
            long offset = Offset(next.Generation, turn ^ _firstCopy[next.Generation & 1]);
            StoreFault.ThrowIfFailed(await _file.WriteAsync(offset, slot), StoreFiles.Superblock, "write", offset);
            StoreFault.ThrowIfFailed(await _file.SyncAsync(), StoreFiles.Superblock, "sync", offset);
        }

        _isUnknown = false;
        State = next;
    }

    /// <summary>Reads all slots back: both of the generation in force must say what was written, both others must be whole, unless a write of them failed: they may say anything then.</summary>
    internal async ValueTask VerifyAsync(List<StorageDamage> damage)
    {
        var slot = new byte[SlotSizeBytes];
        for (int i = 0; i < SlotCount; i++)
        {
            long offset = (long)i * SlotSizeBytes;
            try
            {
                await StoreFault.ReadExactAsync(_file, offset, slot);
                bool isInForce = Offset(State.Generation, i & 1) == offset;
                if (_isUnknown && !isInForce)
                {
                    continue;
                }

                if (Decode(slot, offset) is not { } found || (isInForce ? found != State : found.Generation >= State.Generation))
                {
                    throw StoreFault.Corrupt(_file.Name, offset, "a copy of the superblock is damaged");
                }
            }
            catch (StorageException failure) when (failure.Error is not StorageError.Closed)
            {
                damage.Add(new StorageDamage(failure.File, failure.Offset, failure.Error, failure.Message));
            }
        }
    }

    internal ValueTask CloseAsync() => _file.DisposeAsync();

    private static long Offset(ulong generation, int copy) => ((long)(generation & 1) * 2 + copy) * SlotSizeBytes;

    private static async ValueTask<Superblock> ReadAsync(IDiskFile file)
    {
        SuperblockState? newest = null;
        int damaged = 0;
        var wholeInPair = new int[2];
        var blankInPair = new int[2];
        var firstCopy = new int[2];
        DiskError unreadable = DiskError.None;
        var slot = new byte[SlotSizeBytes];
        for (int i = 0; i < SlotCount; i++)
        {
            long offset = (long)i * SlotSizeBytes;
            Outcome<int, DiskError> read = await file.ReadAsync(offset, slot);
            if (read.Error == DiskError.Gone)
            {
                throw StoreFault.At(read.Error, file.Name, offset, "read");
            }

            if (read.Ok && read.Value == SlotSizeBytes && !slot.AsSpan().ContainsAnyExcept((byte)0))
            {
                blankInPair[i / 2]++;
            }
            else if (read.Ok && read.Value == SlotSizeBytes && Decode(slot, offset) is { } state && Offset(state.Generation, i & 1) == offset)
            {
                wholeInPair[i / 2]++;
                newest = newest is null || newest.Value.Generation < state.Generation ? state : newest;
            }
            else
            {
                damaged++;
                unreadable = read.Ok ? unreadable : read.Error;
                firstCopy[i / 2] = i & 1;
            }
        }

        if (newest is null)
        {
            throw Refuse(file.Name, 0, "no whole superblock slot", unreadable);
        }

        RequireOtherPair(file.Name, newest.Value, wholeInPair, blankInPair, unreadable);
        return new Superblock(file, newest.Value, firstCopy) { DamagedSlots = damaged };
    }

    /// <summary>When a whole pair is unreadable it may have held the newer state: then nothing may be guessed.</summary>
    private static void RequireOtherPair(string name, SuperblockState newest, int[] whole, int[] blank, DiskError unreadable)
    {
        int other = 1 - (int)(newest.Generation & 1);
        bool neverWritten = newest.Generation == 1 && blank[other] == 2;
        if (whole[other] == 0 && !neverWritten && !(newest.Generation == 1 && blank[other] == 1))
        {
            throw Refuse(name, (long)other * 2 * SlotSizeBytes, "both copies of a superblock generation are damaged", unreadable);
        }
    }

    /// <summary>What could not be read may be whole: a disk that reads again opens.</summary>
    private static StorageException Refuse(string name, long offset, string what, DiskError unreadable) =>
        unreadable == DiskError.None ? StoreFault.Corrupt(name, offset, what) : StoreFault.At(unreadable, name, offset, what);

    private static void Encode(SuperblockState state, Span<byte> slot)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(slot, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[8..], FormatVersion);
        BinaryPrimitives.WriteUInt128LittleEndian(slot[16..], state.StoreId);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[32..], state.Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[40..], state.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[48..], state.Manifest);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[56..], state.DurableSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[12..], Checksum(slot));
    }

    private static SuperblockState? Decode(ReadOnlySpan<byte> slot, long offset)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(slot) != Magic || BinaryPrimitives.ReadUInt32LittleEndian(slot[12..]) != Checksum(slot))
        {
            return null;
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(slot[8..]);
        if (version != FormatVersion)
        {
            throw new StorageException(
                StorageError.UnknownFormat, StoreFiles.Superblock, offset, $"format {version}; this program knows {FormatVersion}");
        }

        return new SuperblockState(
            BinaryPrimitives.ReadUInt128LittleEndian(slot[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(slot[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(slot[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(slot[48..]),
            BinaryPrimitives.ReadUInt64LittleEndian(slot[56..]));
    }

    private static uint Checksum(ReadOnlySpan<byte> slot) =>
        Crc32C.Compute(slot[16..ContentSizeBytes], Crc32C.Compute(slot[..12]));
}
