using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a chunk cache did and holds.</summary>
/// <param name="Hits">Reads of a chunk, or of a part of one, that it served.</param>
/// <param name="Misses">Reads that went to the store.</param>
/// <param name="ChunkCount">Chunks in it.</param>
/// <param name="HeldBytes">Native memory that it holds.</param>
/// <param name="LimitBytes">What it may hold; 0 when there is no cache.</param>
/// <param name="OpenReads">Reads that hold a chunk now; 0 when no request is under way.</param>
public readonly record struct ChunkCacheUsage(long Hits, long Misses, int ChunkCount, long HeldBytes, long LimitBytes, int OpenReads);

/// <summary>A chunk in memory. Its fields belong to the cache's lock, but for what never changes.</summary>
internal sealed class CachedChunk(ChunkId id, int lengthBytes, int[] pages)
{
    internal ChunkId Id => id;

    internal int LengthBytes => lengthBytes;

    internal int[] Pages => pages;

    /// <summary>Readers that copy from it now.</summary>
    internal int Readers { get; set; }

    /// <summary>Reads since it was last passed over, at most <see cref="ChunkCache.UsesMax"/>.</summary>
    internal int Uses { get; set; }
}

/// <summary>Chunks that are read again and again, as the store gave them (encrypted ones encrypted), in bounded native memory. Any thread.</summary>
/// <remarks>
/// Nothing is ever invalidated: a <see cref="ChunkId"/> names the same bytes for ever. A blob's number is drawn once under an epoch that is made durable (one node) or granted by
/// the root group (region) before its first use and never given out again; <see cref="BodyStore"/> counts chunks up and stages each once; repair and reclamation
/// move frames and write the same bytes. What metadata no longer names is not asked for, and leaves when its turn comes.
/// <para>
/// Admission: a chunk comes in when it is read whole for the second time while a <see cref="GhostQueue{TKey}"/> still has its name, so a large object read once costs neither
/// a copy nor memory; having been written counts as the first time. Eviction: CLOCK with a counter up to 3, that is, the main and the ghost queue of S3-FIFO without its small queue, whose place the names alone take.
/// Source: Yang et al., "FIFO queues are all you need for cache eviction", SOSP'23, section 4; Corbató, "A paging experiment with the Multics system", 1968.
/// </para>
/// <para>
/// Bound: a chunk that somebody reads is passed over, so nothing evicted is ever still in use, and all that is held is <see cref="CachePages"/>. When all is being read,
/// nothing is admitted. Readers of a response hold two chunks at most.
/// </para>
/// </remarks>
internal sealed class ChunkCache
{
    /// <summary>How often the clock passes over a chunk at most.</summary>
    internal const int UsesMax = 3;

    /// <summary>Chunks that one admission looks at before it gives up: the bound of its time under the lock.</summary>
    internal const int StepsMax = 1024;

    private readonly object _gate = new();
    private readonly Dictionary<ChunkId, CachedChunk> _chunks = [];
    private readonly Queue<CachedChunk> _clock = new();
    private readonly CachePages _pages;
    private readonly GhostQueue<ChunkId> _recent;
    private long _hits;
    private long _misses;
    private int _readers;

    /// <summary>An empty cache.</summary>
    /// <param name="limitBytes">At least one page.</param>
    internal ChunkCache(long limitBytes)
    {
        _pages = new CachePages(limitBytes);
        _recent = new GhostQueue<ChunkId>(_pages.PageCountMax);
    }

    /// <summary>What it did and holds.</summary>
    internal ChunkCacheUsage MeasureUsage()
    {
        lock (_gate)
        {
            return new ChunkCacheUsage(_hits, _misses, _chunks.Count, _pages.HeldBytes, _pages.PageCountMax * (long)CachePages.PageBytes, _readers);
        }
    }

    /// <summary>Begins to read a piece, or says null when the store must be asked: also when the chunk's length is not the one that is stated, which the store refuses.</summary>
    internal CacheRead? TryRead(in ContentPiece piece)
    {
        lock (_gate)
        {
            if (!_chunks.TryGetValue(piece.Chunk, out CachedChunk? chunk) || chunk.LengthBytes != piece.ChunkLengthBytes)
            {
                _misses++;
                return null;
            }

            _hits++;
            _readers++;
            chunk.Readers++;
            chunk.Uses = int.Min(chunk.Uses + 1, UsesMax);
            return new CacheRead(this, chunk, piece.OffsetBytes, piece.LengthBytes);
        }
    }

    /// <summary>Tells it of a chunk that was just written: what is new is often read soon, so its first reader brings it in. No byte is copied.</summary>
    internal void NoteWritten(ChunkId id, int lengthBytes)
    {
        int pages = CachePages.PagesFor(lengthBytes);
        lock (_gate)
        {
            if (pages <= _pages.PageCountMax)
            {
                _recent.Add(id, pages);
            }
        }
    }

    /// <summary>Shows it a chunk that was read whole and verified. It copies the bytes if it wants them.</summary>
    internal void Offer(ChunkId id, ReadOnlySpan<byte> content)
    {
        int[]? pages;
        lock (_gate)
        {
            pages = Admit(id, CachePages.PagesFor(content.Length));
        }

        if (pages is null)
        {
            return;
        }

        // Nobody else knows these pages yet.
        for (int i = 0; i < pages.Length; i++)
        {
            ReadOnlySpan<byte> rest = content[(i * CachePages.PageBytes)..];
            rest[..int.Min(rest.Length, CachePages.PageBytes)].CopyTo(_pages.Page(pages[i]));
        }

        lock (_gate)
        {
            var chunk = new CachedChunk(id, content.Length, pages);
            if (_chunks.TryAdd(id, chunk))
            {
                _clock.Enqueue(chunk);
            }
            else
            {
                // Another reader was faster.
                _pages.GiveBack(pages);
            }
        }
    }

    /// <summary>Copies bytes of a chunk that is being read.</summary>
    internal void Copy(CachedChunk chunk, int offsetBytes, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            (int page, int at) = int.DivRem(offsetBytes, CachePages.PageBytes);
            ReadOnlySpan<byte> source = _pages.Page(chunk.Pages[page])[at..];
            int length = int.Min(source.Length, destination.Length);
            source[..length].CopyTo(destination);
            destination = destination[length..];
            offsetBytes += length;
        }
    }

    /// <summary>A reader is done.</summary>
    internal void Release(CachedChunk chunk)
    {
        lock (_gate)
        {
            Invariant.Check(chunk.Readers > 0 && _readers > 0, "cached chunk given back by nobody");
            Invariant.Check(_chunks.TryGetValue(chunk.Id, out CachedChunk? held) && held == chunk, "cached chunk evicted while it was read");
            chunk.Readers--;
            _readers--;
        }
    }

    // Pages to fill, or null when the chunk is not to come in.
    private int[]? Admit(ChunkId id, int count)
    {
        if (count > _pages.PageCountMax || _chunks.ContainsKey(id))
        {
            return null;
        }

        if (_recent.Remove(id) && TryMakeRoom(count))
        {
            return _pages.Take(count);
        }

        _recent.Add(id, count);
        return null;
    }

    private bool TryMakeRoom(int count)
    {
        for (int step = 0; step < StepsMax && _pages.AvailablePages < count && _clock.TryDequeue(out CachedChunk? chunk); step++)
        {
            if (chunk.Uses > 0 || chunk.Readers > 0)
            {
                chunk.Uses = int.Max(chunk.Uses - 1, 0);
                _clock.Enqueue(chunk);
            }
            else
            {
                _chunks.Remove(chunk.Id);
                _pages.GiveBack(chunk.Pages);
            }
        }

        return _pages.AvailablePages >= count;
    }
}
