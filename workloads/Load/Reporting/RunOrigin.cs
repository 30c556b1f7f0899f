using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace ObjectStore.Workloads.Load.Reporting;

/// <summary>Where and when figures were taken.</summary>
/// <param name="Machine">Processor, cores, runtime.</param>
/// <param name="Commit">Of the folder that the command was started in.</param>
/// <param name="StartedUtc">When.</param>
/// <param name="LoadBefore">Load average of the machine before the start: above 0.3 the figures are disturbed.</param>
internal sealed record RunOrigin(string Machine, string Commit, DateTime StartedUtc, double LoadBefore)
{
    /// <summary>Here and now.</summary>
    internal static async Task<RunOrigin> TakeAsync()
    {
        double load = double.Parse((await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0], CultureInfo.InvariantCulture);
        return new RunOrigin(ThisMachine(), await CommitAsync(), DateTime.UtcNow, load);
    }

    private static string ThisMachine()
    {
        string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1] ?? "unknown processor";
        return $"{Environment.ProcessorCount} cores of {model}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}";
    }

    private static async Task<string> CommitAsync()
    {
        try
        {
            using Process? git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true });
            return git is null ? "unknown" : (await git.StandardOutput.ReadToEndAsync()).Trim() is { Length: > 0 } commit ? commit : "unknown";
        }
        catch (Win32Exception)
        {
            return "unknown";
        }
    }
}
