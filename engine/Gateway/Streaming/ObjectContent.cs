using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Bytes of a stored object, from the cache or read one chunk ahead of whoever takes them. Owns the lease that keeps the data.</summary>
/// <remarks>
/// At most two chunks are held, in buffers or in the cache. <see cref="OpenAsync"/> reads the first piece, so that a damaged object is refused while an error can still
/// be answered. A piece that the cache has is served without waiting for anything; nothing of the store is asked, not even whether this gateway may still read: the
/// bytes of a chunk never change, and that the object was there was decided when the lease was opened.
/// </remarks>
internal sealed class ObjectContent : IResponseStream, IContentSource
{
    /// <summary>Bytes given to the connection before it is told to send them: enough that the thread that sends is woken seldom, little enough that sending and copying overlap.</summary>
    /// <remarks>1 MiB out of the cache, clients 1 and 16: at 256 KiB 1,705 and 2,725 a second, at 512 KiB 2,512 and 3,358, at 1 MiB 2,257 and 2,548 (medians of five, in turn). What comes from the disk goes chunk by chunk: halves of it were a seventh slower.</remarks>
    private const int FlushBytes = 512 * 1024;

    private readonly GatewayServices _services;
    private readonly ReadLease _lease;
    private readonly ByteRange _range;
    private readonly ContentCipher? _cipher;
    private ContentPieces _pieces;
    private Task<(ChunkBuffer Buffer, int Length)>? _ahead;
    private (CacheRead Read, ContentPiece Piece)? _aheadCached;
    private ChunkBuffer? _currentBuffer;
    private ReadOnlyMemory<byte> _current;
    private CacheRead? _currentCached;

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

    /// <inheritdoc/>
    public Task Digesting => Task.CompletedTask;

    /// <inheritdoc/>
    public long WrittenBytes { get; private set; }

    private bool IsAtEnd => _current.IsEmpty && _currentCached is null;

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
        while (!IsAtEnd)
        {
            FlushResult flushed = await (_currentCached is { } cached
                ? WriteCachedAsync(cached, destination, cancellation)
                : destination.WriteAsync(_current, cancellation));
            WrittenBytes += _current.Length;
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return;
            }

            if (_currentCached is not { RestBytes: > 0 })
            {
                await AdvanceAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        int filled = 0;
        while (filled < destination.Length && !IsAtEnd)
        {
            if (_currentCached is { } cached)
            {
                filled += cached.CopyTo(destination.Span[filled..]);
                if (cached.RestBytes > 0)
                {
                    continue;
                }
            }
            else
            {
                int count = int.Min(_current.Length, destination.Length - filled);
                _current.Span[..count].CopyTo(destination.Span[filled..]);
                filled += count;
                _current = _current[count..];
                if (!_current.IsEmpty)
                {
                    continue;
                }
            }

            await AdvanceAsync();
        }

        return filled;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ReleaseCurrent();
        _aheadCached?.Read.Dispose();
        _aheadCached = null;
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

    private ValueTask<FlushResult> WriteCachedAsync(CacheRead cached, PipeWriter destination, CancellationToken cancellation)
    {
        int written = 0;
        while (cached.RestBytes > 0 && written < FlushBytes)
        {
            Span<byte> room = destination.GetSpan();
            int count = cached.CopyTo(room[..int.Min(room.Length, FlushBytes - written)]);
            destination.Advance(count);
            written += count;
        }

        WrittenBytes += written;
        return destination.FlushAsync(cancellation);
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
        Invariant.Check(!IsAtEnd, "an object's chunks end before its length");
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
        ReleaseCurrent();
        if (_aheadCached is { } cached)
        {
            _aheadCached = null;
            TakeCached(cached.Read, cached.Piece);
        }
        else if (_ahead is { } ahead)
        {
            _ahead = null;
            (_currentBuffer, int length) = await ahead;
            _current = _currentBuffer.Data[..length];
        }
        else
        {
            return;
        }

        ReadAhead();
    }

    private void ReleaseCurrent()
    {
        _currentBuffer?.Dispose();
        _currentBuffer = null;
        _current = default;
        _currentCached?.Dispose();
        _currentCached = null;
    }

    // What is encrypted is decrypted in a buffer of its own: the cache's bytes are for all readers.
    private void TakeCached(CacheRead read, ContentPiece piece)
    {
        if (_cipher is null)
        {
            _currentCached = read;
            return;
        }

        using (read)
        {
            _currentBuffer = _services.Chunks.RentBuffer();
            Memory<byte> plain = _currentBuffer.Data[..piece.LengthBytes];
            read.CopyTo(plain.Span);
            Decrypt(piece, plain.Span);
            _current = plain;
        }
    }

    private void ReadAhead()
    {
        if (!_pieces.TryNext(out ContentPiece piece))
        {
            return;
        }

        if (_services.Cache?.TryRead(piece) is { } cached)
        {
            _aheadCached = (cached, piece);
        }
        else
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
            if (piece.LengthBytes == piece.ChunkLengthBytes)
            {
                _services.Cache?.Offer(piece.Chunk, buffer.Data.Span[..piece.LengthBytes]);
            }

            Decrypt(piece, buffer.Data.Span[..piece.LengthBytes]);
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

    private void Decrypt(ContentPiece piece, Span<byte> content) =>
        _cipher?.Apply(piece.Chunk.Blob, (piece.Chunk.Index * (long)_services.Chunks.ChunkSizeBytes) + piece.OffsetBytes, content);
}
