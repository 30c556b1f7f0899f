using System;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Bytes of a cached chunk for one reader, in order. While it is not disposed, the chunk stays where it is.</summary>
/// <remarks>
/// No view of the cache's memory leaves it: bytes go straight to where the reader wants them, so that nothing can be read after it was given back.
/// One user at a time; disposing it twice is a bug.
/// </remarks>
internal sealed class CacheRead : IDisposable
{
    private readonly ChunkCache _cache;
    private int _at;
    private int _disposed;

    internal CacheRead(ChunkCache cache, CachedChunk chunk, int offsetBytes, int lengthBytes) =>
        (_cache, Chunk, _at, RestBytes) = (cache, chunk, offsetBytes, lengthBytes);

    /// <summary>What is read.</summary>
    internal CachedChunk Chunk { get; }

    /// <summary>Bytes that were not copied yet.</summary>
    internal int RestBytes { get; private set; }

    /// <summary>Copies what comes next: as much as there is room for, or what is left.</summary>
    /// <returns>How many bytes.</returns>
    internal int CopyTo(Span<byte> destination)
    {
        Invariant.Check(Volatile.Read(ref _disposed) == 0, "cached chunk read after it was given back");
        int length = int.Min(destination.Length, RestBytes);
        _cache.Copy(Chunk, _at, destination[..length]);
        _at += length;
        RestBytes -= length;
        return length;
    }

    /// <summary>Gives the chunk back.</summary>
    public void Dispose()
    {
        Invariant.Check(Interlocked.Exchange(ref _disposed, 1) == 0, "cached chunk given back twice");
        _cache.Release(Chunk);
    }
}
