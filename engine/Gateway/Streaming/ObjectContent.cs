using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Bytes of a stored object, read one chunk ahead of whoever takes them. Owns the lease that keeps the data.</summary>
/// <remarks>At most two chunk buffers are held. <see cref="OpenAsync"/> reads the first piece, so that a damaged object is refused while an error can still be answered.</remarks>
internal sealed class ObjectContent : IResponseStream, IContentSource
{
    private readonly GatewayServices _services;
    private readonly ReadLease _lease;
    private readonly ByteRange _range;
    private readonly ContentCipher? _cipher;
    private ContentPieces _pieces;
    private Task<(ChunkBuffer Buffer, int Length)>? _ahead;
    private ChunkBuffer? _currentBuffer;
    private ReadOnlyMemory<byte> _current;

    private ObjectContent(GatewayServices services, ReadLease lease, ByteRange range, ContentCipher? cipher)
    {
        _cipher = cipher;
        _services = services;
        _lease = lease;
        _range = range;
        _pieces = new ContentPieces(lease.Data!, range);
    }

    /// <inheritdoc/>
    public long? LengthBytes => _range.LengthBytes;

    /// <summary>Opens a range, which lies within the object. The lease goes with the content, on failure too.</summary>
    /// <exception cref="StorageException">The first piece cannot be read.</exception>
    internal static async ValueTask<ObjectContent> OpenAsync(
        GatewayServices services, ReadLease lease, ByteRange range, ObjectEncryption? encryption)
    {
        Invariant.Check(lease.Data is not null, "content of a lease without data");
        var content = new ObjectContent(services, lease, range, encryption?.NewCipher());
        bool opened = false;
        try
        {
            await content.StartAsync();
            opened = true;
            return content;
        }
        finally
        {
            if (!opened)
            {
                await content.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteToAsync(PipeWriter destination, CancellationToken cancellation)
    {
        while (!_current.IsEmpty)
        {
            FlushResult flushed = await destination.WriteAsync(_current, cancellation);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return;
            }

            await AdvanceAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        int filled = 0;
        while (filled < destination.Length && !_current.IsEmpty)
        {
            int count = int.Min(_current.Length, destination.Length - filled);
            _current.Span[..count].CopyTo(destination.Span[filled..]);
            filled += count;
            _current = _current[count..];
            if (_current.IsEmpty)
            {
                await AdvanceAsync();
            }
        }

        return filled;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _currentBuffer?.Dispose();
        _currentBuffer = null;
        _current = default;
        Task<(ChunkBuffer Buffer, int Length)>? ahead = _ahead;
        _ahead = null;
        try
        {
            if (ahead is not null)
            {
                (await ahead).Buffer.Dispose();
            }
        }
        catch (StorageException)
        {
            // Nobody waits for these bytes any more.
            _services.Trace.Mark("gateway-read-ahead-failed-after-end");
        }
        finally
        {
            _cipher?.Dispose();
            _lease.Dispose();
        }
    }

    private async ValueTask StartAsync()
    {
        if (_range.LengthBytes == 0)
        {
            return;
        }

        if (_lease.Data!.Inline is not null)
        {
            _current = Plain(_lease.InlineBody.Slice((int)_range.Start, (int)_range.LengthBytes), _lease.Data.Inline.Value.Id);
            return;
        }

        ReadAhead();
        await AdvanceAsync();
        Invariant.Check(!_current.IsEmpty, "an object's chunks end before its length");
    }

    // A copy: the row's own bytes may be shared with other readers.
    private ReadOnlyMemory<byte> Plain(ReadOnlyMemory<byte> stored, BlobId blob)
    {
        if (_cipher is null)
        {
            return stored;
        }

        byte[] copy = stored.ToArray();
        _cipher.Apply(blob, _range.Start, copy);
        return copy;
    }

    private async ValueTask AdvanceAsync()
    {
        _currentBuffer?.Dispose();
        _currentBuffer = null;
        _current = default;
        if (_ahead is null)
        {
            return;
        }

        Task<(ChunkBuffer Buffer, int Length)> ahead = _ahead;
        _ahead = null;
        (_currentBuffer, int length) = await ahead;
        _current = _currentBuffer.Data[..length];
        ReadAhead();
    }

    private void ReadAhead()
    {
        if (_pieces.TryNext(out ContentPiece piece))
        {
            _ahead = ReadAsync(piece);
        }
    }

    private async Task<(ChunkBuffer Buffer, int Length)> ReadAsync(ContentPiece piece)
    {
        ChunkBuffer buffer = _services.Chunks.RentBuffer();
        bool read = false;
        try
        {
            await _services.Chunks.ReadAsync(piece.Chunk, piece.ChunkLengthBytes, piece.OffsetBytes, buffer.Data[..piece.LengthBytes]);
            _cipher?.Apply(
                piece.Chunk.Blob,
                (piece.Chunk.Index * (long)_services.Chunks.ChunkSizeBytes) + piece.OffsetBytes,
                buffer.Data.Span[..piece.LengthBytes]);
            read = true;
            return (buffer, piece.LengthBytes);
        }
        finally
        {
            if (!read)
            {
                buffer.Dispose();
            }
        }
    }
}
