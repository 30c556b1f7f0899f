using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Compare;
using ObjectStore.Workloads.Load.Memory;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>Waits until a server has done what it does in the background after a load: flushing, merging, reclaiming.</summary>
internal static class ServerRest
{
    /// <summary>At rest a server uses less than this share of a core.</summary>
    internal const double CpuShareMax = 0.05;

    /// <summary>And its files keep their length; both for this many seconds on end.</summary>
    internal const int QuietSeconds = 3;

    /// <returns>Whether it came to rest in time, and the wait in seconds.</returns>
    internal static async Task<(bool CameToRest, double Seconds)> WaitAsync(int process, string data, TimeSpan patience, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        int quiet = 0;
        double cpu = ProcessCpu.SecondsOf(process);
        long bytes = ServerFootprint.FilesOf(data).Bytes;
        while (quiet < QuietSeconds && Stopwatch.GetElapsedTime(began) < patience)
        {
            long from = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            double cpuNow = ProcessCpu.SecondsOf(process);
            long bytesNow = ServerFootprint.FilesOf(data).Bytes;
            bool isQuiet = cpuNow - cpu < CpuShareMax * Stopwatch.GetElapsedTime(from).TotalSeconds && bytesNow == bytes;
            (quiet, cpu, bytes) = (isQuiet ? quiet + 1 : 0, cpuNow, bytesNow);
        }

        return (quiet >= QuietSeconds, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
