using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>
/// Where new frames go: one open extent, replaced by a new file when full. Two exist: new data, and what reclamation moves, which is older and
/// dies later; keeping them apart keeps extents more often wholly live or wholly dead.
/// </summary>
internal sealed class ExtentAppender(NodeEnvironment env, ExtentTable table, long extentSizeBytes, long reserveBytes)
{
    private Extent? _open;
    private Task? _rolling;

    /// <summary>Writes a frame out of its buffer. On return it is written, not durable.</summary>
    /// <returns>Where it is, and the ticket for <see cref="Extent.SyncAsync"/>. The frame counts as staged until taken off by the caller.</returns>
    internal async ValueTask<(Extent Extent, long OffsetBytes, long Ticket)> AppendAsync(
        ChunkId id, FrameBuffer buffer, int lengthBytes, BlockChecksums checksums)
    {
        int frameSizeBytes = FrameHeader.FrameSizeBytes(lengthBytes);
        Extent extent = await FindRoomAsync(frameSizeBytes);
        long offset = extent.Reserve(frameSizeBytes);
        new FrameHeader(id, extent.Number, offset, lengthBytes, checksums).Write(buffer.Frame.Span);
        extent.Pin();
        DiskError error = await extent.File.WriteAsync(offset, buffer.Frame[..frameSizeBytes]);
        await extent.UnpinAsync();
        if (error != DiskError.None)
        {
            extent.Unstage(frameSizeBytes);
            Retire(extent, error);
            throw DiskFault.ToException(error, extent.File.Name, offset, "frame write");
        }

        return (extent, offset, extent.CompleteWrite());
    }

    /// <summary>Adds no more to the open extent, so that it can be reclaimed.</summary>
    internal void SealOpen()
    {
        _open?.Seal();
        _open = null;
    }

    private void Retire(Extent extent, DiskError error)
    {
        if (error == DiskError.Full)
        {
            // The space was reserved when the file was made; a disk that takes it back has harmed nothing written.
            extent.Seal();
        }
        else
        {
            extent.Poison();
        }

        env.Trace.Emit(TraceLevel.Error, "extents", "write-failed", ("extent", extent.Number), ("error", error.ToString()));
    }

    private async ValueTask<Extent> FindRoomAsync(int frameSizeBytes)
    {
        // A turn either finds room or waits for a new extent, which has room for many.
        while (true)
        {
            table.ThrowIfClosed();
            if (_open is { } open && open.HasRoom(frameSizeBytes) && !env.Rare.Happens("extent-seals-early"))
            {
                return open;
            }

            SealOpen();
            Task rolling = _rolling ?? StartRolling();
            await rolling;
            if (_open is { } fresh && fresh.HasRoom(frameSizeBytes))
            {
                return fresh;
            }
        }
    }

    private Task StartRolling()
    {
        Task rolling = RollAsync();
        _rolling = rolling.IsCompleted ? null : rolling;
        return rolling;
    }

    private async Task RollAsync()
    {
        try
        {
            _open = await table.CreateAsync(extentSizeBytes, reserveBytes);
        }
        finally
        {
            _rolling = null;
        }
    }
}
