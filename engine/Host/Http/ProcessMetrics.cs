using System;
using System.Diagnostics;
using System.IO;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>What the process and its file system look like, under the names that Prometheus client libraries use where there are such names.</summary>
internal static class ProcessMetrics
{
    internal static void WriteTo(PrometheusText text, string folder)
    {
        using var process = Process.GetCurrentProcess();
        text.Single("process_resident_memory_bytes", "gauge", "Resident memory.", process.WorkingSet64);
        text.Single("process_cpu_seconds_total", "counter", "User and system CPU time.", process.TotalProcessorTime.TotalSeconds);
        text.Single(
            "process_start_time_seconds", "gauge", "Start, in seconds since 1970.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1e3);
        text.Single("objectstore_managed_heap_bytes", "gauge", "Managed heap after the last collection.", GC.GetGCMemoryInfo().HeapSizeBytes);
        text.Single("objectstore_allocated_bytes_total", "counter", "Managed memory handed out since the start.", GC.GetTotalAllocatedBytes());
        text.Single("objectstore_collections_total", "counter", "Garbage collections since the start.", GC.CollectionCount(0));
        text.Single("objectstore_full_collections_total", "counter", "Of those, collections of the whole heap.", GC.CollectionCount(2));
        text.Single("objectstore_collection_pause_seconds_total", "counter", "Time in which a collection held all managed threads up.", GC.GetTotalPauseDuration().TotalSeconds);
        try
        {
            var drive = new DriveInfo(folder);
            text.Single("objectstore_disk_total_bytes", "gauge", "Size of the file system of the data folder.", drive.TotalSize);
            text.Single("objectstore_disk_free_bytes", "gauge", "Free space there for this user.", drive.AvailableFreeSpace);
        }
        catch (IOException)
        {
            // Absent from the page: an alert on absence is what a lost file system should raise.
        }
    }
}
