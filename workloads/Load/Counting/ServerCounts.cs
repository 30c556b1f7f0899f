using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net.Http;

namespace ObjectStore.Workloads.Load.Counting;

/// <summary>What a server had done at one moment, as the kernel (proc(5)) and its own metrics page count it.</summary>
/// <param name="CpuSeconds">User and system time.</param>
/// <param name="Sleeps">Times that a thread gave its core up to wait: every change of thread inside the server is one, for the one that wakes next slept before.</param>
/// <param name="Preemptions">Times that a thread was put off its core.</param>
/// <param name="AllocatedBytes">Managed memory.</param>
/// <param name="DiskWrites">Calls.</param>
/// <param name="DiskWrittenBytes">Bytes of these.</param>
/// <param name="DiskReads">Calls.</param>
/// <param name="DiskSyncs">Calls.</param>
internal sealed record ServerCounts(
    double CpuSeconds, double Sleeps, double Preemptions, double AllocatedBytes, double DiskWrites, double DiskWrittenBytes, double DiskReads, double DiskSyncs)
{
    /// <summary>Looks now.</summary>
    /// <exception cref="HttpRequestException">The metrics page is not there.</exception>
    internal static ServerCounts Take(int process, Uri address)
    {
        Dictionary<string, double> page = ReadPage(address);
        (double sleeps, double preemptions) = ContextSwitches(process);
        return new ServerCounts(
            Compare.ProcessCpu.SecondsOf(process),
            sleeps,
            preemptions,
            page["objectstore_allocated_bytes_total"],
            page["objectstore_disk_calls_total{call=\"write\"}"],
            page["objectstore_disk_bytes_total{call=\"write\"}"],
            page["objectstore_disk_calls_total{call=\"read\"}"],
            page["objectstore_disk_calls_total{call=\"sync\"}"]);
    }

    /// <summary>What came to be between an earlier moment and this one, for each of so many requests.</summary>
    internal ServerCounts Since(ServerCounts before, long requests)
    {
        double each = Math.Max(1, requests);
        return new ServerCounts(
            (CpuSeconds - before.CpuSeconds) / each,
            (Sleeps - before.Sleeps) / each,
            (Preemptions - before.Preemptions) / each,
            (AllocatedBytes - before.AllocatedBytes) / each,
            (DiskWrites - before.DiskWrites) / each,
            (DiskWrittenBytes - before.DiskWrittenBytes) / each,
            (DiskReads - before.DiskReads) / each,
            (DiskSyncs - before.DiskSyncs) / each);
    }

    private static Dictionary<string, double> ReadPage(Uri address)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/metrics"));
        using HttpResponseMessage answer = client.Send(request);
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        var page = new Dictionary<string, double>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            int space = line.LastIndexOf(' ');
            if (!line.StartsWith('#') && space > 0)
            {
                page[line[..space]] = double.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture);
            }
        }

        return page;
    }

    private static (double Sleeps, double Preemptions) ContextSwitches(int process)
    {
        (double sleeps, double preemptions) = (0, 0);
        foreach (string thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            try
            {
                foreach (string line in File.ReadLines(Path.Combine(thread, "status")))
                {
                    sleeps += ValueOf(line, "voluntary_ctxt_switches:");
                    preemptions += ValueOf(line, "nonvoluntary_ctxt_switches:");
                }
            }
            catch (IOException)
            {
                // The thread has ended since.
            }
        }

        return (sleeps, preemptions);
    }

    private static double ValueOf(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal) ? double.Parse(line.AsSpan(name.Length).Trim(), CultureInfo.InvariantCulture) : 0;
}
