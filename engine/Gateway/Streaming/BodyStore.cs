using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Puts one body where it will be kept: small ones into the metadata command, others chunk by chunk into the chunk store.</summary>
/// <remarks>
/// Invariants: at most <see cref="GatewayOptions.ChunksInFlightMax"/> buffers are held, whatever the length; a body that is not handed to a metadata command
/// is abandoned by <see cref="DisposeAsync"/>, so that nothing of a failed upload is left behind; a buffer is given back when its chunk is written and the source is done with it.
/// </remarks>
/// <param name="services">The parts that do the work.</param>
/// <param name="inlineBytesMax">Bodies up to this many bytes go inline; 0 for parts of uploads, which the completed object strings together.</param>
/// <param name="encryption">How the bytes are encrypted on their way; null for not at all.</param>
internal sealed class BodyStore(GatewayServices services, int inlineBytesMax, ObjectEncryption? encryption) : IAsyncDisposable
{
    private readonly List<StagedChunk> _staged = [];
    private readonly Queue<(Task<StagedChunk> Staging, Task Digesting, ChunkBuffer Buffer)> _inFlight = [];
    private readonly ContentCipher? _cipher = encryption?.NewCipher();
    private BlobId _blob;
    private bool _handedOver;

    /// <summary>The bytes of a small body.</summary>
    internal ReadOnlyMemory<byte> InlineBody { get; private set; }

    /// <summary>Content length.</summary>
    internal long SizeBytes { get; private set; }

    /// <summary>Frames to publish; synced once <see cref="SyncAsync"/> returned.</summary>
    internal IReadOnlyList<StagedChunk> Staged => _staged;

    /// <summary>Where the bytes are.</summary>
    internal ObjectData Data => SizeBytes == 0
        ? new ObjectData()
        : new ObjectData
        {
            Inline = InlineBody.IsEmpty ? null : new BlobRef(_blob, SizeBytes, services.Chunks.ChunkSizeBytes),
            Blobs = InlineBody.IsEmpty ? [new BlobRef(_blob, SizeBytes, services.Chunks.ChunkSizeBytes)] : [],
        };

    /// <summary>Takes all of the content. Nothing is durable yet.</summary>
    /// <exception cref="S3Exception">From the source.</exception>
    /// <exception cref="StorageException">From the store.</exception>
    internal async ValueTask TakeAsync(IContentSource source)
    {
        _blob = services.Metadata.NextBlobId();
        if (source.LengthBytes is long length && length <= inlineBytesMax)
        {
            await TakeInlineAsync(source, (int)length);
            return;
        }

        uint index = 0;
        while (true)
        {
            ChunkBuffer buffer = await RentAsync();
            int filled = await FillAsync(source, buffer);
            if (filled == 0)
            {
                break;
            }

            _cipher?.Apply(_blob, SizeBytes, buffer.Data.Span[..filled]);
            SizeBytes += filled;
            Stage(new ChunkId(_blob, index++), buffer, filled, source.Digesting);
            if (filled < services.Chunks.ChunkSizeBytes)
            {
                break;
            }
        }
    }

    /// <summary>Makes what was taken durable; after it a metadata command may name it.</summary>
    /// <exception cref="StorageException">From the store.</exception>
    internal async ValueTask SyncAsync()
    {
        if (_staged.Count + _inFlight.Count == 0)
        {
            return;
        }

        List<StagedChunk> all = [.. _staged];
        foreach ((Task<StagedChunk> staging, _, _) in _inFlight)
        {
            all.Add(await staging);
        }

        await services.Chunks.SyncAsync(all);
        while (_inFlight.Count > 0)
        {
            await TakeStagedAsync();
        }
    }

    /// <summary>From here on the metadata command publishes the frames, or abandons them.</summary>
    internal IReadOnlyList<StagedChunk> HandOver()
    {
        Invariant.Check(_inFlight.Count == 0, "a body is named once all of it was synced");
        _handedOver = true;
        return _staged;
    }

    /// <summary>Gives up what was not handed over.</summary>
    public async ValueTask DisposeAsync()
    {
        _cipher?.Dispose();
        while (_inFlight.TryDequeue(out (Task<StagedChunk> Staging, Task Digesting, ChunkBuffer Buffer) last))
        {
            try
            {
                await last.Digesting;
                _staged.Add(await last.Staging);
            }
            catch (StorageException)
            {
                // The upload has failed already; this frame was never written.
                services.Trace.Mark("gateway-stage-failed-behind-failure");
            }
            finally
            {
                last.Buffer.Dispose();
            }
        }

        if (!_handedOver && _staged.Count > 0)
        {
            await services.Chunks.AbandonAsync(Staged);
        }
    }

    private async ValueTask TakeInlineAsync(IContentSource source, int length)
    {
        // One byte more than there should be: only a short read shows that the end was seen.
        byte[] body = new byte[length + 1];
        int filled = await source.ReadAsync(body);
        Invariant.Check(filled <= length, "a source of known length gave more");
        await source.Digesting;
        _cipher?.Apply(_blob, 0, body.AsSpan(0, filled));
        SizeBytes = filled;
        InlineBody = body.AsMemory(0, filled);
    }

    private async ValueTask<ChunkBuffer> RentAsync()
    {
        while (_inFlight.Count >= services.Options.ChunksInFlightMax)
        {
            await TakeStagedAsync();
        }

        return services.Chunks.RentBuffer();
    }

    private async ValueTask<int> FillAsync(IContentSource source, ChunkBuffer buffer)
    {
        int filled = 0;
        try
        {
            filled = await source.ReadAsync(buffer.Data[..services.Chunks.ChunkSizeBytes]);
            if (_cipher is not null && filled > 0)
            {
                await source.Digesting;
            }

            return filled;
        }
        finally
        {
            if (filled == 0)
            {
                buffer.Dispose();
            }
        }
    }

    private void Stage(ChunkId id, ChunkBuffer buffer, int length, Task digesting) =>
        _inFlight.Enqueue((services.Chunks.StageAsync(id, buffer, length), digesting, buffer));

    private async ValueTask TakeStagedAsync()
    {
        // It stays in the queue until it ended, so that a failure leaves nothing out of sight of DisposeAsync.
        (Task<StagedChunk> staging, Task digesting, ChunkBuffer buffer) = _inFlight.Peek();
        try
        {
            await digesting;
            StagedChunk staged = await staging;
            _staged.Add(staged);
            services.Cache?.NoteWritten(staged.Id, staged.LengthBytes);
        }
        finally
        {
            _inFlight.Dequeue();
            buffer.Dispose();
        }
    }
}
