using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>One manifest file: checksummed records that each begin at a multiple of 4 KiB. Layout: DiskFormat.md, "Manifest".</summary>
internal sealed class ManifestFile
{
    private const int HeaderBytes = 32;
    private const uint Magic = 0x464d_424f;
    private const int Align = 4096;

    private readonly IDiskFile _file;
    private readonly ulong _number;
    private ulong _recordNext;

    private ManifestFile(IDiskFile file, ulong number) => (_file, _number) = (file, number);

    internal string Name => _file.Name;

    /// <summary>Where the next record goes.</summary>
    internal long LengthBytes { get; private set; }

    /// <summary>Creates a manifest that begins with a state; its bytes and its name are durable on return.</summary>
    internal static async ValueTask<ManifestFile> CreateAsync(IDisk disk, ulong number, ManifestEdit snapshot, uint checksumSeed)
    {
        string name = StoreFiles.Manifest(number);
        DiskError cleared = await disk.DeleteAsync(name);
        if (cleared is not (DiskError.None or DiskError.NotFound))
        {
            throw StoreFault.At(cleared, name, -1, "delete");
        }

        var manifest = new ManifestFile(await StoreFault.OpenAsync(disk, name, DiskOpen.Create), number);
        try
        {
            await manifest.AppendAsync(snapshot, checksumSeed);
            StoreFault.ThrowIfFailed(await disk.SyncDirectoryAsync(), name, "sync directory");
            return manifest;
        }
        catch (StorageException)
        {
            await manifest.CloseAsync();
            throw;
        }
    }

    /// <summary>Opens and replays a manifest.</summary>
    /// <exception cref="StorageException">Damaged other than by a torn last record, or unreadable.</exception>
    internal static async ValueTask<(ManifestFile File, ManifestState State)> OpenAsync(IDisk disk, ITrace trace, ulong number, uint checksumSeed)
    {
        string name = StoreFiles.Manifest(number);
        var manifest = new ManifestFile(await StoreFault.OpenAsync(disk, name, DiskOpen.Existing), number);
        try
        {
            StoreFault.ThrowIfFailed(await manifest._file.SyncAsync(), name, "sync");
            var image = new byte[checked((int)manifest._file.LengthBytes)];
            await StoreFault.ReadExactAsync(manifest._file, 0, image);
            return (manifest, manifest.Replay(trace, image, checksumSeed));
        }
        catch (StorageException)
        {
            await manifest.CloseAsync();
            throw;
        }
    }

    /// <summary>Adds a record and makes it durable.</summary>
    internal async ValueTask AppendAsync(ManifestEdit edit, uint checksumSeed)
    {
        ReadOnlyMemory<byte> record = Encode(edit, checksumSeed);
        StoreFault.ThrowIfFailed(await _file.WriteAsync(LengthBytes, record), Name, "write", LengthBytes);
        StoreFault.ThrowIfFailed(await _file.SyncAsync(), Name, "sync", LengthBytes);
        LengthBytes += record.Length;
        _recordNext++;
    }

    /// <summary>Reads every record back that was made durable; the first one that does not verify is reported.</summary>
    internal async ValueTask VerifyAsync(uint checksumSeed, List<StorageDamage> damage)
    {
        try
        {
            var image = new byte[checked((int)LengthBytes)];
            await StoreFault.ReadExactAsync(_file, 0, image);
            int offset = 0;
            for (ulong record = 0; record < _recordNext; record++)
            {
                if (!TryOpen(image.AsSpan(offset), record, checksumSeed, out ReadOnlySpan<byte> payload))
                {
                    throw StoreFault.Corrupt(Name, offset, $"record {record} does not match its checksum");
                }

                offset += RoundUp(HeaderBytes + payload.Length);
            }
        }
        catch (StorageException failure) when (failure.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            damage.Add(new StorageDamage(failure.File, failure.Offset, failure.Error, failure.Message));
        }
    }

    internal ValueTask CloseAsync() => _file.DisposeAsync();

    private static int RoundUp(int bytes) => (bytes + Align - 1) & -Align;

    private byte[] Encode(ManifestEdit edit, uint checksumSeed)
    {
        var writer = new ByteWriter(Align);
        writer.Reserve(HeaderBytes).Clear();
        edit.Encode(writer);
        int end = writer.Length;
        writer.Reserve(RoundUp(end) - end).Clear();
        byte[] record = writer.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), (uint)(end - HeaderBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), _number);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(24), _recordNext);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Crc32C.Compute(record.AsSpan(8, end - 8), checksumSeed));
        return record;
    }

    private ManifestState Replay(ITrace trace, ReadOnlySpan<byte> image, uint checksumSeed)
    {
        var state = new ManifestState(0, 0, []);
        int offset = 0;
        while (offset < image.Length && TryOpen(image[offset..], _recordNext, checksumSeed, out ReadOnlySpan<byte> payload))
        {
            try
            {
                state = ManifestEdit.Decode(new ByteReader(payload)).ApplyTo(state);
            }
            catch (MalformedDataException malformed)
            {
                throw StoreFault.Corrupt(Name, offset, $"a record with a good checksum does not parse: {malformed.Message}");
            }

            offset += RoundUp(HeaderBytes + payload.Length);
            _recordNext++;
        }

        if (_recordNext == 0)
        {
            throw StoreFault.Corrupt(Name, 0, "the first record is damaged");
        }

        for (int later = offset + Align; later < image.Length; later += Align)
        {
            if (IsLaterRecord(image[later..], checksumSeed))
            {
                throw StoreFault.Corrupt(Name, offset, $"damaged record, but that at offset {later} was written after it was synced");
            }
        }

        if (offset < image.Length)
        {
            trace.Emit(TraceLevel.Info, "manifest", "torn-tail", ("offset", offset));
            trace.Mark("manifest-torn-tail");
        }

        LengthBytes = offset;
        return state;
    }

    private bool IsLaterRecord(ReadOnlySpan<byte> rest, uint checksumSeed)
    {
        ulong record = rest.Length < HeaderBytes ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(rest[24..]);
        return record > _recordNext && TryOpen(rest, record, checksumSeed, out _);
    }

    private bool TryOpen(ReadOnlySpan<byte> rest, ulong record, uint checksumSeed, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (rest.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(rest) != Magic)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
        if (length > rest.Length - HeaderBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(rest[16..]) != _number
            || BinaryPrimitives.ReadUInt64LittleEndian(rest[24..]) != record
            || BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) != Crc32C.Compute(rest.Slice(8, HeaderBytes - 8 + (int)length), checksumSeed))
        {
            return false;
        }

        payload = rest.Slice(HeaderBytes, (int)length);
        return true;
    }
}
