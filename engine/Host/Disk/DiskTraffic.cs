using System.Collections.Generic;
using System.Threading;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>Counts what was asked of a disk. Any thread.</summary>
internal sealed class DiskTraffic
{
    private long _reads;
    private long _readBytes;
    private long _writes;
    private long _writtenBytes;
    private long _syncs;

    internal void CountRead(long bytes)
    {
        Interlocked.Increment(ref _reads);
        Interlocked.Add(ref _readBytes, bytes);
    }

    internal void CountWrite(long bytes)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _writtenBytes, bytes);
    }

    internal void CountSync() => Interlocked.Increment(ref _syncs);

    /// <summary>Adds the series, over all disks of the node.</summary>
    internal static void WriteTo(PrometheusText text, IEnumerable<FileDisk> disks)
    {
        var sum = new DiskTraffic();
        foreach (FileDisk disk in disks)
        {
            DiskTraffic own = disk.Traffic;
            sum._reads += Interlocked.Read(ref own._reads);
            sum._readBytes += Interlocked.Read(ref own._readBytes);
            sum._writes += Interlocked.Read(ref own._writes);
            sum._writtenBytes += Interlocked.Read(ref own._writtenBytes);
            sum._syncs += Interlocked.Read(ref own._syncs);
        }

        text.Family("objectstore_disk_calls_total", "counter", "Calls of the node's disks that ended well.");
        text.Sample("objectstore_disk_calls_total", sum._reads, ("call", "read"));
        text.Sample("objectstore_disk_calls_total", sum._writes, ("call", "write"));
        text.Sample("objectstore_disk_calls_total", sum._syncs, ("call", "sync"));
        text.Family("objectstore_disk_bytes_total", "counter", "Bytes that these calls moved.");
        text.Sample("objectstore_disk_bytes_total", sum._readBytes, ("call", "read"));
        text.Sample("objectstore_disk_bytes_total", sum._writtenBytes, ("call", "write"));
    }
}
