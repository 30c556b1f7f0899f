using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Moves live frames out of extents that are mostly garbage and deletes the emptied files.</summary>
/// <remarks>
/// A frame is copied, the copy synced, and only then are the rows changed, in one batch, if they still name the old frame; the old file goes when the
/// rows that name nothing in it are durable. A crash between any two steps leaves either garbage or an extent to start on again. A frame that fails its
/// checksum stays where it is, and its extent with it, until it is released.
/// </remarks>
internal sealed class ReclaimWorker(ChunkStore store, NodeEnvironment env, ExtentAppender moved) : Worker("reclaim", env.Clock)
{
    private const int RepointAttemptsMax = 64;

    private long _reclaimedBytes;
    private long _failures;
    private long _rounds;

    public override WorkerProgress Progress =>
        new(_reclaimedBytes, _reclaimedBytes + store.MeasureUsage().GarbageBytes, _failures, _rounds);

    /// <summary>Frees at most one extent.</summary>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        try
        {
            foreach (Extent victim in ListCandidates())
            {
                if (await ReclaimAsync(victim))
                {
                    _rounds++;
                    return TimeSpan.Zero;
                }
            }
        }
        catch (StorageException fault)
        {
            _failures++;
            env.Trace.Emit(TraceLevel.Warning, "extents", "reclaim-failed", ("reason", fault.Message));
        }

        return store.Options.ReclaimPollInterval;
    }

    /// <summary>Wholly dead extents first (they cost nothing), then those whose disk failed, then the emptiest.</summary>
    private List<Extent> ListCandidates()
    {
        // The room at the end of an extent that no further frame fitted into is no gain: its frames would leave the same in another.
        long frameBytesMax = FrameHeader.SizeBytes + store.Options.ChunkSizeBytes;
        int percent = env.Rare.Happens("reclaim-eagerly") ? 1 : store.Options.ReclaimGarbagePercent;
        var candidates = new List<Extent>();
        foreach (Extent extent in store.Extents.All)
        {
            bool worthIt = extent.LiveBytes == 0 || extent.IsPoisoned || extent.GarbageBytes >= Math.Max(frameBytesMax, extent.SizeBytes * percent / 100);
            bool blocked = extent.BlockedAtLiveBytes is { } at && extent.LiveBytes >= at;
            if (extent.IsSealed && extent.StagedBytes == 0 && worthIt && !blocked)
            {
                candidates.Add(extent);
            }
        }

        candidates.Sort(static (a, b) => (Rank(a), a.LiveBytes, a.Number).CompareTo((Rank(b), b.LiveBytes, b.Number)));
        return candidates;
    }

    private static int Rank(Extent extent) => extent.LiveBytes == 0 ? 0 : extent.IsPoisoned ? 1 : 2;

    /// <summary>True when the extent's file is gone.</summary>
    private async ValueTask<bool> ReclaimAsync(Extent victim)
    {
        List<FrameRow> rows;
        using (IReadView view = store.Rows.ReadLatest())
        {
            rows = await ListFramesAsync(view, victim.Number, int.MaxValue);
        }

        bool emptied = true;
        for (int first = 0; first < rows.Count; first += store.Options.ReclaimBatchFrames)
        {
            if (store.IsClosing)
            {
                return false;
            }

            int count = Math.Min(store.Options.ReclaimBatchFrames, rows.Count - first);
            emptied &= await MoveAsync(victim, rows.GetRange(first, count));
        }

        return emptied && await TryDeleteAsync(victim);
    }

    /// <summary>True when no row of <paramref name="rows"/> names a frame of the victim any more, durably.</summary>
    private async ValueTask<bool> MoveAsync(Extent victim, List<FrameRow> rows)
    {
        var copies = new List<Copy>(rows.Count);
        try
        {
            bool whole = true;
            foreach (FrameRow row in rows)
            {
                whole &= await CopyAsync(victim, row, copies);
            }

            foreach (Copy copy in copies)
            {
                if (copy.Target is { } target)
                {
                    await target.SyncAsync(copy.Ticket);
                }
            }

            return await RepointAsync(victim, copies) && whole;
        }
        finally
        {
            foreach (Copy copy in copies)
            {
                copy.Target?.Unstage(copy.From.Location.FrameSizeBytes);
            }
        }
    }

    private async ValueTask<bool> CopyAsync(Extent victim, FrameRow row, List<Copy> copies)
    {
        using (IReadView view = store.Rows.ReadLatest())
        {
            if (!await ChunkStore.IsLiveAsync(view, row))
            {
                copies.Add(new Copy(row, Target: null, OffsetBytes: 0, Ticket: 0));
                return true;
            }
        }

        using FrameBuffer buffer = store.RentFrame(row.Location);
        victim.Pin();
        FrameHeader header;
        try
        {
            header = await FrameReader.ReadFrameAsync(victim, row, buffer.Frame);
        }
        catch (StorageException fault) when (fault.Error is StorageError.Corrupt or StorageError.ReadFailed)
        {
            _failures++;
            store.Quarantine.Add(row, fault);
            victim.BlockedAtLiveBytes = victim.LiveBytes;
            return false;
        }
        finally
        {
            await victim.UnpinAsync();
        }

        (Extent target, long offset, long ticket) = await moved.AppendAsync(row.Id, buffer, row.Location.LengthBytes, header.Checksums);
        copies.Add(new Copy(row, target, offset, ticket));
        return true;
    }

    /// <summary>Makes the rows name the copies, where they still name the originals, and waits until that is durable.</summary>
    private async ValueTask<bool> RepointAsync(Extent victim, List<Copy> copies)
    {
        if (copies.Count == 0)
        {
            return true;
        }

        for (int attempt = 0; attempt < RepointAttemptsMax; attempt++)
        {
            ulong places = store.PlacesChanged;
            using IReadView view = store.Rows.ReadLatest();
            var batch = new WriteBatch();
            var live = new bool[copies.Count];
            for (int i = 0; i < copies.Count; i++)
            {
                Copy copy = copies[i];
                live[i] = copy.Target is not null && await ChunkStore.IsLiveAsync(view, copy.From);
                batch.Delete(ChunkRows.FrameKey(copy.From.Location.Extent, copy.From.Location.OffsetBytes));
                if (live[i])
                {
                    ChunkRows.Put(batch, copy.From.Id, copy.To);
                }
            }

            // Reading may have taken a while; a release applied in between must not be undone.
            if (store.PlacesChanged != places)
            {
                env.Trace.Mark("reclaim-raced");
                continue;
            }

            CommitTicket ticket = store.Rows.Apply(batch);
            store.PlacesChanged++;
            Account(victim, copies, live);
            await ticket.Durable;
            return true;
        }

        return false;
    }

    private static void Account(Extent victim, List<Copy> copies, bool[] live)
    {
        for (int i = 0; i < copies.Count; i++)
        {
            if (live[i])
            {
                copies[i].Target!.AddLive(copies[i].From.Location.FrameSizeBytes);
                victim.RemoveLive(copies[i].From.Location.FrameSizeBytes);
            }
        }
    }

    /// <summary>Deletes the file once a crash can bring back no state of the rows that names a frame in it.</summary>
    /// <remarks>
    /// It is not enough that the latest and the durable rows name none: a batch between the two may, published and released since, and a crash may
    /// end just there. Once empty it stays so, because it is sealed and nothing in it is staged.
    /// </remarks>
    private async ValueTask<bool> TryDeleteAsync(Extent victim)
    {
        if (victim.EmptyAtSequence is null)
        {
            using IReadView latest = store.Rows.ReadLatest();
            bool named = (await ListFramesAsync(latest, victim.Number, 1)).Count > 0;
            victim.EmptyAtSequence = named || victim.StagedBytes > 0 ? null : latest.Sequence;
        }

        if (victim.EmptyAtSequence is not { } sequence || store.Rows.DurableSequence < sequence || store.Extents.Find(victim.Number) != victim)
        {
            env.Trace.Mark("reclaim-waits-for-rows");
            return false;
        }

        _reclaimedBytes += victim.SizeBytes;
        await store.Extents.DeleteAsync(victim);
        return true;
    }

    private static async ValueTask<List<FrameRow>> ListFramesAsync(IReadView view, uint extent, int countMax)
    {
        var rows = new List<FrameRow>();
        using IScan scan = view.Scan(ChunkRows.FrameKey(extent, 0), ChunkRows.FramesEnd(extent));
        while (rows.Count < countMax && await scan.NextAsync())
        {
            rows.Add(ChunkRows.ReadFrame(scan.Key.Span, scan.Value.Span));
        }

        return rows;
    }

    /// <summary>A frame and its copy; no target when the frame was found dead and only its row is left.</summary>
    private readonly record struct Copy(FrameRow From, Extent? Target, long OffsetBytes, long Ticket)
    {
        internal FrameLocation To => new(Target!.Number, OffsetBytes, From.Location.LengthBytes);
    }
}
