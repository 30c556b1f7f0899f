using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Takes the batches found in the log, in sequence order.</summary>
internal delegate void RecoveredBatch(ulong sequence, WriteBatch batch, ulong segment);

/// <summary>Reads the log back after a stop: cuts a torn tail, and tells it from damage to what was synced.</summary>
/// <remarks>
/// A group is written only after the one before it was synced. So where a group is not whole, nothing of the same segment may follow, and the next
/// segment that holds anything must go on with the very next sequence number; else something acknowledged is missing, and recovery refuses.
/// Every whole header, that of a torn group and that of a seal too, proves that the batches before it were synced; so does the superblock.
/// What remains is said in DiskFormat.md, "What rot can hide".
/// </remarks>
internal sealed class LogRecovery(
    IDisk disk, ITrace trace, uint checksumSeed, ulong flushedSequence, ulong durableSequence, RecoveredBatch found)
{
    private readonly ulong _flushedSequence = flushedSequence;
    private ulong _lastSequence = flushedSequence;
    private ulong _provenSequence = durableSequence;
    private (string File, long Offset) _end = ("wal", -1);

    /// <summary>Where the groups of each segment end.</summary>
    internal SortedDictionary<ulong, long> Ends { get; } = [];

    /// <summary>Replays segments and returns the last sequence number found.</summary>
    /// <param name="segments">Numbers of all segments that may hold unflushed batches, ascending.</param>
    /// <exception cref="StorageException">A segment is unreadable, or acknowledged batches are missing or damaged.</exception>
    internal async ValueTask<ulong> ReplayAsync(IReadOnlyList<ulong> segments)
    {
        for (int i = 0; i < segments.Count; i++)
        {
            await ReplaySegmentAsync(segments[i]);
        }

        if (_lastSequence < _provenSequence)
        {
            throw StoreFault.Corrupt(
                _end.File, _end.Offset, $"the log can be read up to batch {_lastSequence}, but batch {_provenSequence} was synced");
        }

        return _lastSequence;
    }

    private async ValueTask ReplaySegmentAsync(ulong number)
    {
        string name = StoreFiles.Log(number);
        await using IDiskFile file = await StoreFault.OpenAsync(disk, name, DiskOpen.Direct);

        // What is readable now may still sit in a volatile cache from before a stop of the process alone; nothing may build on it unsynced.
        StoreFault.ThrowIfFailed(await file.SyncAsync(), name, "sync");
        int length = (int)(file.LengthBytes & -AlignedMemory.AlignmentBytes);
        if (length == 0)
        {
            Ends[number] = 0;
            return;
        }

        using AlignedMemory image = AlignedMemory.Allocate(length);
        bool[] unreadable = await ReadAsync(file, image.Memory[..length]);
        int end = ReplayGroups(number, image.GetSpan()[..length]);
        Ends[number] = end;
        CheckTail(number, name, image.GetSpan()[..length], end, unreadable);
    }

    private static async ValueTask<bool[]> ReadAsync(IDiskFile file, Memory<byte> image)
    {
        const int block = AlignedMemory.AlignmentBytes;
        var unreadable = new bool[image.Length / block];
        Outcome<int, DiskError> all = await file.ReadAsync(0, image);
        if (all.Ok && all.Value == image.Length)
        {
            return unreadable;
        }

        if (all.Error is not (DiskError.None or DiskError.ReadFailed))
        {
            throw StoreFault.At(all.Error, file.Name, 0, "read");
        }

        for (int i = 0; i < unreadable.Length; i++)
        {
            Memory<byte> target = image.Slice(i * block, block);
            Outcome<int, DiskError> read = await file.ReadAsync((long)i * block, target);
            if (!read.Ok || read.Value != block)
            {
                if (read.Error is not (DiskError.None or DiskError.ReadFailed))
                {
                    throw StoreFault.At(read.Error, file.Name, (long)i * block, "read");
                }

                unreadable[i] = true;
                target.Span.Clear();
            }
        }

        return unreadable;
    }

    /// <summary>Replays whole groups from the start; returns where they end.</summary>
    private int ReplayGroups(ulong number, ReadOnlySpan<byte> image)
    {
        int offset = 0;
        while (offset < image.Length
            && LogGroupHeader.TryOpen(image[offset..], number, (ulong)offset, checksumSeed, out LogGroupHeader header)
            && !header.IsSeal)
        {
            ReplayGroup(number, offset, header, image.Slice(offset + LogGroupHeader.SizeBytes, (int)header.PayloadBytes));
            offset += (int)header.BlockBytes;
        }

        return offset;
    }

    private void ReplayGroup(ulong number, int offset, LogGroupHeader header, ReadOnlySpan<byte> payload)
    {
        ulong last = header.FirstSequence + header.Batches - 1;
        if (header.FirstSequence > _lastSequence + 1)
        {
            throw StoreFault.Corrupt(
                StoreFiles.Log(number), offset, $"batches {_lastSequence + 1} to {header.FirstSequence - 1} are missing before this group");
        }

        if (header.FirstSequence <= _lastSequence && _lastSequence != _flushedSequence)
        {
            throw StoreFault.Corrupt(StoreFiles.Log(number), offset, $"batch {header.FirstSequence} comes twice");
        }

        try
        {
            var reader = new ByteReader(payload);
            for (ulong sequence = header.FirstSequence; sequence <= last; sequence++)
            {
                WriteBatch batch = Decode(ref reader);
                if (sequence > _lastSequence)
                {
                    found(sequence, batch, number);
                    _lastSequence = sequence;
                }
            }

            reader.End();
        }
        catch (MalformedDataException malformed)
        {
            throw StoreFault.Corrupt(StoreFiles.Log(number), offset, $"a group with a good checksum does not parse: {malformed.Message}");
        }
    }

    private static WriteBatch Decode(ref ByteReader reader)
    {
        var batch = new WriteBatch();
        int count = reader.Count();
        for (int i = 0; i < count; i++)
        {
            bool isDelete = reader.Bool();
            byte[] key = reader.Bytes().ToArray();
            if (isDelete)
            {
                batch.Delete(key);
            }
            else
            {
                batch.Put(key, reader.Bytes().ToArray());
            }
        }

        return batch;
    }

    /// <summary>Throws when what follows the last whole group cannot be a torn tail.</summary>
    private void CheckTail(ulong number, string name, ReadOnlySpan<byte> image, int end, bool[] unreadable)
    {
        const int block = AlignedMemory.AlignmentBytes;
        bool namesPlace = end < image.Length && LogGroupHeader.NamesPlace(image[end..], number, (ulong)end, out _);
        if (end > 0 || namesPlace)
        {
            _end = (name, end);
        }

        for (int offset = end + block; offset < image.Length; offset += block)
        {
            if (LogGroupHeader.TryOpenHeader(image[offset..], number, (ulong)offset, checksumSeed, out LogGroupHeader later))
            {
                throw StoreFault.Corrupt(
                    name, end, $"damaged group, but batch {later.FirstSequence} at offset {offset} was written after it was synced");
            }
        }

        if (end >= image.Length)
        {
            return;
        }

        if (unreadable[end / block])
        {
            throw StoreFault.At(DiskError.ReadFailed, name, end, "read the end of the log");
        }

        if (LogGroupHeader.TryOpenHeader(image[end..], number, (ulong)end, checksumSeed, out LogGroupHeader last))
        {
            _provenSequence = Math.Max(_provenSequence, last.FirstSequence - 1);
            if (last.IsSeal)
            {
                return;
            }

            RequireReadable(name, end, last, unreadable);
        }

        if (namesPlace)
        {
            trace.Emit(TraceLevel.Info, "wal", "torn-tail", ("segment", (long)number), ("offset", end));
            trace.Mark("wal-torn-tail");
        }
    }

    private static void RequireReadable(string name, int end, LogGroupHeader torn, bool[] unreadable)
    {
        const int block = AlignedMemory.AlignmentBytes;
        long last = Math.Min((end + torn.BlockBytes) / block, unreadable.Length);
        for (int i = end / block; i < last; i++)
        {
            if (unreadable[i])
            {
                throw StoreFault.At(DiskError.ReadFailed, name, (long)i * block, "read the end of the log");
            }
        }
    }
}
