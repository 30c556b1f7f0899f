using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>The cache of chunks as Prometheus series.</summary>
internal static class ChunkCacheMetrics
{
    internal static void WriteTo(PrometheusText text, ChunkCacheUsage cache)
    {
        text.Single("objectstore_chunk_cache_hits_total", "counter", "Reads of a chunk, or of a part of one, that memory served.", cache.Hits);
        text.Single("objectstore_chunk_cache_misses_total", "counter", "Reads of a chunk that went to the disks while there was a cache.", cache.Misses);
        text.Single("objectstore_chunk_cache_chunks", "gauge", "Chunks in memory.", cache.ChunkCount);
        text.Single("objectstore_chunk_cache_bytes", "gauge", "Memory that the cache holds.", cache.HeldBytes);
        text.Single("objectstore_chunk_cache_open_reads", "gauge", "Chunks in memory that are being sent.", cache.OpenReads);
        text.Single("objectstore_chunk_cache_limit_bytes", "gauge", "Memory that the cache may hold (--cache); 0 when it is off.", cache.LimitBytes);
    }
}
