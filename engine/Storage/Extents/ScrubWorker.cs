using System;
using System.Buffers.Binary;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Reads and verifies every published frame, in the order of extents, spread evenly over a period; goes on where it was after a restart.</summary>
internal sealed class ScrubWorker(ChunkStore store, NodeEnvironment env) : Worker("scrub", env.Clock)
{
    /// <summary>An empty round is followed by the next one after this part of the period.</summary>
    private const int EmptyRoundsPerPeriod = 16;

    private const int PositionSizeBytes = 13;

    private byte[]? _next;
    private long _doneBytes;
    private long _totalBytes;
    private long _failures;
    private long _rounds;
    private bool _beginsAnew;
    private int _sinceCheckpoint;

    public override WorkerProgress Progress => new(_doneBytes, _totalBytes, _failures, _rounds);

    /// <summary>Verifies one frame.</summary>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        try
        {
            _next ??= await LoadPositionAsync();
            return await VerifyNextAsync();
        }
        catch (StorageException fault)
        {
            _failures++;
            env.Trace.Emit(TraceLevel.Warning, "extents", "scrub-failed", ("reason", fault.Message));
            return store.Options.ScrubPeriod / EmptyRoundsPerPeriod;
        }
    }

    private async ValueTask<TimeSpan> VerifyNextAsync()
    {
        FrameRow row;
        using (IReadView view = store.Rows.ReadLatest())
        {
            using IScan scan = view.Scan(_next, ChunkRows.FramesTo);
            if (!await scan.NextAsync())
            {
                return await EndRoundAsync();
            }

            row = ChunkRows.ReadFrame(scan.Key.Span, scan.Value.Span);
        }

        _next = ChunkRows.FrameKey(row.Location.Extent, row.Location.OffsetBytes + 1);
        await VerifyAsync(row);
        return await AdvanceAsync(row.Location.FrameSizeBytes);
    }

    private async ValueTask VerifyAsync(FrameRow row)
    {
        if (store.Extents.Find(row.Location.Extent) is not { } extent)
        {
            await ReportMissingAsync(row);
            return;
        }

        using FrameBuffer buffer = store.RentFrame(row.Location);
        extent.Pin();
        try
        {
            await FrameReader.ReadFrameAsync(extent, row, buffer.Frame);
            store.Quarantine.Remove(row.Location);
        }
        catch (StorageException fault) when (fault.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            _failures++;
            store.Forget(row.Location);
            store.Quarantine.Add(row, fault);
        }
        finally
        {
            await extent.UnpinAsync();
        }
    }

    private async ValueTask ReportMissingAsync(FrameRow row)
    {
        // Or was it moved away between looking at the rows and now?
        using IReadView view = store.Rows.ReadLatest();
        if (await ChunkStore.IsLiveAsync(view, row))
        {
            _failures++;
            string file = Extent.NameOf(row.Location.Extent);
            store.Quarantine.Add(row, new StorageException(StorageError.Corrupt, file, row.Location.OffsetBytes, "the extent is missing"));
        }
    }

    private async ValueTask<TimeSpan> AdvanceAsync(int frameSizeBytes)
    {
        if (_doneBytes == 0 || _sinceCheckpoint == 0)
        {
            _totalBytes = store.MeasureUsage().LiveBytes;
        }

        _doneBytes += frameSizeBytes;
        if (++_sinceCheckpoint >= store.Options.ScrubCheckpointFrames)
        {
            await SavePositionAsync();
        }

        return store.Options.ScrubPeriod * ((double)frameSizeBytes / Math.Max(_totalBytes, frameSizeBytes));
    }

    private async ValueTask<TimeSpan> EndRoundAsync()
    {
        bool empty = _doneBytes == 0;
        env.Trace.Emit(TraceLevel.Info, "extents", "scrub-round", ("bytes", _doneBytes), ("failures", _failures));
        _rounds++;
        _doneBytes = 0;
        _next = ChunkRows.FramesFrom;
        if (!empty || !_beginsAnew)
        {
            await SavePositionAsync();
        }

        _beginsAnew = true;
        return empty ? store.Options.ScrubPeriod / EmptyRoundsPerPeriod : TimeSpan.Zero;
    }

    private async ValueTask<byte[]> LoadPositionAsync()
    {
        using IReadView view = store.Rows.ReadLatest();
        if (await view.GetAsync(ChunkRows.ScrubKey) is not { Length: PositionSizeBytes } value)
        {
            return ChunkRows.FramesFrom;
        }

        uint extent = BinaryPrimitives.ReadUInt32BigEndian(value.Span[1..]);
        ulong offset = BinaryPrimitives.ReadUInt64BigEndian(value.Span[5..]);
        return ChunkRows.FrameKey(extent, (long)offset);
    }

    /// <summary>Not waited for until it is durable: when it is lost in a crash, some frames are verified again. Writers come first, and a full disk is scrubbed without it.</summary>
    private async ValueTask SavePositionAsync()
    {
        _sinceCheckpoint = 0;
        _beginsAnew = false;
        try
        {
            await store.Rows.WaitForRoomAsync();
        }
        catch (StorageException full) when (full.Error == StorageError.Full)
        {
            return;
        }

        byte[] value = new byte[PositionSizeBytes];
        value[0] = 1;
        if (_next is { Length: > 2 } key)
        {
            key.AsSpan(2).CopyTo(value.AsSpan(1));
        }

        var batch = new WriteBatch();
        batch.Put(ChunkRows.ScrubKey, value);
        _ = store.Rows.Apply(batch);
    }
}
