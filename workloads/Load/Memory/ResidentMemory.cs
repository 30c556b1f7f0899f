using System;
using System.Globalization;
using System.IO;

namespace ObjectStore.Workloads.Load.Memory;

/// <summary>Resident memory of a process as the kernel counts it (proc(5), /proc/PID/status).</summary>
internal static class ResidentMemory
{
    /// <summary>Bytes now, and the most ever.</summary>
    internal static (long Now, long Most) Of(int process)
    {
        long now = 0;
        long most = 0;
        foreach (string line in File.ReadLines($"/proc/{process}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
            {
                now = Bytes(line);
            }
            else if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
            {
                most = Bytes(line);
            }
        }

        return (now, most);
    }

    private static long Bytes(string line) =>
        1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
